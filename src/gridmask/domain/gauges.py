"""Gauges: what measurements amount to as numbers, and the thresholds from which on rules ask for another status."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from gridmask.domain.matching import matches
from gridmask.domain.measurements import JOBS, METRIC, PILOTS, SERIES, SPACE, TICKETS, TRANSFERS, Metric, Series

if TYPE_CHECKING:
    from gridmask.domain.status import Status

BYTES, SHARE, COUNT = "B", "share", ""
"""Units that have a meaning of their own; any other is written as it is."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number that can be read off measurements of one kind.

    Attributes:
        name: what it is, for people; together with ``kind`` its identity.
        kind: of which measurements it is read.
        part: what it counts of one measurement.
        whole: what that is a part of; None: of nothing, it is a number by itself.
        unit: what it is told in.
        adds_up: whether several records of one source are parts of one number.
    """

    name: str
    kind: str
    part: Callable[[Any], float]
    whole: Callable[[Any], float] | None = None
    unit: str = COUNT
    adds_up: bool = False

    def read(self, values: Sequence[object]) -> float | None:
        """What ``values`` of its kind amount to together; None: nothing can be said."""
        part = sum(map(self.part, values))
        whole = sum(map(self.whole, values)) if self.whole else 1.0
        return part / whole if whole and isfinite(part) and isfinite(whole) else None


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where a rule begins to ask for another status.

    Attributes:
        gauge: what is compared.
        at: with what.
        status: what is asked for beyond it.
        rising: whether more is worse; else less is.
        included: whether the threshold itself is beyond it.
        topics: patterns of the names of the measurements that are compared, where these have names.
    """

    gauge: Gauge
    at: float
    status: Status
    rising: bool = False
    included: bool = False
    topics: tuple[str, ...] = ("*",)

    def judges(self, gauge: Gauge, topic: str = "") -> bool:
        """Whether it is about what ``gauge`` reads of measurements called ``topic``."""
        same = (self.gauge.name, self.gauge.kind) == (gauge.name, gauge.kind) or self.gauge.kind == gauge.kind in _NAMED
        return same and any(matches(pattern, topic) for pattern in self.topics)

    def is_passed(self, value: float) -> bool:
        """Whether ``value`` lies beyond it."""
        if value == self.at:
            return self.included
        return (value > self.at) is self.rising


def _last(series: Series) -> float:
    numbers = [(point.at, point.value) for point in series.points if isinstance(point.value, int | float)]
    return float(max(numbers)[1]) if numbers else float("nan")


FREE_SPACE = Gauge("free space", SPACE, lambda space: float(space.free), unit=BYTES)
FREE_SHARE = Gauge("free part of the space", SPACE, lambda space: float(space.free), lambda space: float(space.total), SHARE)
JOBS_DONE = Gauge("completed jobs that are done", JOBS, lambda j: j.done, lambda j: j.completed + j.done, SHARE, adds_up=True)
JOBS_WELL = Gauge(
    "ended jobs that did not fail",
    JOBS,
    lambda j: j.done + j.completed,
    lambda j: j.done + j.completed + j.failed,
    SHARE,
    adds_up=True,
)
JOBS_MATCHED = Gauge(
    "matched jobs that run",
    JOBS,
    lambda j: j.running,
    lambda j: j.running + j.matched + j.received + j.checking,
    SHARE,
    adds_up=True,
)
JOBS_TO_RUN = Gauge(
    "jobs to run that run", JOBS, lambda j: j.running, lambda j: j.running + j.waiting + j.staging, SHARE, adds_up=True
)
JOBS_FAILED = Gauge("failed jobs", JOBS, lambda j: j.failed, adds_up=True)
PILOTS_WELL = Gauge(
    "pilots that were not aborted", PILOTS, lambda p: p.total - p.aborted, lambda p: p.total, SHARE, adds_up=True
)
PILOTS_ABORTED = Gauge("aborted pilots", PILOTS, lambda p: p.aborted, adds_up=True)
TRANSFERS_WELL = Gauge(
    "transfers that did not fail", TRANSFERS, lambda t: t.attempted - t.failed, lambda t: t.attempted, SHARE, adds_up=True
)
TRANSFERS_FAILED = Gauge("failed transfers", TRANSFERS, lambda t: t.failed, adds_up=True)
TICKETS_OPEN = Gauge("open tickets", TICKETS, lambda tickets: tickets.open, adds_up=True)
POINTS = Gauge("last value", SERIES, _last)
METRICS = Gauge("value", METRIC, lambda metric: metric.value)

GAUGES: Mapping[str, tuple[Gauge, ...]] = {
    SPACE: (FREE_SPACE, FREE_SHARE),
    JOBS: (JOBS_WELL, JOBS_DONE, JOBS_MATCHED, JOBS_TO_RUN, JOBS_FAILED),
    PILOTS: (PILOTS_WELL, PILOTS_ABORTED),
    TRANSFERS: (TRANSFERS_WELL, TRANSFERS_FAILED),
    TICKETS: (TICKETS_OPEN,),
}
"""What can be read of each kind of measurement, what is looked at most first; of those with names of their own, see below."""

_NAMED = frozenset({METRIC, SERIES})
"""Kinds whose measurements are each called as they like: a threshold says by ``topics`` which it means."""


def gauges_of(value: object, kind: str) -> tuple[Gauge, ...]:
    """What can be read off measurements such as ``value``, which is of ``kind``."""
    if isinstance(value, Metric):
        return (Gauge(value.name, METRIC, METRICS.part, unit=value.unit),)
    if isinstance(value, Series):
        return (Gauge(value.name, SERIES, POINTS.part),)
    return GAUGES.get(kind, ())


def thresholds_of(rule: object) -> tuple[Threshold, ...]:
    """The thresholds of ``rule``; none, where it has none or does not tell."""
    tell = getattr(rule, "thresholds", None)
    return tuple(tell()) if callable(tell) else ()
