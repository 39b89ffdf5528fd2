"""Axes of time: where moments lie, and which are named, in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST = 6
"""So many moments are named at most: that many fit where the place is little."""

_MINUTES = (5, 10, 15, 30, 60, 120, 180, 360, 720)
_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 2, 3, 6, 12, 24, 60)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment that is named, at ``place`` percent."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Time from ``since`` up to ``until``."""

    since: datetime
    until: datetime

    def place(self, moment: datetime) -> float:
        """Where ``moment`` lies, in percent; what is outside, at its end."""
        share = (moment - self.since) / (self.until - self.since)
        return round(min(max(share, 0.0), 1.0) * 100, 3)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The moments that are named."""
        moments = self._moments()
        return tuple(Tick(self.place(at), _label(at)) for at in moments if self.since <= at <= self.until)

    def _moments(self) -> list[datetime]:
        whole = self.until - self.since
        for minutes in _MINUTES:
            if whole / timedelta(minutes=minutes) <= MOST:
                return list(_every(self.since, self.until, timedelta(minutes=minutes)))
        for days in _DAYS:
            if whole / timedelta(days=days) <= MOST:
                return list(_every(self.since, self.until, timedelta(days=days)))
        months = next((count for count in _MONTHS if whole / timedelta(days=30.5 * count) <= MOST), _MONTHS[-1])
        return list(_months(self.since, self.until, months))


def _every(since: datetime, until: datetime, step: timedelta) -> Iterator[datetime]:
    """The moments between that lie whole steps after some midnight, the same for whoever begins later."""
    first = since.replace(hour=0, minute=0, second=0, microsecond=0)
    if step > _DAY:
        first -= timedelta(days=(first.toordinal() - 1) % step.days)
    while first <= until:
        yield first
        first += step


def _months(since: datetime, until: datetime, count: int) -> Iterator[datetime]:
    number = (since.year * 12 + since.month - 1) // count * count
    while (at := since.replace(year=number // 12, month=number % 12 + 1, day=1, hour=0, minute=0, second=0)) <= until:
        yield at.replace(microsecond=0)
        number += count


def _label(at: datetime) -> str:
    if at.hour or at.minute:
        return f"{at:%H:%M}"
    return f"{at:%Y}" if (at.month, at.day) == (1, 1) else f"{at.day} {at:%b}"
