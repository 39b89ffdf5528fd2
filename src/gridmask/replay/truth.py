"""Truth: when an outage was declared, as far as it was known at each moment, and as is known in hindsight.

What counts as an outage is what the default policy takes for one: see :data:`gridmask.rules.downtime.SEVERITIES`. Whether it
was scheduled does not matter. In hindsight counts what stands at the end of the period: of each downtime the last version, and
nothing that was withdrawn (as in :mod:`gridmask.domain.hindsight`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from immutables import Map

from gridmask.domain.directory import Directory
from gridmask.domain.downtime import Impact
from gridmask.domain.excuse import END, Between, common, union
from gridmask.domain.vo import ALL
from gridmask.rules.downtime import impact_of

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.domain.hindsight import Known
    from gridmask.domain.naming import Target
    from gridmask.replay.outcome import Outcome

RUN_UP = timedelta(hours=1)
"""What begins so long before an outage, or later, is taken to be cut off by it, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What was declared of one element, for one VO; in order, and apart from each other.

    Attributes:
        known: when an outage was declared for the moment, as was known at the moment.
        outages: when one was, by one reading.
        run_ups: the time just before these, by the same reading, as far as no other outage was then.
    """

    known: tuple[Between, ...] = ()
    outages: tuple[Between, ...] = ()
    run_ups: tuple[Between, ...] = ()


NOTHING_DECLARED = Truth()


def outages_by_element(outcome: Outcome) -> Mapping[ElementKey, tuple[Known, ...]]:
    """The versions of outages by the elements that they are about, as these were described last."""
    meant = elements_meant(outcome)
    found: dict[ElementKey, list[Known]] = {}
    for version in outcome.versions:
        if impact_of(version.downtime.severity) is Impact.OUTAGE:
            for key in set(meant(version.downtime.targets)):
                found.setdefault(key, []).append(version)
    return {key: tuple(versions) for key, versions in found.items()}


def elements_meant(outcome: Outcome) -> Callable[[Iterable[Target]], Iterator[ElementKey]]:
    """Gives the elements that targets mean, as these were described last; one may come twice."""
    elements = {key: element for key, past in outcome.pasts.items() if (element := past.element) is not None}
    return Directory(Map(elements)).meant_by


def heard(versions: Iterable[Known], vo: str) -> tuple[Known, ...]:
    """Those of ``versions`` that ``vo`` is told of: what is about everyone, and what is about itself."""
    return tuple(one for one in versions if one.downtime.vo in (ALL, vo))


def as_known(versions: Sequence[Known], run_up: timedelta = RUN_UP) -> Truth:
    """What ``versions`` declared, as was known at each moment."""
    known = union(map(_known, versions))
    before = union(_told_before(one, run_up) for one in versions)
    return Truth(known, known, tuple(without(before, known)))


def in_hindsight(versions: Sequence[Known], until: datetime, run_up: timedelta = RUN_UP) -> Truth:
    """What ``versions`` declared, as was known at ``until``."""
    outages = union((one.downtime.interval.start, _end(one)) for one in versions if one.stood(until))
    before = union((start - run_up, start) for start, _ in outages)
    return Truth(union(map(_known, versions)), outages, tuple(without(before, outages)))


def _known(one: Known) -> Between:
    """When it was known that there is an outage now."""
    return max(one.downtime.interval.start, one.known_from), min(_end(one), one.known_to or END)


def _told_before(one: Known, run_up: timedelta) -> Between:
    """When it was known that there is an outage soon; never, if there was none."""
    start = one.downtime.interval.start
    if _end(one) <= start:
        return start, start
    return max(start - run_up, one.known_from), min(start, one.known_to or END)


def _end(one: Known) -> datetime:
    return one.downtime.interval.end or END


def without(some: Sequence[Between], others: Sequence[Between]) -> Iterator[Between]:
    """The moments of ``some`` that are in none of ``others``; both are in order and apart."""
    if not some:
        return
    gaps: list[Between] = []
    start = some[0][0]
    for begins, ends in others:
        if start < begins:
            gaps.append((start, begins))
        start = max(start, ends)
    gaps.append((start, END))
    yield from common(some, gaps)
