"""When what failed is tried again, and when it is given up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmask.actions.retrying import Patience, Trouble, pause, trouble_of
from gridmask.domain.errors import BadStatus, Deferred, InvalidConfiguration, NotTold, Refused, TimedOut, Unreachable
from tests.clocks import NOW, at


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (Unreachable("x", "y"), Trouble.UNREACHABLE),
        (TimedOut("x", "y"), Trouble.UNREACHABLE),
        (TimeoutError(), Trouble.UNREACHABLE),
        (ConnectionResetError(), Trouble.UNREACHABLE),
        (Deferred("x", "y"), Trouble.DEFERRED),
        (NotTold("x", "y"), Trouble.FAULT),
        (BadStatus("x", 500), Trouble.FAULT),
        (KeyError("x"), Trouble.FAULT),
        (Refused("x", "y"), Trouble.REFUSED),
        (InvalidConfiguration("x", "y"), Trouble.REFUSED),
    ],
)
def test_errors_are_of_a_kind(error: Exception, trouble: Trouble) -> None:
    assert trouble_of(error) is trouble


def test_pauses_grow_to_their_longest_and_differ_by_a_quarter() -> None:
    away = Unreachable("x", "y")
    assert [pause(away, n, 0.5).total_seconds() for n in (1, 2, 3, 9, 10_000)] == [2, 4, 8, 300, 300]
    assert [pause(away, 1, chance).total_seconds() for chance in (0, 1)] == [1.5, 2.5]


def test_who_says_when_is_heard_but_not_for_ever() -> None:
    assert pause(Deferred("x", "y", 120), 1, 0.5) == timedelta(minutes=2)
    assert pause(Deferred("x", "y", 10**9), 1, 0.5) == timedelta(days=1)
    assert pause(Deferred("x", "y"), 1, 0.5) == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("trouble", "attempts", "days", "over"),
    [
        (Trouble.REFUSED, 1, 0, True),
        (Trouble.FAULT, 11, 0, False),
        (Trouble.FAULT, 12, 0, True),
        (Trouble.UNREACHABLE, 1000, 2.9, False),
        (Trouble.DEFERRED, 1, 3, True),
    ],
)
def test_what_is_of_no_use_or_too_old_is_given_up(trouble: Trouble, attempts: int, days: float, over: bool) -> None:  # noqa: FBT001
    assert Patience().is_over(trouble, attempts, NOW, at(days=days)) is over
