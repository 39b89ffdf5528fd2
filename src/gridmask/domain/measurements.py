"""Measurements: what sources count and see of elements, one class a kind.

They are the ``value`` of :class:`~gridmask.domain.evidence.Evidence` whose ``kind`` is their name in :data:`VALUES`. Unlike a
downtime, which is declared, a measurement about a VO stands in place of one that says nothing of VOs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from math import isfinite
from operator import attrgetter
from sys import float_info
from typing import Literal, Protocol


class Measurement(Protocol):
    """What every kind of measurement can tell of itself."""

    @property
    def flaw(self) -> str:
        """Why it cannot be true, so that nothing may be concluded from it; empty if it can."""


@dataclass(frozen=True, slots=True)
class Space:
    """Sizes of a storage share in bytes. A ``total`` of 0 is one that the source does not know.

    More may be free than there is in all: such storage gives away what it does not have. ``free`` is 0, not less, where more
    is used than there should be.
    """

    total: float
    free: float

    @property
    def flaw(self) -> str:
        """See :class:`Measurement`."""
        return "" if _are_sound((self.total, self.free)) else _flaw_of({"total": self.total, "free": self.free})


@dataclass(frozen=True, slots=True)
class Jobs:
    """How many jobs are, or ended within the source's window, in each of DIRAC's job statuses."""

    done: int = 0
    completed: int = 0
    failed: int = 0
    running: int = 0
    matched: int = 0
    received: int = 0
    checking: int = 0
    waiting: int = 0
    staging: int = 0

    @property
    def flaw(self) -> str:
        """See :class:`Measurement`."""
        numbers = _numbers(self)
        return "" if _are_sound(numbers) else _flaw_of(dict(zip(_COUNTS, numbers, strict=True)))


_COUNTS = tuple(field.name for field in fields(Jobs))
_numbers = attrgetter(*_COUNTS)


@dataclass(frozen=True, slots=True)
class Pilots:
    """How many pilots ended within the source's window, and how many of these were aborted."""

    total: int
    aborted: int

    @property
    def flaw(self) -> str:
        """See :class:`Measurement`."""
        if self.aborted > self.total:
            return "more pilots were aborted than there were"
        return "" if _are_sound((self.total, self.aborted)) else _flaw_of({"total": self.total, "aborted": self.aborted})


Direction = Literal["source", "destination"]
"""Whether the element gives the data, or takes it."""


@dataclass(frozen=True, slots=True)
class Transfers:
    """How many transfers were attempted from (``source``) or to (``destination``) the element, and how many of these failed.

    ``other`` names the other end, where the measurement is about one channel.
    """

    direction: Direction
    attempted: int
    failed: int
    other: str = ""

    @property
    def topic(self) -> str:
        """What tells it from others of its kind: each of them stands for itself."""
        return f"{self.direction} {self.other}"

    @property
    def flaw(self) -> str:
        """See :class:`Measurement`."""
        if self.failed > self.attempted:
            return "more transfers failed than were attempted"
        return (
            "" if _are_sound((self.attempted, self.failed)) else _flaw_of({"attempted": self.attempted, "failed": self.failed})
        )


@dataclass(frozen=True, slots=True)
class Tickets:
    """How many tickets about the element are open, and where people can read them."""

    open: int
    urls: tuple[str, ...] = ()

    @property
    def flaw(self) -> str:
        """See :class:`Measurement`."""
        return "" if _are_sound((self.open,)) else _flaw_of({"open": self.open})


ProbeResult = Literal["OK", "WARNING", "CRITICAL", "UNKNOWN", "MISSING"]
"""Nagios' four results, and the ``MISSING`` of those who collect them."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What the probe called ``metric`` found, and its ``summary`` for people."""

    metric: str
    result: ProbeResult
    summary: str = ""

    @property
    def topic(self) -> str:
        """What tells it from others of its kind: each of them stands for itself."""
        return self.metric

    @property
    def flaw(self) -> str:
        """See :class:`Measurement`. A probe without a result is none: it tells nothing."""
        return ""


@dataclass(frozen=True, slots=True)
class State:
    """What a service says of itself in one word: ``Production``, ``Draining``, ``Closed``... ``comment`` is for people: why."""

    value: str
    comment: str = ""

    @property
    def flaw(self) -> str:
        """See :class:`Measurement`."""
        return "" if self.value else "it says nothing"


@dataclass(frozen=True, slots=True)
class Metric:
    """A number under a name, as a monitoring system publishes it."""

    name: str
    value: float
    unit: str = ""

    @property
    def topic(self) -> str:
        """What tells it from others of its kind: each of them stands for itself."""
        return self.name

    @property
    def flaw(self) -> str:
        """See :class:`Measurement`."""
        return "" if is_number(self.value) else f"{self.name} is no number ({str(self.value)[:40]})"


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a :class:`Series`, a number or a word, and the beginning of the time that it is about."""

    at: datetime
    value: float | str


@dataclass(frozen=True, slots=True)
class Series:
    """Values under a name, such as a status for each day of the last month. The order of ``points`` means nothing."""

    name: str
    points: tuple[Point, ...]

    @property
    def topic(self) -> str:
        """What tells it from others of its kind: each of them stands for itself."""
        return self.name

    @property
    def flaw(self) -> str:
        """See :class:`Measurement`. Single points are left to those who read it."""
        return ""


SPACE, JOBS, PILOTS, TRANSFERS, TICKETS = "space", "jobs", "pilots", "transfers", "tickets"
PROBE, STATE, METRIC, SERIES = "probe", "state", "metric", "series"

VALUES: Mapping[str, type[Measurement]] = {
    SPACE: Space,
    JOBS: Jobs,
    PILOTS: Pilots,
    TRANSFERS: Transfers,
    TICKETS: Tickets,
    PROBE: Probe,
    STATE: State,
    METRIC: Metric,
    SERIES: Series,
}
"""The class of a measurement by its kind."""


def _are_sound(numbers: Iterable[float]) -> bool:
    """Whether nothing is wrong with any of ``numbers``: of most there is nothing to tell."""
    # what is no number is neither more nor less than another
    return all([0 <= number <= _LARGEST for number in numbers])  # noqa: C419 - of a few numbers the list is made sooner


_LARGEST = float_info.max


def _flaw_of(numbers: Mapping[str, float]) -> str:
    return next(_flaws(numbers.items()), "")


def _flaws(numbers: Iterable[tuple[str, float]]) -> Iterator[str]:
    for name, number in numbers:
        if not is_number(number):
            yield f"{name} is no number ({str(number)[:40]})"
        elif number < 0:
            yield f"{name} is less than nothing ({number:,})"


def is_number(number: float) -> bool:
    """Whether it is one that can be reckoned with: not infinite, nor a whole number beyond what a float can be."""
    try:
        return isfinite(number)
    except OverflowError:
        return False
