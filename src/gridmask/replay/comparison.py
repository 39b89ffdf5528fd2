"""Comparisons: what two policy sets make of the same recording: where they differ, when, why, and what that costs and gains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.vo import ALL
from gridmask.replay.outcome import gist
from gridmask.replay.scores import HOUR, Scores, scores
from gridmask.replay.seen import Stretch, readers, stretches
from gridmask.replay.truth import RUN_UP
from gridmask.replay.work import Work, work

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.replay.outcome import Outcome, Past

NONE = timedelta()


class Difference(NamedTuple):
    """From ``start`` up to ``end``, the one was seen and the other would have been; each with its why."""

    start: datetime
    end: datetime
    one: Stretch
    other: Stretch

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start

    @property
    def decides(self) -> bool:
        """Whether it could be used under the one, and not under the other, or the other way round."""
        return self.one.usable is not self.other.usable


@dataclass(frozen=True, slots=True)
class Differing:
    """Where two outcomes differ on one element.

    Attributes:
        element, site: which.
        aspects: the status types, all of which differ so.
        vos: the VOs that see it so.
        differences: in order.
        apart: for how long it could be used under the one alone.
    """

    element: ElementKey
    site: str
    aspects: tuple[str, ...]
    vos: tuple[str, ...]
    differences: tuple[Difference, ...]
    apart: timedelta

    @property
    def length(self) -> timedelta:
        """For how long it differs at all."""
        return sum((one.length for one in self.differences), NONE)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two that are compared: what it is called, its outcome, its scores, and what people had to do."""

    name: str
    outcome: Outcome
    scores: Scores
    work: Work


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two policy sets make of the same.

    Attributes:
        one, other: the policies that are, and those that are tried.
        differing: where they differ: the elements for longest usable under one alone first.
        run_up: how long before an outage what is begun is taken to be cut off by it.
    """

    one: Side
    other: Side
    differing: tuple[Differing, ...]
    run_up: timedelta = RUN_UP

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both."""
        return self.one, self.other

    @property
    def whose(self) -> str | None:
        """Whose view is told first: that of all, unless only VOs of their own see a difference; then theirs, summed up."""
        decisive = [one for one in self.differing if one.apart] or self.differing
        return None if decisive and not any(ALL in one.vos for one in decisive) else ALL

    @property
    def hours_apart(self) -> float:
        """Resource-hours usable under the one alone, as :attr:`whose` sees it."""
        found = 0.0
        for one in self.differing:
            times = sum(vo != ALL for vo in one.vos) if self.whose is None else one.vos.count(ALL)
            aspects = len(self.one.outcome.pasts[one.element].aspects)
            found += one.apart / HOUR * len(one.aspects) / aspects * times
        return found


def compared(
    one: Outcome, other: Outcome, names: tuple[str, str] = ("present", "tried"), *, run_up: timedelta = RUN_UP
) -> Comparison:
    """What ``one`` and ``other`` are beside each other: outcomes of one recording.

    Args:
        one: what became of it under the policies that are.
        other: what would have, under those that are tried.
        names: what people call the two.
        run_up: see :func:`~gridmask.replay.scores.scores`.
    """
    sides = tuple(
        Side(name, outcome, scores(outcome, run_up=run_up), work(outcome))
        for name, outcome in zip(names, (one, other), strict=True)
    )
    found = sorted(
        _differing(one, other), key=lambda found: (-found.apart, -found.length, found.element, found.aspects, found.vos)
    )
    return Comparison(sides[0], sides[1], tuple(found), run_up)


def _most_first(one: Differing) -> tuple[object, ...]:
    return -one.apart, -one.length, one.element, one.aspects, one.vos


def _differing(one: Outcome, other: Outcome) -> Iterator[Differing]:
    for key, past in sorted(one.pasts.items()):
        if key in other.pasts and past != other.pasts[key]:
            yield from _of_element(one, other, key, past, other.pasts[key])


def _of_element(one: Outcome, other: Outcome, key: ElementKey, past: Past, tried: Past) -> Iterator[Differing]:
    site = past.element.site if past.element else ""
    found: dict[tuple[tuple[str, ...], tuple[Difference, ...]], list[str]] = {}
    for vos in _alike(one, other, past, tried):
        for aspect in sorted({*past.aspects, *tried.aspects}):
            seen = (stretches(one, past, aspect, vos[0]), stretches(other, tried, aspect, vos[0]))
            if differences := tuple(_joined(_differences(*seen))):
                found.setdefault((vos, differences), []).append(aspect)
    for (vos, differences), aspects in found.items():
        apart = sum((d.length for d in differences if d.decides), NONE)
        yield Differing(key, site, tuple(aspects), vos, differences, apart)


def _alike(one: Outcome, other: Outcome, past: Past, tried: Past) -> Iterator[tuple[str, ...]]:
    """The VOs, those together that see the same under the one, and the same under the other."""
    whose = [{vo: reader.vo for reader in found for vo in reader.vos} for found in (readers(one, past), readers(other, tried))]
    groups: dict[tuple[str, str], list[str]] = {}
    for vo in whose[0]:
        groups.setdefault((whose[0][vo], whose[1].get(vo, "")), []).append(vo)
    yield from map(tuple, groups.values())


def _differences(one: Sequence[Stretch], other: Sequence[Stretch]) -> Iterator[Difference]:
    left = right = 0
    while left < len(one) and right < len(other):
        mine, theirs = one[left], other[right]
        start, end = max(mine.start, theirs.start), min(mine.end, theirs.end)
        if start < end and not mine.looks_as(theirs):
            yield Difference(start, end, mine, theirs)
        left, right = left + (mine.end == end), right + (theirs.end == end)


def _joined(found: Iterable[Difference]) -> Iterator[Difference]:
    """``found``, where neighbours that are the same and have the same whys are one."""
    last: Difference | None = None
    for one in found:
        if last is not None and last.end == one.start and _said(last) == _said(one):
            last = last._replace(end=one.end)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _said(one: Difference) -> list[object]:
    return [(side.status, side.absence, gist(side.reasons)) for side in (one.one, one.other)]
