"""Retrying: what kind of trouble an error is, when to try again after it, and when to give up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from gridmask.domain.errors import Deferred, GridmaskError, TimedOut, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping


class Trouble(StrEnum):
    """What kind of trouble an error is."""

    UNREACHABLE = "unreachable"
    """Nobody is there, or nobody answers: it is no fault of what is told."""
    DEFERRED = "deferred"
    """They are there, and want to be told later."""
    FAULT = "fault"
    """They, or the action, fail on it: perhaps on this, perhaps on everything."""
    REFUSED = "refused"
    """They do not take it; to try again is of no use."""


@dataclass(frozen=True, slots=True)
class _Pace:
    """Seconds before the second attempt, doubled before each further one, up to the longest."""

    first: float
    longest: float

    def pause(self, attempts: int) -> float:
        return min(self.longest, self.first * 2.0 ** min(attempts - 1, 30))


_PACES: Mapping[Trouble, _Pace] = {
    Trouble.UNREACHABLE: _Pace(2, 300),
    Trouble.DEFERRED: _Pace(30, 1800),
    Trouble.FAULT: _Pace(10, 900),
}
_LONGEST_WAIT = 86_400.0
_JITTER = 0.25


@dataclass(frozen=True, slots=True)
class Patience:
    """When to give up.

    Attributes:
        attempts: after so many on which whoever was told failed; that nobody was there does not count.
        age: once what is told is so old.
    """

    attempts: int = 12
    age: timedelta = timedelta(days=3)

    def is_over(self, trouble: Trouble, attempts: int, made_at: datetime, now: datetime) -> bool:
        """Whether to give up on what was ``made_at`` that time."""
        if trouble is Trouble.REFUSED or now - made_at >= self.age:
            return True
        return trouble is Trouble.FAULT and attempts >= self.attempts


def trouble_of(error: BaseException) -> Trouble:
    """What kind of trouble ``error`` is."""
    if isinstance(error, Deferred):
        return Trouble.DEFERRED
    if isinstance(error, Unreachable | TimedOut | TimeoutError | ConnectionError):
        return Trouble.UNREACHABLE
    return Trouble.REFUSED if isinstance(error, GridmaskError) and error.permanent else Trouble.FAULT


def pause(error: BaseException, attempts: int, chance: float) -> timedelta:
    """How long to wait after so many ``attempts``, the last of which failed with ``error``.

    ``chance``, a number from 0 to 1, spreads those who wait: a quarter to either side.
    """
    wait = min(error.wait, _LONGEST_WAIT) if isinstance(error, Deferred) and error.wait else 0.0
    pace = _PACES.get(trouble_of(error), _PACES[Trouble.FAULT]).pause(attempts)
    return timedelta(seconds=max(wait, pace * (1 - _JITTER + 2 * _JITTER * chance)))
