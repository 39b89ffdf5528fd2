"""Hours: when people want to be left alone, and when they want digests; by the clock on their wall."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = timedelta(days=1)
_SPAN = re.compile(
    r"(?:(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?)?\s*(?:(?P<begin>\d\d:\d\d)-(?P<end>\d\d:\d\d))?", re.IGNORECASE
)
_FORM = "write it as in '22:00-07:00', 'sat-sun', or 'fri 18:00-24:00'"


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of certain days of the week (0 is Monday). One that ends before it begins ends on the next day."""

    days: frozenset[int]
    begin: timedelta
    end: timedelta

    @classmethod
    def parse(cls, text: str) -> Span:
        """The span that ``text`` says.

        Raises:
            ValueError: it says none.
        """
        match = _SPAN.fullmatch(text.strip())
        if not match or not text.strip():
            raise ValueError(f"{text!r} are no hours; {_FORM}")
        begin, end = (_clock(match[name]) for name in ("begin", "end")) if match["begin"] else (timedelta(), _DAY)
        if begin == end:
            raise ValueError(f"{text!r} begins when it ends; {_FORM}")
        return cls(frozenset(_days(match["first"], match["last"])), begin, end if end > begin else end + _DAY)


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody wants to be told.

    Attributes:
        zone: where their clock is.
        quiet: when not.
        digests: at which times of the day alone; none: at any.
    """

    zone: ZoneInfo = ZoneInfo("UTC")
    quiet: tuple[Span, ...] = ()
    digests: tuple[time, ...] = ()

    def next(self, now: datetime) -> datetime:
        """When to tell what there is to tell at ``now``: then, at the next digest, or when it is quiet no more."""
        if self.digests:
            return self._next_digest(now)
        moment = now
        for _ in range(len(self.quiet) * 9):  # one span may end within another; nothing is quiet for longer than a week
            ends = [end for begin, end in self._spans(moment) if begin <= moment < end]
            if not ends:
                return moment
            moment = max(ends)
        return moment

    def _next_digest(self, now: datetime) -> datetime:
        today = now.astimezone(self.zone).date()
        moments = (
            datetime.combine(today + _DAY * ahead, at, self.zone).astimezone(UTC) for ahead in (0, 1) for at in self.digests
        )
        return min(moment for moment in moments if moment > now)

    def _spans(self, now: datetime) -> Iterable[tuple[datetime, datetime]]:
        """The spans around ``now``, as moments."""
        today = now.astimezone(self.zone).date()
        for span in self.quiet:
            for ahead in (-1, 0):
                day = today + _DAY * ahead
                if day.weekday() in span.days:
                    midnight = datetime.combine(day, time())
                    begin, end = ((midnight + at).replace(tzinfo=self.zone) for at in (span.begin, span.end))
                    yield begin.astimezone(UTC), end.astimezone(UTC)


ANY_TIME = Hours()


def clock_time(text: str) -> time:
    """The time of the day that ``text`` says.

    Raises:
        ValueError: it says none.
    """
    if not re.fullmatch(r"\d\d:\d\d", text) or _clock(text) >= _DAY:
        raise ValueError(f"{text!r} is no time of the day; write it as in '08:30'")
    return time.fromisoformat(text)


def zone_of(name: str) -> ZoneInfo:
    """The time zone called ``name``.

    Raises:
        ValueError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}; they are called as in 'Europe/Zurich' or 'UTC'") from error


def _clock(text: str) -> timedelta:
    hours, minutes = map(int, text.split(":"))
    if minutes > 59 or timedelta(hours=hours, minutes=minutes) > _DAY:
        raise ValueError(f"{text!r} is no time of the day")
    return timedelta(hours=hours, minutes=minutes)


def _days(first: str | None, last: str | None) -> Iterable[int]:
    if first is None:
        return range(7)
    for day in (first, last or first):
        if day.lower() not in DAYS:
            raise ValueError(f"{day!r} is no day; there are {', '.join(DAYS)}")
    begin, end = DAYS.index(first.lower()), DAYS.index((last or first).lower())
    return (day % 7 for day in range(begin, (end if end >= begin else end + 7) + 1))
