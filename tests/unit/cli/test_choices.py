from __future__ import annotations

import pytest
import typer

from gridmask.cli.choices import one_of


def test_one_of_the_words_is_taken() -> None:
    assert one_of("text", "json")("json") == "json"


@pytest.mark.parametrize(("given", "told"), [("jsn", "did you mean 'json'"), ("xml", "'xml' is not one of text, json")])
def test_what_is_misspelt_is_told_with_what_there_is(given: str, told: str) -> None:
    with pytest.raises(typer.BadParameter, match=told):
        one_of("text", "json")(given)
