"""A clock that is set by hand, and moments that are told from where it stands at first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)


def at(days: float = 0, hours: float = 0) -> datetime:
    """A moment, seen from :data:`NOW`."""
    return NOW + timedelta(days=days, hours=hours)


@dataclass
class Clock:
    """Stands still until it is set."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**span)
        return self.now


@dataclass
class WallClock(Clock):
    """Tells what time it is, for those who check certificates and tokens by a clock of their own."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)
