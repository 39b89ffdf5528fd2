"""Axes of time: where a moment is drawn, and which moments are named, in the hours of whoever reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

MOST, FEW = 12, 5
"""So many moments are named where there is room, and where there is little."""

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Unit(Enum):
    """What ticks count."""

    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Step:
    """Ticks stand ``count`` of ``unit`` apart, which is about ``length``."""

    unit: Unit
    count: int
    length: timedelta


STEPS = (
    *(Step(Unit.MINUTE, count, count * MINUTE) for count in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)),
    *(Step(Unit.DAY, count, count * DAY) for count in (1, 2, 7, 14)),
    *(Step(Unit.MONTH, count, count * timedelta(days=30.5)) for count in (1, 2, 3, 6, 12, 24, 60)),
)
"""From the finest to the coarsest."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment that is named.

    Attributes:
        at: the moment.
        place: where it is drawn, in percent of the axis.
        label: what it is called.
        day: whether a day begins with it, or what is longer.
        room: ``any``: it is named wherever; ``much``: where there is room; ``little``: only where there is little.
    """

    at: datetime
    place: float
    label: str
    day: bool
    room: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Time from ``since`` up to ``until``, in the hours of ``zone``."""

    since: datetime
    until: datetime
    zone: str = "UTC"

    def place(self, moment: datetime) -> float:
        """Where ``moment`` is drawn, in percent; what lies outside, at its end."""
        share = (moment - self.since) / (self.until - self.since)
        return round(min(max(share, 0.0), 1.0) * 100, 3)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The moments that are named, in order."""
        many, few = (dict(self._named(most)) for most in (MOST, FEW))
        return tuple(self._tick(at, many, few) for at in sorted({**many, **few}))

    def _tick(self, at: datetime, many: dict[datetime, str], few: dict[datetime, str]) -> Tick:
        room = "any" if at in many and at in few else "much" if at in many else "little"
        begins = at.astimezone(ZoneInfo(self.zone)).time() == time(0)
        return Tick(at, self.place(at), few.get(at) or many[at], begins, room)

    def _named(self, most: int) -> Iterator[tuple[datetime, str]]:
        step = _step(self.until - self.since, most)
        for at in _moments(self.since, self.until, step, ZoneInfo(self.zone)):
            yield at, _label(at.astimezone(ZoneInfo(self.zone)), step)


def _step(length: timedelta, most: int) -> Step:
    return next((step for step in STEPS if length / step.length <= most), STEPS[-1])


def _moments(since: datetime, until: datetime, step: Step, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments of ``step`` from ``since`` up to ``until``; none that a clock that is set forward leaves out."""
    for day in _days(since.astimezone(zone).date(), until.astimezone(zone).date(), step):
        for clock in _clocks(step):
            local = datetime.combine(day, clock, zone)
            at = local.astimezone(UTC)
            if since <= at < until and at.astimezone(zone).time() == clock:
                yield at


def _days(first: date, last: date, step: Step) -> Iterator[date]:
    day = first
    while day <= last:
        if _begins(day, step):
            yield day
        day += timedelta(days=1)


def _begins(day: date, step: Step) -> bool:
    match step.unit:
        case Unit.MINUTE:
            return True
        case Unit.DAY:
            # weeks begin on Mondays, as the first day of all did
            return (day.toordinal() - 1) % step.count == 0
        case Unit.MONTH:
            return day.day == 1 and (day.year * 12 + day.month - 1) % step.count == 0


def _clocks(step: Step) -> Iterator[time]:
    if step.unit is not Unit.MINUTE:
        yield time(0)
        return
    for minute in range(0, 24 * 60, step.count):
        yield time(minute // 60, minute % 60)


def _label(local: datetime, step: Step) -> str:
    if step.unit is Unit.MONTH:
        return f"{local:%Y}" if local.month == 1 else f"{local:%b}"
    if step.unit is Unit.DAY or local.time() == time(0):
        return f"{local.day} {local:%b}"
    return f"{local:%H:%M}"
