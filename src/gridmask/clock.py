"""Clocks: where the time comes from. Nothing in Gridmask asks the machine itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, in UTC and aware."""


def system_clock() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


def fixed_clock(moment: datetime) -> Clock:
    """A clock that stands still."""
    return lambda: moment
