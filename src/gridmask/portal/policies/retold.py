"""What other policies would have done, as the workbench shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.replay import numbers
from gridmask.replay.comparison import NONE
from gridmask.replay.measures import BY_NAME, Better, Measure
from gridmask.replay.scores import HOUR

if TYPE_CHECKING:
    from gridmask.domain.guard import Batch
    from gridmask.replay.comparison import Difference, Differing
    from gridmask.service.replay_trials import Replayed

MOST_ELEMENTS = 20
"""So many elements are told, those that could be used for longest under one of the two alone; all are counted."""

MOST_STRETCHES = 5
"""Of each, so many stretches are told: the longest, in the order in which they were."""

TOLD = (
    "declared",
    "missed",
    "late",
    "not_acted",
    "not_acted_guard",
    "cut_off",
    "lost",
    "covered",
    "evidence",
    "reaction_median",
    "flaps",
)
"""The measures that are told, where there is anything to tell."""


@dataclass(frozen=True, slots=True)
class Line:
    """A measure on both sides, by how much it differs, and whether that is ``better``, ``worse`` or neither."""

    measure: Measure
    was: str
    would: str
    difference: str
    trend: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An element that would have been otherwise; ``left_out``: how many more stretches there are."""

    of: Differing
    stretches: tuple[Difference, ...]
    left_out: int
    hours: str
    apart: str


@dataclass(frozen=True, slots=True)
class Retold:
    """What would have been: measures side by side, and what differs.

    Attributes:
        replayed: what is told of.
        covers: how long the period is.
        lines: the measures.
        elements: those that differ most, each with when.
        differing: how many there are in all; ``left_out``: so many of them are not told.
        taken, given: for how many resource-hours what could be used could not have been, and the other way round.
    """

    replayed: Replayed
    covers: timedelta
    lines: tuple[Line, ...]
    elements: tuple[Told, ...]
    differing: int
    left_out: int
    taken: str
    given: str

    @property
    def batches(self) -> tuple[Batch, ...]:
        """What the guard would have held."""
        return self.replayed.batches

    @property
    def held(self) -> int:
        """How many rows are in them."""
        return sum(batch.rows for batch in self.batches)


def retold(replayed: Replayed) -> Retold:
    """What ``replayed`` came to."""
    found = replayed.comparison.differing
    keys = list(dict.fromkeys(one.element for one in found))
    shown = {*keys[:MOST_ELEMENTS]}
    return Retold(
        replayed,
        replayed.until - replayed.since,
        tuple(_lines(replayed)),
        tuple(_told(one) for one in _together(found) if one.element in shown),
        len(keys),
        len(keys) - len(shown),
        _hours(replayed, usable=True),
        _hours(replayed, usable=False),
    )


def _together(found: Iterable[Differing]) -> list[Differing]:
    """``found``, what is said of one element one after the other."""
    by_element: dict[object, list[Differing]] = {}
    for one in found:
        by_element.setdefault(one.element, []).append(one)
    return [one for some in by_element.values() for one in some]


def _told(one: Differing) -> Told:
    longest = sorted(one.differences, key=lambda each: (not each.decides, -each.length, each.start))[:MOST_STRETCHES]
    shown = tuple(sorted(longest, key=lambda each: each.start))
    told = [numbers.length(length.total_seconds()) if length else "" for length in (one.length, one.apart)]
    return Told(one, shown, len(one.differences) - len(shown), *told)


def _hours(replayed: Replayed, *, usable: bool) -> str:
    """For how many resource-hours it would have been otherwise whether what was ``usable`` can be used."""
    pasts, hours = replayed.comparison.one.outcome.pasts, 0.0
    for one in replayed.comparison.differing:
        length = sum((d.length for d in one.differences if d.decides and d.one.usable is usable), NONE)
        hours += length / HOUR * len(one.aspects) / len(pasts[one.element].aspects)
    return numbers.number(hours)


def _lines(replayed: Replayed) -> Iterator[Line]:
    sides = [side.scores for side in replayed.comparison.sides]
    totals, days = [scores.total(vo=replayed.vo) for scores in sides], sides[0].days
    for measure in (BY_NAME[name] for name in TOLD):
        was, would = (measure.read(total, days) for total in totals)
        if was or would:
            change = None if was is None or would is None else would - was
            told = (numbers.told(was, measure.unit), numbers.told(would, measure.unit))
            yield Line(measure, *told, numbers.difference(change, measure.unit), _trend(measure, change))


def _trend(measure: Measure, change: float | None) -> str:
    if measure.better is Better.NEITHER or change is None or abs(change) < numbers.SMALL:
        return ""
    return "better" if change < 0 else "worse"
