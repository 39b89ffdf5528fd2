"""Tallying: what a VO saw of a row is held against what was declared."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from gridmask.domain.decision import ReasonKind
from gridmask.replay.tally import Count, Kind, Overlay, Part, Tally

if TYPE_CHECKING:
    from gridmask.domain.excuse import Between
    from gridmask.replay.seen import Stretch
    from gridmask.replay.truth import Truth

FLAP = timedelta(hours=1)
"""What was usable for less than that, between times when it was not, has flapped."""

_BY_HAND = frozenset({ReasonKind.PERSON, ReasonKind.TOKEN, ReasonKind.INHERITED})
_BAD = frozenset({ReasonKind.MEASUREMENT, ReasonKind.PROBE, ReasonKind.PROPAGATION})
_RETURNING = frozenset({ReasonKind.PROBING, ReasonKind.DAMPED})
_SILENT = frozenset({ReasonKind.MISSING, ReasonKind.NO_POLICY, ReasonKind.NEW, ReasonKind.IMPORTED})


def tally(seen: Sequence[Stretch], truth: Truth, since: datetime, until: datetime) -> Tally:
    """How the time from ``since`` up to ``until`` was spent.

    Args:
        seen: what the VO saw, without gaps, of that time at least. What led to something may lie before it.
        truth: what was declared.
        since: from when on it counts.
        until: up to when.
    """
    counts, reactions = Counter[Count](), Counter[timedelta]()
    for at, what in _happened(seen):
        if since <= at < until:
            counts[what] += 1
    for at, reaction in _reactions(seen, truth.known):
        if since <= at < until:
            counts[Count.OUTAGES] += 1
            if reaction is None:
                counts[Count.IGNORED] += 1
            else:
                reactions[reaction] += 1
    return Tally(_spent(seen, truth, since, until), counts, reactions)


# --- Time


def _spent(seen: Sequence[Stretch], truth: Truth, since: datetime, until: datetime) -> dict[Kind, timedelta]:
    times: dict[Kind, timedelta] = {}
    known, outages, run_ups = _Within(truth.known), _Within(truth.outages), _Within(truth.run_ups)
    edges = _edges(truth)
    for stretch in seen:
        if stretch.status is None or stretch.end <= since or stretch.start >= until:
            continue
        for start, end in _cut(stretch, edges, since, until):
            length = end - start
            kinds: list[Kind] = [part(stretch, start, declared=outages.at(start), known=known.at(start))]
            if stretch.usable and run_ups.at(start):
                kinds.append(Overlay.CUT_OFF)
            if stretch.batch:
                kinds.append(Overlay.HELD)
            if stretch.owner is not None:
                kinds.append(Overlay.OWNED)
            for kind in kinds:
                times[kind] = times.get(kind, _NONE) + length
    return times


_NONE = timedelta()


def part(stretch: Stretch, at: datetime, *, declared: bool, known: bool) -> Part:
    """What the moment ``at`` counts as. ``declared``: an outage was, as is read; ``known``: as was known at the moment."""
    if stretch.usable:
        if not declared:
            return Part.FINE
        if not known:
            return Part.LATE
        return Part.GUARD if stretch.batch else Part.PERSON if stretch.owner is not None else Part.POLICIES
    return Part.COVERED if declared else _unusable(stretch, at)


def _unusable(stretch: Stretch, at: datetime) -> Part:
    """Why it was not usable, although no outage was declared. What is bad goes before what is only not good yet."""
    kinds = {reason.kind for reason in stretch.reasons}
    if stretch.owner is not None or kinds & _BY_HAND:
        return Part.BY_HAND
    if kinds & _RETURNING:
        return Part.PROBING
    if kinds & _BAD:
        return Part.EVIDENCE
    starts = [reason.since for reason in stretch.reasons if reason.kind is ReasonKind.DOWNTIME]
    if starts:
        return Part.AHEAD if all(start is not None and at < start for start in starts) else Part.TAKEN_BACK
    return Part.SILENCE if kinds & _SILENT or not kinds else Part.OTHER


def _edges(truth: Truth) -> list[datetime]:
    return sorted({moment for some in (truth.known, truth.outages, truth.run_ups) for both in some for moment in both})


def _cut(stretch: Stretch, edges: Sequence[datetime], since: datetime, until: datetime) -> Iterator[Between]:
    """``stretch`` cut where something begins or ends that makes a moment count as something else."""
    first, last = max(stretch.start, since), min(stretch.end, until)
    begins = [r.since for r in stretch.reasons if r.kind is ReasonKind.DOWNTIME and r.since is not None]
    inner = sorted({moment for moment in (*_between(edges, first, last), *begins) if first < moment < last})
    yield from pairwise((first, *inner, last))


def _between(edges: Sequence[datetime], first: datetime, last: datetime) -> Sequence[datetime]:
    return edges[bisect_right(edges, first) : bisect_left(edges, last)]


class _Within:
    """Tells whether moments, asked for in order, lie within any of ``found``."""

    def __init__(self, found: Sequence[Between]) -> None:
        self._found = found
        self._place = 0

    def at(self, moment: datetime) -> bool:
        while self._place < len(self._found) and self._found[self._place][1] <= moment:
            self._place += 1
        return self._place < len(self._found) and self._found[self._place][0] <= moment


# --- What happened


def _happened(seen: Sequence[Stretch]) -> Iterator[tuple[datetime, Count]]:
    freed: datetime | None = None
    for before, after in pairwise(seen):
        if before.status is None or after.status is None:
            freed = None
            continue
        if before.status is not after.status:
            yield after.start, Count.CHANGES
        if not before.usable and after.usable:
            freed = after.start
        if before.usable and not after.usable:
            yield after.start, Count.TAKEN
            if freed is not None and after.start - freed < FLAP:
                yield after.start, Count.FLAPS


def _reactions(seen: Sequence[Stretch], known: Sequence[Between]) -> Iterator[tuple[datetime, timedelta | None]]:
    """The outages that became known while the row was shown, each with when, and how long it took; None: for ever."""
    place = 0
    for begins, ends in known:
        while place < len(seen) and seen[place].end <= begins:
            place += 1
        if place == len(seen) or begins < seen[0].start or seen[place].status is None:
            continue
        acted = _unusable_from(seen, place, ends)
        yield begins, None if acted is None else max(acted - begins, _NONE)


def _unusable_from(seen: Sequence[Stretch], place: int, ends: datetime) -> datetime | None:
    while place < len(seen) and seen[place].start < ends and seen[place].status is not None:
        if not seen[place].usable:
            return seen[place].start
        place += 1
    return None
