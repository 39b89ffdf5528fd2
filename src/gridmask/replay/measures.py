"""Measures: the numbers that scores are told in, each with its name, its unit, and which way is better."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from gridmask.replay.tally import Count, Overlay, Part

if TYPE_CHECKING:
    from gridmask.replay.scores import Score


class Unit(StrEnum):
    """What a measure is told in."""

    HOURS = "h"
    SHARE = "%"
    SECONDS = "s"
    TIMES = ""
    PER_DAY = "/d"


class Better(StrEnum):
    """Which way is better."""

    LESS = "less"
    NEITHER = "neither"


Read = Callable[["Score", float], float | None]
"""Reads a measure off a score of so many days; None: there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number.

    Attributes:
        name: what programs call it.
        label: what people call it.
        unit: what it is told in; a share is from 0 to 1.
        read: how it is read off a score.
        meaning: what it is, in a sentence.
        better: which way is better.
        of: of what it is a part, for those who ask for percent; None: of nothing.
        depth: how many measures told before it it is a part of.
    """

    name: str
    label: str
    unit: Unit
    read: Read
    meaning: str
    better: Better = Better.NEITHER
    of: Read | None = None
    depth: int = 0


def _declared(score: Score, days: float) -> float:
    del days
    return score.declared


def _shown(score: Score, days: float) -> float:
    del days
    return score.shown


def _part(part: Part) -> Read:
    return lambda score, _: score.of(part)


def _count(count: Count) -> Read:
    return lambda score, _: float(score.counts.get(count, 0))


def _reaction(quantile: float) -> Read:
    def read(score: Score, days: float) -> float | None:
        del days
        found = score.reaction(quantile)
        return None if found is None else found / timedelta(seconds=1)

    return read


def _per_day(score: Score, days: float) -> float | None:
    return score.counts.get(Count.CHANGES, 0) / days if days else None


H, LESS = Unit.HOURS, Better.LESS

MEASURES: tuple[Measure, ...] = (
    Measure("shown", "in the mask", H, _shown, "Hours in which it was in the mask at all."),
    Measure("declared", "declared outage", H, _declared, "Hours of declared outage.", of=_shown),
    Measure("missed", "outage missed", H, lambda s, _: s.missed, "Usable in declared outage.", LESS, _declared),
    Measure("late", "known late", H, _part(Part.LATE), "Nothing was known of the outage yet.", LESS, _declared, 1),
    Measure("not_acted", "not acted upon", H, lambda s, _: s.not_acted, "The outage was known.", LESS, _declared, 1),
    Measure("not_acted_guard", "held by the guard", H, _part(Part.GUARD), "The guard held it.", LESS, _declared, 2),
    Measure("not_acted_person", "kept by a person", H, _part(Part.PERSON), "A person held it.", LESS, _declared, 2),
    Measure("not_acted_policies", "left by the policies", H, _part(Part.POLICIES), "Nothing asked.", LESS, _declared, 2),
    Measure("cut_off", "used just before an outage", H, lambda s, _: s.cut_off, "Usable just before an outage.", LESS, _shown),
    Measure("lost", "lost without need", H, lambda s, _: s.lost, "Not usable without need.", LESS, _shown),
    Measure("lost_ahead", "acted ahead", H, _part(Part.AHEAD), "An outage was still to come.", LESS, _shown, 1),
    Measure("lost_taken_back", "taken back", H, _part(Part.TAKEN_BACK), "The outage was none, or over.", LESS, _shown, 1),
    Measure("lost_probing", "on probation", H, _part(Part.PROBING), "It had to prove itself.", LESS, _shown, 1),
    Measure("lost_silence", "nothing known", H, _part(Part.SILENCE), "Nothing was known.", LESS, _shown, 1),
    Measure("lost_other", "by policy alone", H, _part(Part.OTHER), "The policies say so anyway.", LESS, _shown, 1),
    Measure("covered", "kept from use in outage", H, _part(Part.COVERED), "Not usable in outage.", of=_declared),
    Measure("evidence", "kept from use on evidence", H, _part(Part.EVIDENCE), "Not usable on evidence.", of=_shown),
    Measure("by_hand", "kept from use by hand", H, _part(Part.BY_HAND), "Not usable: a person held it.", of=_shown),
    Measure("reaction_median", "reaction, median", Unit.SECONDS, _reaction(0.5), "From known to acted upon.", LESS),
    Measure("reaction_p95", "reaction, 95 %", Unit.SECONDS, _reaction(0.95), "The same, of all but the slowest.", LESS),
    Measure("outages", "outages", Unit.TIMES, _count(Count.OUTAGES), "Outages that became known."),
    Measure("ignored", "outages ignored", Unit.TIMES, _count(Count.IGNORED), "Of these, never acted upon.", LESS),
    Measure("flaps", "flaps", Unit.TIMES, _count(Count.FLAPS), "Usable for less than an hour.", LESS),
    Measure("changes_per_day", "changes a day", Unit.PER_DAY, _per_day, "Changes of status that were seen.", LESS),
    Measure("held", "in the guard's hands", H, lambda s, _: s.of(Overlay.HELD), "The guard held it.", of=_shown),
    Measure("owned", "in a person's hands", H, lambda s, _: s.of(Overlay.OWNED), "A person held it.", of=_shown),
)
"""All of them, in the order in which they are told."""

BY_NAME = {measure.name: measure for measure in MEASURES}


def read(score: Score, days: float) -> Iterator[tuple[Measure, float | None]]:
    """Every measure of ``score``."""
    return ((measure, measure.read(score, days)) for measure in MEASURES)
