"""What is tried is given up once it has done too much, or taken too long, wherever it is."""

from __future__ import annotations

import sys
from contextlib import suppress
from itertools import count

import pytest

from gridmask.policies.testing.patience import Exhausted, Patience


def hurried(seconds: float = 1) -> Patience:
    """A patience to which each look at the clock is a hundredth of a second."""
    ticks = count()
    return Patience(5, seconds, lambda: next(ticks) / 100)


def stubborn() -> None:
    while True:
        with suppress(Exception):
            sorted([3, 2, 1], key=lambda one: -one)


def test_what_would_never_end_is_ended_whatever_errors_it_takes_for_its_own() -> None:
    before = sys.gettrace()
    with pytest.raises(Exhausted, match="it takes longer than 1 s"), hurried().kept():
        stubborn()
    assert sys.gettrace() is before


def test_what_is_played_with_one_patience_shares_it() -> None:
    patience = Patience(3)
    for _ in range(3):
        patience.step()
    assert patience.lost == ""
    with pytest.raises(Exhausted, match="more than 3 moments come due"):
        patience.step()
    assert patience.lost


def test_what_ends_in_time_is_left_alone() -> None:
    patience = hurried(100)
    with patience.kept():
        assert sorted([2, 1], key=lambda one: one) == [1, 2]
    assert patience.lost == ""
