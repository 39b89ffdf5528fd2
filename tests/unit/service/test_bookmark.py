from __future__ import annotations

import pytest

from gridmask.service.bookmark import Bookmark


@pytest.mark.parametrize("text", ["0", "42", "42-3f9a0c5be1d27846", "9" * 18])
def test_what_names_a_place_is_written_as_it_was_read(text: str) -> None:
    assert str(Bookmark.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "-1", "x", "42-", "42-3f", "42-3F9A0C5BE1D27846", "4 2", "٣", "9" * 19, "42-3f9a0c5be1d27846\n"]
)
def test_what_names_none_is_none(text: str) -> None:
    assert Bookmark.parse(text) is None
