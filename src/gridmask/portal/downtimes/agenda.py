"""The agenda as it is drawn: sites against days, a bar for each downtime."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.service.agenda import Announcement

WIDTH = 1000.0
"""How wide a drawing is, whatever it is shown at."""

HEIGHT = 16
"""How high the bar of one downtime is, with what is between it and the next."""

THINNEST = 2.0
"""No bar is thinner: an hour must be seen in a quarter of a year."""


@dataclass(frozen=True, slots=True)
class Column:
    """A day of the calendar, or an hour, or less, from ``start`` on, by the reader's clock.

    Attributes:
        start: where it begins.
        x: where it is drawn.
        width: how wide.
        label: what stands above it; empty where nothing fits.
        is_shaded: whether it is set off: weekends from workdays, and one hour from the next.
    """

    start: datetime
    x: float
    width: float
    label: str
    is_shaded: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A downtime as it is drawn: from ``x`` on, so wide; ``opens``, ``closes``: whether its beginning and end are in it."""

    announcement: Announcement
    x: float
    y: int
    width: float
    opens: bool
    closes: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """What is announced for one site; empty: for what is at none."""

    site: str
    marks: tuple[Mark, ...]

    @property
    def height(self) -> int:
        """How high it is drawn."""
        return HEIGHT * (1 + max((mark.y for mark in self.marks), default=0))


class Span(StrEnum):
    """How much of the calendar to look at."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"

    @property
    def days(self) -> int:
        """How many days that is; an hour is none."""
        return {"hour": 0, "day": 1, "week": 7, "month": 31, "quarter": 92}[self]

    def begin(self, now: datetime) -> datetime:
        """Where it begins, so that what is going on at ``now``, by whose clock, is in it."""
        if self is Span.HOUR:
            return now.replace(minute=now.minute // 10 * 10, second=0, microsecond=0) - timedelta(minutes=10)
        return _midnight(now) if self is Span.DAY else _midnight(now - timedelta(days=1))

    def after(self, begin: datetime, times: int = 1) -> datetime:
        """Where it ends that began at ``begin``: as many days later by the clock, however long they are."""
        if self is Span.HOUR:
            return (begin.astimezone(UTC) + times * timedelta(hours=1)).astimezone(begin.tzinfo)
        return begin + times * timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Period:
    """The stretch of time of ``span`` from ``since`` on, by the clock that this shows."""

    span: Span
    since: datetime

    @property
    def until(self) -> datetime:
        """Where it ends."""
        return self.span.after(self.since)

    def contains(self, moment: datetime) -> bool:
        """Whether ``moment`` lies within."""
        return self.since.timestamp() <= moment.timestamp() < self.until.timestamp()

    def at(self, moment: datetime) -> float:
        """Where ``moment`` is drawn; what lies outside, at the edge."""
        # by their instants: the same clock shows some moments of a year twice
        since, until = self.since.timestamp(), self.until.timestamp()
        return round(min(max((moment.timestamp() - since) / (until - since), 0.0), 1.0) * WIDTH, 1)

    def columns(self) -> list[Column]:
        """What it is divided into. A day of 23 hours is narrower."""
        starts = list(self._starts())
        return [
            Column(
                start,
                self.at(start),
                round(self.at(end) - self.at(start), 1),
                _label(self.span, start, place),
                start.isoweekday() > 5 if self.span.days > 1 else place % 2 == 1,
            )
            for place, (start, end) in enumerate(pairwise([*starts, self.until]))
        ]

    def _starts(self) -> Iterator[datetime]:
        start = self.since
        while start.timestamp() < self.until.timestamp():
            yield start
            if self.span is Span.HOUR:
                start += timedelta(minutes=10)
            elif self.span is Span.DAY:
                start = (start.astimezone(UTC) + timedelta(hours=1)).astimezone(start.tzinfo)
            else:
                start += timedelta(days=1)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _label(span: Span, start: datetime, place: int) -> str:
    if span is Span.HOUR:
        return f"{start:%H:%M}"
    if span is Span.DAY:
        return f"{start:%H}" if place % 3 == 0 else ""
    if span is Span.WEEK:
        return f"{start:%a} {start.day}"
    wanted = start.isoweekday() == 1 if span is Span.MONTH else start.isoweekday() == 1 and start.day <= 14
    return f"{start.day} {start:%b}" if wanted else ""


def strips(announcements: Iterable[Announcement], period: Period) -> list[Strip]:
    """``announcements``, by site; those of one site that would cover each other, below each other."""
    by_site: dict[str, list[Announcement]] = {}
    for one in announcements:
        for site in one.sites or ("",):
            by_site.setdefault(site, []).append(one)
    ordered = sorted(by_site, key=lambda site: (not site, site.casefold(), site))
    return [Strip(site, tuple(_marks(by_site[site], period))) for site in ordered]


def _marks(announcements: Sequence[Announcement], period: Period) -> Iterator[Mark]:
    ends: list[float] = []
    for one in sorted(announcements, key=lambda one: (one.downtime.interval.start, one.downtime.key)):
        start, end = one.downtime.interval.start, one.downtime.interval.end
        left = min(period.at(start), WIDTH - THINNEST)
        right = max(period.at(end) if end else WIDTH, left + THINNEST)
        row = next((row for row, taken in enumerate(ends) if taken <= left), len(ends))
        ends[row : row + 1] = [right]
        closes = end is not None and end.timestamp() <= period.until.timestamp()
        yield Mark(one, left, row, round(right - left, 1), start.timestamp() >= period.since.timestamp(), closes)
