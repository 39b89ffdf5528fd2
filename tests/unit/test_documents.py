"""Errors about documents that people write are for people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmask.documents import Strict, duration, validated
from gridmask.domain.errors import InvalidConfiguration


class Table(Strict):
    numbers: tuple[int, ...] = ()
    name: str = ""


def test_the_first_problems_are_told_and_the_others_counted() -> None:
    with pytest.raises(InvalidConfiguration, match=r"numbers\[0\].*numbers\[9\].*; and 4,990 more$") as caught:
        validated(Table, {"numbers": ["x"] * 5000}, "here")
    assert "numbers[10]" not in str(caught.value)


def test_a_value_that_has_no_end_is_told_by_its_beginning() -> None:
    with pytest.raises(InvalidConfiguration, match=r"numbers\[0\].*'xxx.*x\.\.\. of 100,002 characters") as caught:
        validated(Table, {"numbers": ["x" * 100_000], "y" * 100_000: 1}, "here")
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize("text", ["99999999999d", "36526d", "1e9d"])
def test_a_duration_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="more than a hundred years|not a duration"):
        duration(text)


def test_a_hundred_years_are_allowed() -> None:
    assert duration("36525d") == timedelta(days=36_525)
