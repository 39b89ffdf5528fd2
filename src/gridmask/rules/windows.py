"""Counts over windows: verdicts with a memory, from a series alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.gauges import POINTS, Threshold
from gridmask.domain.matching import described, matches
from gridmask.domain.measurements import SERIES, Point, Series
from gridmask.domain.status import Status
from gridmask.rules.reading import Judgement, Opinion, Reading, concluded, readings
from gridmask.rules.thresholds import in_order

if TYPE_CHECKING:
    from gridmask.domain.policy import Case, Finding


class _Kind(Enum):
    """What a point says. One that says neither leaves things as they are."""

    BAD = "bad"
    GOOD = "good"
    NEITHER = "neither"


class _Standing(NamedTuple):
    """Where a walk along a series has got to."""

    down_since: datetime | None = None
    bad: int = 0
    good_in_a_row: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class WindowedCount:
    """So many bad points within a window ask for ``status``; so many good ones in a row take that back.

    The rule walks along the series from its first point. At a bad point with ``bad_count`` or more bad ones in the window that
    ends there, ``status`` begins. It ends at the good point that is the ``good_in_a_row``-th since the last bad one, or, where
    that is 0, as soon as the window holds fewer bad ones. What lies before the series is taken to have been good, so let the
    series be longer than the window. Of several series the worst decides.

    Points that are neither bad nor good, such as those of days on which nothing was measured, change nothing: they do not
    break a row of good ones, and do not count as points of a window. Points of the future do not count until then.

    Attributes:
        series: patterns of the names of the series that count.
        bad: patterns of the words that are bad.
        good: patterns of the words that are good.
        bad_below: numbers below it are bad.
        good_from: numbers from it on are good; those between the two are neither.
        window: the time that a window spans; 0 is any time.
        points: how many of the last bad and good points a window holds at most; 0 is any number.
        bad_count: so many bad points in a window begin it.
        good_in_a_row: so many good points in a row end it; 0: ends as soon as it would not begin any more.
        minimum: with fewer bad and good points in all, the verdict is ``Unknown``.
        status: what it asks for.
    """

    series: tuple[str, ...] = ("*",)
    bad: tuple[str, ...] = ("bad", "error")
    good: tuple[str, ...] = ("good", "ok")
    bad_below: float = 0.8
    good_from: float = 0.9
    window: timedelta = timedelta()
    points: int = 0
    bad_count: int = 2
    good_in_a_row: int = 0
    minimum: int = 1
    status: Status = Status.BANNED

    same_for_all_rows = True
    reads = frozenset({SERIES})

    def __post_init__(self) -> None:
        in_order(bad_below=self.bad_below, good_from=self.good_from)
        if self.bad_count < 1:
            raise ValueError("bad_count: must be 1 or more; without a bad point nothing begins")
        if not self.window and not self.points:
            raise ValueError("window, points: say how far back to count, in time or in points, such as window = '3d'")
        if 0 < self.points < self.bad_count:
            raise ValueError(f"bad_count ({self.bad_count}) is more than the {self.points} points of a window can be")

    def assess(self, case: Case) -> Finding:
        """See :class:`~gridmask.domain.policy.Rule`."""
        found = readings(case, SERIES, Series, lambda s: described(self.series, s.name))
        past, to_come = _until(found, case.now)
        finding = concluded(case, SERIES, past, Judgement(self._opinion, worst=self.status))
        moments = [moment for moment in (finding.until, *to_come) if moment is not None]
        return finding._replace(until=min(moments, default=None))

    def thresholds(self) -> tuple[Threshold, ...]:
        """See :class:`~gridmask.domain.policy.Rule`: what a single point is compared with."""
        return (Threshold(POINTS, self.bad_below, self.status, topics=self.series),)

    def _opinion(self, values: tuple[Series, ...]) -> Opinion:
        (series,) = values
        standing = self._walked(series.points)
        if standing.known < max(self.minimum, 1):
            told = f"{series.name} has {standing.known:,} points that are bad or good"
            return Opinion(Status.UNKNOWN, f"{told}: at least {max(self.minimum, 1):,} are needed.")
        told = (
            f"{series.name}: {standing.bad:,} bad of the last {self._window()}, {standing.good_in_a_row:,} good in a row since"
        )
        if standing.down_since is None:
            return Opinion(Status.ACTIVE, f"{told}; {self.bad_count:,} bad would be too many.")
        return Opinion(
            self.status, f"{told}; {self.bad_count:,} since {standing.down_since:%Y-%m-%d %H:%M} UTC, {self._end()}."
        )

    def _end(self) -> str:
        return f"{self.good_in_a_row:,} good in a row end it" if self.good_in_a_row else f"fewer than {self.bad_count:,} end it"

    def _window(self) -> str:
        time = f"{self.window / timedelta(hours=1):g} hours" if self.window else ""
        return f"{self.points:,} points" + (f" within {time}" if time else "") if self.points else time

    def _walked(self, points: Sequence[Point]) -> _Standing:
        standing, window = _Standing(), deque[tuple[datetime, bool]]()
        for point, is_bad in self._known(points):
            window.append((point.at, is_bad))
            self._forget(window, point.at)
            bad = sum(bad for _, bad in window)
            row = 0 if is_bad else standing.good_in_a_row + 1
            down = self._down(standing.down_since, point.at, is_bad=is_bad, bad=bad, row=row)
            standing = _Standing(down, bad, row, standing.known + 1)
        return standing

    def _down(self, since: datetime | None, at: datetime, *, is_bad: bool, bad: int, row: int) -> datetime | None:
        """Since when the status lasts after a point, if it does."""
        too_many = bad >= self.bad_count
        if not self.good_in_a_row:
            return (since or at) if too_many else None
        if is_bad:
            return since or (at if too_many else None)
        return None if row >= self.good_in_a_row else since

    def _forget(self, window: deque[tuple[datetime, bool]], now: datetime) -> None:
        while (self.points and len(window) > self.points) or (self.window and now - window[0][0] >= self.window):
            window.popleft()

    def _known(self, points: Sequence[Point]) -> Iterator[tuple[Point, bool]]:
        for point in sorted(points, key=_order):
            kind = self._kind(point.value)
            if kind is not _Kind.NEITHER:
                yield point, kind is _Kind.BAD

    def _kind(self, value: float | str) -> _Kind:
        if isinstance(value, str):
            is_bad, is_good = (any(matches(pattern, value) for pattern in patterns) for patterns in (self.bad, self.good))
        else:
            is_bad, is_good = isfinite(value) and value < self.bad_below, isfinite(value) and value >= self.good_from
        # what is called both is bad
        return _Kind.BAD if is_bad else _Kind.GOOD if is_good else _Kind.NEITHER


def _order(point: Point) -> tuple[datetime, str]:
    return point.at, str(point.value)


def _until(found: Sequence[Reading[Series]], now: datetime) -> tuple[list[Reading[Series]], list[datetime]]:
    """``found`` without the points of the future, and when these will be."""
    past = [
        Reading(tuple(replace(s, points=tuple(p for p in s.points if p.at <= now)) for s in one.values), one.evidence)
        for one in found
    ]
    return past, [point.at for one in found for series in one.values for point in series.points if point.at > now]
