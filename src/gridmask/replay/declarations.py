"""Declarations: how well outages are announced, whoever decides what because of them.

What is told is of the downtimes whose first version became known after the period had begun, and by its end, and which were not
over before it: of what stood at its beginning it is not known what had been said before. Open ends are ends that never come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from gridmask.domain.downtime import DowntimeKey, Impact
from gridmask.domain.excuse import END
from gridmask.replay.truth import elements_meant
from gridmask.rules.downtime import impact_of

if TYPE_CHECKING:
    from gridmask.domain.downtime import Downtime
    from gridmask.domain.element import ElementKey
    from gridmask.domain.hindsight import Known
    from gridmask.replay.outcome import Outcome

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Declared:
    """One downtime: its versions in order, and the elements that it is about."""

    key: DowntimeKey
    versions: tuple[Known, ...]
    elements: frozenset[ElementKey]

    @property
    def first(self) -> Known:
        """Its first version."""
        return self.versions[0]

    @property
    def last(self) -> Known:
        """Its last one."""
        return self.versions[-1]

    @property
    def is_outage(self) -> bool:
        """Whether it is an outage, in the end."""
        return impact_of(self.last.downtime.severity) is Impact.OUTAGE

    @property
    def notice(self) -> timedelta:
        """How long before its start it was published; less than nothing: so long after."""
        return self.first.downtime.interval.start - self.first.known_from

    @property
    def past_when_published(self) -> timedelta:
        """How much of it was over when it was published."""
        start, published = self.first.downtime.interval.start, self.first.known_from
        return max(min(published, _end(self.first.downtime)) - start, timedelta())

    @property
    def moved(self) -> timedelta:
        """By how much its end came later than was first said; nothing, where either end is open."""
        ends = _end(self.first.downtime), _end(self.last.downtime)
        return timedelta() if END in ends else ends[1] - ends[0]


def _end(downtime: Downtime) -> datetime:
    return downtime.interval.end or END


@dataclass(frozen=True, slots=True)
class Announcing:
    """How downtimes were announced.

    Attributes:
        downtimes, versions: how many.
        late: published after they had begun; of these ``afterwards`` after they were over.
        past_hours: resource-hours that were over when they were published, of each downtime for itself.
        hours: resource-hours that were first announced; without open ends.
        extended, shortened: how many ended later, or earlier, than was first said.
        extension, shortening: the median of by how much.
        withdrawn: how many were taken back; of these ``withdrawn_ongoing`` while they lasted.
    """

    downtimes: int = 0
    versions: int = 0
    late: int = 0
    afterwards: int = 0
    past_hours: float = 0.0
    hours: float = 0.0
    extended: int = 0
    shortened: int = 0
    extension: timedelta | None = None
    shortening: timedelta | None = None
    withdrawn: int = 0
    withdrawn_ongoing: int = 0


def declared(outcome: Outcome) -> list[Declared]:
    """The downtimes that were first announced within the period of ``outcome``."""
    found: dict[DowntimeKey, list[Known]] = {}
    for version in sorted(outcome.versions, key=lambda one: one.known_from):
        found.setdefault(version.downtime.key, []).append(version)
    meant = elements_meant(outcome)
    return [
        Declared(key, tuple(versions), frozenset(meant(target for one in versions for target in one.downtime.targets)))
        for key, versions in sorted(found.items())
        if outcome.since < versions[0].known_from <= outcome.until and _end(versions[0].downtime) > outcome.since
    ]


def announcing(downtimes: Iterable[Declared], until: datetime) -> Announcing:
    """How ``downtimes`` were announced, up to ``until``."""
    listed = list(downtimes)
    moved = [one.moved for one in listed]
    later, earlier = [one for one in moved if one > timedelta()], [-one for one in moved if one < timedelta()]
    gone = [one for one in listed if not one.last.stood(until)]
    return Announcing(
        downtimes=len(listed),
        versions=sum(len(one.versions) for one in listed),
        late=sum(one.notice < timedelta() for one in listed),
        afterwards=sum(one.first.known_from >= _end(one.first.downtime) for one in listed),
        past_hours=sum(one.past_when_published / _HOUR * len(one.elements) for one in listed),
        hours=sum(_length(one) / _HOUR * len(one.elements) for one in listed),
        extended=len(later),
        shortened=len(earlier),
        extension=_median(later),
        shortening=_median(earlier),
        withdrawn=len(gone),
        withdrawn_ongoing=sum(_was_ongoing(one) for one in gone),
    )


def _median(lengths: list[timedelta]) -> timedelta | None:
    return _HOUR * median(one / _HOUR for one in lengths) if lengths else None


def _length(one: Declared) -> timedelta:
    interval = one.first.downtime.interval
    return timedelta() if interval.end is None else max(interval.end - interval.start, timedelta())


def _was_ongoing(one: Declared) -> bool:
    return one.last.known_to is not None and one.last.downtime.interval.contains(one.last.known_to)


def by(downtimes: Iterable[Declared], name: Callable[[Declared], Iterable[str]]) -> Mapping[str, list[Declared]]:
    """``downtimes`` by what ``name`` gives of each, which may be several."""
    found: dict[str, list[Declared]] = {}
    for one in downtimes:
        for called in name(one):
            found.setdefault(called, []).append(one)
    return dict(sorted(found.items()))


def sites(outcome: Outcome) -> Callable[[Declared], Iterator[str]]:
    """Gives the sites that a downtime is about."""

    def of(one: Declared) -> Iterator[str]:
        found = (outcome.pasts[key].element for key in one.elements)
        yield from sorted({element.site for element in found if element is not None})

    return of
