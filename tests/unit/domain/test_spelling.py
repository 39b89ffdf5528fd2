from __future__ import annotations

from time import process_time

import pytest

from gridmask.domain.spelling import hint, suggest


@pytest.mark.parametrize(("name", "suggestion"), [("Degrade", "Degraded"), ("DEGRADED", "Degraded"), ("x", None), ("", None)])
def test_a_suggestion_is_near_or_none(name: str, suggestion: str | None) -> None:
    assert suggest(name, ["Degraded", "Active"]) == suggestion


def test_a_suggestion_among_very_many_names_is_found_at_once() -> None:
    names = [f"ce{number:06}.site{number % 300}.example.org" for number in range(20_000)]
    started = process_time()
    assert suggest("ce012345.site45.exmple.org", names) == "ce012345.site45.example.org"
    assert suggest("ce0x2345.site45.example.org", names) == "ce012345.site45.example.org"
    assert process_time() - started < 0.2


def test_what_is_hinted_at_is_the_suggestion_or_all_that_there_are_if_they_are_few() -> None:
    assert hint("cms", ["atlas", "cms"]) == " Did you mean 'cms'?"
    assert hint(None, ["atlas", "cms"]) == " There are atlas, cms."
    assert hint(None, [str(number) for number in range(13)]) == ""
    assert hint(None, []) == ""
