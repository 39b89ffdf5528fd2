"""Scores: what a policy set did well and badly, in hours of resources, as VOs saw it.

Every number is defined in ``docs/reference/replay-scores.md``. There are two readings of each: with what was known at each
moment, and with hindsight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from gridmask.domain.vo import ALL
from gridmask.replay.capacity import Unit, capacity
from gridmask.replay.seen import readers, stretches
from gridmask.replay.tally import LOST, MISSED, NOT_ACTED, UNUSABLE, USABLE, Count, Kind, Overlay, Part, Tally, together
from gridmask.replay.tallying import tally
from gridmask.replay.truth import RUN_UP, as_known, heard, in_hindsight, outages_by_element

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.domain.hindsight import Known
    from gridmask.replay.outcome import Outcome, Past
    from gridmask.replay.truth import Truth

HOUR = timedelta(hours=1)


class Reading(StrEnum):
    """By which knowledge it is judged whether there was an outage."""

    KNOWN = "known"
    HINDSIGHT = "hindsight"


@dataclass(frozen=True, slots=True)
class Line:
    """How the time of one element was spent, as some VOs saw it, all of them the same.

    Attributes:
        element, site: which.
        vos: the VOs; :data:`~gridmask.domain.vo.ALL` may be among them.
        aspects: how many status types it has; a tally has the time of each.
        capacity: how much there is of it.
        tallies: by reading.
    """

    element: ElementKey
    site: str
    vos: tuple[str, ...]
    aspects: int
    capacity: Mapping[Unit, float]
    tallies: Mapping[Reading, Tally]


@dataclass(frozen=True, slots=True)
class Score:
    """What several lines amount to.

    Attributes:
        hours: resource-hours by what they count as: an element of which one of four status types counts so, counts a quarter.
        weighted: the same, each resource by its capacity, of those whose capacity is known.
        counts: how often what happened, status types each for themselves.
        reactions: how long it took until outages that were known were acted upon, each with how often.
    """

    hours: Mapping[Kind, float] = field(default_factory=dict)
    weighted: Mapping[Unit, Mapping[Kind, float]] = field(default_factory=dict)
    counts: Mapping[Count, int] = field(default_factory=dict)
    reactions: Mapping[timedelta, int] = field(default_factory=dict)

    def of(self, *kinds: Kind) -> float:
        """The hours that count as any of ``kinds``."""
        return sum(self.hours.get(kind, 0.0) for kind in kinds)

    @property
    def shown(self) -> float:
        """Hours in which it was in the mask."""
        return self.of(*USABLE, *UNUSABLE)

    @property
    def declared(self) -> float:
        """Hours of declared outage."""
        return self.of(*MISSED, Part.COVERED)

    @property
    def missed(self) -> float:
        """Hours in declared outage, but usable."""
        return self.of(*MISSED)

    @property
    def late(self) -> float:
        """Those of :attr:`missed` of which nothing was known yet."""
        return self.of(Part.LATE)

    @property
    def not_acted(self) -> float:
        """Those of :attr:`missed` that were known."""
        return self.of(*NOT_ACTED)

    @property
    def lost(self) -> float:
        """Hours not usable without need."""
        return self.of(*LOST)

    @property
    def cut_off(self) -> float:
        """Hours usable just before an outage."""
        return self.of(Overlay.CUT_OFF)

    @property
    def missed_share(self) -> float | None:
        """What part of the declared outage was missed; None: nothing was declared."""
        return self.missed / self.declared if self.declared else None

    def weighed(self, unit: Unit) -> Score:
        """It in hours of ``unit``, of those resources of which it is known how much of it there is."""
        return Score(self.weighted.get(unit, {}))

    def reaction(self, quantile: float) -> timedelta | None:
        """The reaction that ``quantile`` of those that came at all did not exceed; None: there was none."""
        total, seen = sum(self.reactions.values()), 0
        for length, times in sorted(self.reactions.items()):
            seen += times
            if seen >= quantile * total:
                return length
        return None


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of an outcome.

    Attributes:
        since, until: the time that they are of.
        lines: element by element.
        vos: the VOs that there were.
    """

    since: datetime
    until: datetime
    lines: tuple[Line, ...]
    vos: tuple[str, ...]

    @property
    def days(self) -> float:
        """How long the time is, in days."""
        return (self.until - self.since) / timedelta(days=1)

    def total(self, reading: Reading = Reading.KNOWN, vo: str | None = ALL) -> Score:
        """All of it as ``vo`` saw it; None: as each VO saw it, summed up."""
        return self.by(lambda _: "", reading, vo).get("", Score())

    def by_vo(self, reading: Reading = Reading.KNOWN) -> Mapping[str, Score]:
        """As each VO saw it, :data:`~gridmask.domain.vo.ALL` first."""
        return {vo: self.total(reading, vo) for vo in (ALL, *self.vos)}

    def by_site(self, reading: Reading = Reading.KNOWN, vo: str | None = ALL) -> Mapping[str, Score]:
        """By site."""
        return self.by(lambda line: line.site, reading, vo)

    def by_type(self, reading: Reading = Reading.KNOWN, vo: str | None = ALL) -> Mapping[str, Score]:
        """By type of element."""
        return self.by(lambda line: line.element.type, reading, vo)

    def by(self, name: Callable[[Line], str], reading: Reading, vo: str | None) -> Mapping[str, Score]:
        """By what ``name`` gives."""
        sums: dict[str, _Sum] = {}
        for line in self.lines:
            times = self._times(line, vo)
            if times:
                sums.setdefault(name(line), _Sum()).add(line, line.tallies[reading], times)
        return {called: found.score() for called, found in sorted(sums.items())}

    def _times(self, line: Line, vo: str | None) -> int:
        """How often ``line`` counts."""
        return sum(one != ALL for one in line.vos) if vo is None else line.vos.count(vo)


class _Sum:
    """A score in the making."""

    def __init__(self) -> None:
        self._hours: dict[Kind, float] = {}
        self._weighted: dict[Unit, dict[Kind, float]] = {}
        self._counts: dict[Count, int] = {}
        self._reactions: dict[timedelta, int] = {}

    def add(self, line: Line, told: Tally, times: int) -> None:
        for kind, time in told.times.items():
            hours = time / HOUR / line.aspects * times
            self._hours[kind] = self._hours.get(kind, 0.0) + hours
            for unit, much in line.capacity.items():
                weighted = self._weighted.setdefault(unit, {})
                weighted[kind] = weighted.get(kind, 0.0) + hours * much
        for what, number in told.counts.items():
            self._counts[what] = self._counts.get(what, 0) + number * times
        for length, number in told.reactions.items():
            self._reactions[length] = self._reactions.get(length, 0) + number * times

    def score(self) -> Score:
        return Score(self._hours, self._weighted, self._counts, self._reactions)


def scores(
    outcome: Outcome, since: datetime | None = None, until: datetime | None = None, *, run_up: timedelta = RUN_UP
) -> Scores:
    """The scores of ``outcome``.

    Args:
        outcome: what became of a period.
        since: from when on it counts; None: from its beginning.
        until: up to when; None: to its end.
        run_up: how long before an outage what is begun is taken to be cut off by it.
    """
    start, end = since or outcome.since, until or outcome.until
    declared = outages_by_element(outcome)
    lines = (
        line
        for key, past in sorted(outcome.pasts.items())
        for line in _of_element(outcome, key, past, declared.get(key, ()), start, end, run_up)
    )
    return Scores(start, end, tuple(lines), tuple(outcome.vos))


def _of_element(  # noqa: PLR0913, PLR0917 - all of it of one element
    outcome: Outcome,
    key: ElementKey,
    past: Past,
    declared: tuple[Known, ...],
    since: datetime,
    until: datetime,
    run_up: timedelta,
) -> Iterator[Line]:
    element, aspects = past.element, past.aspects
    if element is None or not aspects:
        return
    much = capacity(element)
    for reader in readers(outcome, past, {one.downtime.vo for one in declared if one.downtime.vo != ALL}):
        told = heard(declared, reader.vo)
        truths = {
            Reading.KNOWN: as_known(told, run_up),
            Reading.HINDSIGHT: in_hindsight(told, outcome.until, run_up),
        }
        tallies = _tallied(outcome, past, reader.vo, truths, since, until)
        if tallies[Reading.KNOWN].times:
            yield Line(key, element.site, reader.vos, len(aspects), much, tallies)


def _tallied(
    outcome: Outcome, past: Past, vo: str, truths: Mapping[Reading, Truth], since: datetime, until: datetime
) -> Mapping[Reading, Tally]:
    seen = [stretches(outcome, past, aspect, vo) for aspect in past.aspects]
    return {reading: together(tally(one, truth, since, until) for one in seen) for reading, truth in truths.items()}
