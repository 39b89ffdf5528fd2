"""Windows: which stretch of time a page looks at, as its address says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing is known of any time before; steps are counted from here."""


class Span(StrEnum):
    """How much is looked at; ``all`` since something is known."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    ALL = "all"

    @property
    def length(self) -> timedelta | None:
        """How long that is; None: as long as it takes."""
        return _LENGTHS.get(self)


_LENGTHS = {Span.HOUR: HOUR, Span.DAY: DAY, Span.WEEK: 7 * DAY, Span.MONTH: 30 * DAY, Span.YEAR: 365 * DAY}

_STEPS = {
    Span.HOUR: timedelta(minutes=5),
    Span.DAY: HOUR,
    Span.WEEK: 6 * HOUR,
    Span.MONTH: DAY,
    Span.YEAR: 14 * DAY,
    Span.ALL: DAY,
}
"""A window that ends with the present ends at a multiple of these, so that what is drawn does not move with every look."""

_ENOUGH = 0.9
"""The customary window is the least of which this part is longer ago than what it has to show."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is looked at.

    Attributes:
        span: how much.
        since: from when on; None: since something is known.
        until: up to when; a little of what is to come is in it, unless somebody asked for another time.
        asked: up to when somebody asked for; None: the present.
        now: the present.
    """

    span: Span
    since: datetime | None
    until: datetime
    asked: datetime | None
    now: datetime

    @property
    def before(self) -> str | None:
        """What an address says for the time before; None where there is none."""
        return said(self.since) if self.since is not None and self.since > EPOCH else None

    @property
    def after(self) -> str | None:
        """The same for the time after; empty: that is the present. None where nobody knows yet."""
        if self.asked is None or self.span.length is None:
            return None
        following = self.until + self.span.length
        return said(following) if following < self.now else ""


def window(span: Span, until: datetime | None, now: datetime) -> Window:
    """The window of ``span`` up to ``until``; None: the present, and a little of what is to come."""
    asked = None if until is None else _within(until, now)
    end = asked or _rounded(now, _STEPS[span])
    return Window(span, None if span.length is None else end - span.length, end, asked, now)


def customary(since: Iterable[datetime], now: datetime, least: Span = Span.DAY) -> Span:
    """The shortest span, not shorter than ``least``, in which one sees what has been so ``since``."""
    age = now - max(since, default=now)
    spans = [span for span in Span if span.length is not None and span.length >= (least.length or HOUR)]
    return next((span for span in spans if age <= (span.length or DAY) * _ENOUGH), Span.YEAR)


def said(moment: datetime) -> str:
    """``moment`` as addresses say it."""
    return f"{_in_utc(moment):%Y-%m-%dT%H:%MZ}"


def _within(moment: datetime, now: datetime) -> datetime:
    """``moment``, brought into the time of which anything can be known."""
    return min(max(_in_utc(moment), EPOCH + 400 * DAY), now)


def _in_utc(moment: datetime) -> datetime:
    """``moment`` in UTC; without a zone, it is one of UTC, and so it is at the edges of the calendar."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


def _rounded(now: datetime, step: timedelta) -> datetime:
    """The first multiple of ``step`` that is at least a third of it ahead of ``now``."""
    return EPOCH + -(-(now + step / 3 - EPOCH) // step) * step
