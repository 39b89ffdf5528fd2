"""Findings: what the policies that are tried gain and cost beside those that are, in words, and for whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gridmask.domain.vo import ALL
from gridmask.replay.capacity import Unit as Capacity
from gridmask.replay.measures import BY_NAME, MEASURES, Better, Measure, Unit
from gridmask.replay.numbers import SMALL, difference, number, share, told
from gridmask.replay.scores import Reading, Score

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.replay.comparison import Comparison

DECISIVE = ("missed", "cut_off", "lost", "flaps", "ignored")
"""The measures that are told first; of hours, less is better."""

_WORDS = {
    "missed": "usable in declared outage",
    "cut_off": "usable just before an outage: what is begun then is cut off",
    "lost": "not usable without need",
    "flaps": "returns that do not last an hour",
    "ignored": "outages that nothing is done about",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """That a measure is other: how much, of what, and what it was and would have been."""

    measure: Measure
    amount: str
    words: str
    was: str
    would: str
    share: str
    weighed: tuple[str, ...]
    better: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A measure on both sides, and by how much it differs; ``trend``: ``better``, ``worse``, ``other`` or ``same``."""

    was: str
    would: str
    difference: str
    trend: str


@dataclass(frozen=True, slots=True)
class Row:
    """A measure, by each reading."""

    measure: Measure
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Party:
    """For whom it differs: a VO, site or type.

    Attributes:
        name: what it is called.
        changes: of each column, by how much it differs, and the trend.
        gain, cost: what it gains and what it costs, in hours.
        gained, lost: how long the bars of these are, in percent.
        alike: for how many others it is just so.
    """

    name: str
    changes: tuple[tuple[str, str], ...]
    gain: float
    cost: float
    gained: float = 0.0
    lost: float = 0.0
    alike: int = 0


def findings(compared: Comparison) -> list[Finding]:
    """What is other, as was known: what is gained, and what it costs."""
    was, would = (side.scores.total(Reading.KNOWN, compared.whose) for side in compared.sides)
    days = compared.one.scores.days
    found = (_finding(BY_NAME[name], was, would, days) for name in DECISIVE)
    return [one for one in found if one is not None]


def _finding(measure: Measure, was: Score, would: Score, days: float) -> Finding | None:
    before, after = measure.read(was, days) or 0.0, measure.read(would, days) or 0.0
    change = after - before
    if abs(change) < SMALL:
        return None
    hours = measure.unit is Unit.HOURS
    return Finding(
        measure,
        f"{number(abs(change))} {'fewer' if change < 0 else 'more'}{' resource-hours' if hours else ''}",
        _WORDS[measure.name],
        told(before, measure.unit),
        told(after, measure.unit),
        share(abs(change), before),
        tuple(_weighed(measure, was, would, days)) if hours else (),
        change < 0,
    )


def _weighed(measure: Measure, was: Score, would: Score, days: float) -> Iterator[str]:
    for unit in Capacity:
        change = (measure.read(would.weighed(unit), days) or 0.0) - (measure.read(was.weighed(unit), days) or 0.0)
        if abs(change) >= 1:
            yield f"{number(abs(change))} {unit.label}"


def rows(compared: Comparison) -> Iterator[Row]:
    """Every measure that is anything on either side."""
    days = compared.one.scores.days
    totals = [[side.scores.total(reading, compared.whose) for side in compared.sides] for reading in Reading]
    for measure in MEASURES:
        values = [(measure.read(was, days), measure.read(would, days)) for was, would in totals]
        if any(value for pair in values for value in pair):
            yield Row(measure, tuple(_cell(measure, was, would) for was, would in values))


def _cell(measure: Measure, was: float | None, would: float | None) -> Cell:
    change = None if was is None or would is None else would - was
    return Cell(told(was, measure.unit), told(would, measure.unit), difference(change, measure.unit), _trend(measure, change))


def _trend(measure: Measure, change: float | None) -> str:
    if change is None or abs(change) < SMALL:
        return "same"
    if measure.better is Better.NEITHER:
        return "other"
    return "better" if change < 0 else "worse"


COLUMNS = ("cut_off", "missed", "lost", "flaps")
"""What is told of each party."""


def parties(was: Mapping[str, Score], would: Mapping[str, Score], days: float) -> list[Party]:
    """Those for whom something differs, those for whom most does first."""
    names = sorted({*was, *would})
    found = [_party(name, was.get(name, Score()), would.get(name, Score()), days) for name in names]
    differing = [one for one in found if any(text != "=" for text, _ in one.changes)]
    return _scaled(sorted(differing, key=lambda one: (one.name != ALL, -(one.gain + one.cost), one.name)))


def together(found: Iterable[Party]) -> list[Party]:
    """``found``, those for whom it is just the same as one."""
    kept: dict[tuple[object, ...], Party] = {}
    for one in found:
        first = kept.get((one.changes, one.gain, one.cost))
        kept[one.changes, one.gain, one.cost] = replace(first, alike=first.alike + 1) if first else one
    return list(kept.values())


def price(compared: Comparison) -> float | None:
    """How many hours each hour that is gained costs; None: nothing is gained, or nothing lost."""
    was, would = (side.scores.total(Reading.KNOWN, compared.whose) for side in compared.sides)
    party = _party("", was, would, compared.one.scores.days)
    return party.cost / party.gain if party.gain >= SMALL and party.cost >= SMALL else None


def _party(name: str, was: Score, would: Score, days: float) -> Party:
    measures = [BY_NAME[column] for column in COLUMNS]
    changes = [(measure.read(would, days) or 0.0) - (measure.read(was, days) or 0.0) for measure in measures]
    hours = [change for measure, change in zip(measures, changes, strict=True) if measure.unit is Unit.HOURS]
    told_ = tuple((difference(c, m.unit), _trend(m, c)) for m, c in zip(measures, changes, strict=True))
    return Party(name, told_, -sum(one for one in hours if one < 0), sum(one for one in hours if one > 0))


def _scaled(found: Iterable[Party]) -> list[Party]:
    listed = list(found)
    most = max((max(one.gain, one.cost) for one in listed), default=0.0) or 1.0
    return [replace(one, gained=round(one.gain / most * 50, 2), lost=round(one.cost / most * 50, 2)) for one in listed]
