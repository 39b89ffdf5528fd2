"""Pictures: where two policy sets differ on an element, as lanes that share an axis, around the time when they differ most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gridmask.domain.status import allowed
from gridmask.replay.report.axis import Axis
from gridmask.replay.seen import Stretch, stretches
from gridmask.replay.truth import as_known, heard

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.domain.excuse import Between
    from gridmask.domain.hindsight import Known
    from gridmask.replay.comparison import Comparison, Difference, Differing

FEW = 3
"""So many of the times at which an element differs are told with their whys; of the others, how many there are."""

LEAST = timedelta(hours=1)
_NARROWEST = 0.4
_LETTER = 8.0
_NARROW = 300.0
"""Pixels: how wide a picture is on the narrowest screen; what does not fit there is told below the picture all the same."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What was so for a time: what it is called, and where it is drawn, in percent. ``label``: what stands on it."""

    name: str
    place: float
    width: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """Pieces side by side: of what, and in words."""

    name: str
    pieces: tuple[Piece, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Why:
    """What one side made of it, what that allows, and the reasons."""

    name: str
    status: str
    allows: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A time at which they differ."""

    start: datetime
    end: datetime
    hours: float
    whys: tuple[Why, Why]


@dataclass(frozen=True, slots=True)
class Picture:
    """An element on which they differ.

    Attributes:
        what: the element, its site, its status types, and the VOs that see it so.
        axis: the time that is drawn.
        lanes: what was declared, and what each side made of it.
        told: the times at which they differ, the longest first; ``more``: how many others there are.
    """

    what: Differing
    axis: Axis
    lanes: tuple[Lane, ...]
    told: tuple[Told, ...]
    more: int


def pictures(compared: Comparison, declared: Mapping[ElementKey, Sequence[Known]], most: int) -> Iterator[Picture]:
    """The elements that differ most."""
    for one in compared.differing[:most]:
        versions = heard(declared.get(one.element, ()), one.vos[0])
        yield _picture(compared, one, as_known(versions).outages)


def _picture(compared: Comparison, one: Differing, outages: Sequence[Between]) -> Picture:
    ordered = sorted(one.differences, key=lambda found: (not found.decides, -found.length, found.start))
    axis = _around(ordered[0], compared.one.outcome.since, compared.one.outcome.until)
    lanes = [_declared(outages, axis)]
    for side in compared.sides:
        seen = stretches(side.outcome, side.outcome.pasts[one.element], one.aspects[0], one.vos[0])
        lanes.append(_seen(side.name, seen, axis))
    names = (compared.one.name, compared.other.name)
    told = tuple(_told(found, names) for found in ordered[:FEW])
    return Picture(one, axis, tuple(lanes), told, len(ordered) - len(told))


def _around(one: Difference, since: datetime, until: datetime) -> Axis:
    """The time around ``one``, so that what came before and after can be seen."""
    beside = max(one.length * 1.5, LEAST)
    return Axis(max(one.start - beside, since), min(one.end + beside, until))


def _declared(outages: Sequence[Between], axis: Axis) -> Lane:
    found = [one for one in outages if one[0] < axis.until and one[1] > axis.since]
    words = "; ".join(f"from {moment(start)} to {moment(end)}" for start, end in found) or "none"
    pieces = tuple(_piece("declared", "declared", start, end, axis) for start, end in found)
    return Lane("declared outage", pieces, f"Declared outage, as known: {words}.")


def _seen(name: str, seen: Sequence[Stretch], axis: Axis) -> Lane:
    found = [one for one in _joined(seen) if one[1] < axis.until and one[2] > axis.since]
    words = "; ".join(f"{label} from {moment(start)}" for label, start, _ in found)
    pieces = tuple(_piece(label, label, start, end, axis) for label, start, end in found)
    return Lane(name, pieces, f"{name}: {words}.")


def _joined(seen: Sequence[Stretch]) -> Iterator[tuple[str, datetime, datetime]]:
    last: tuple[str, datetime, datetime] | None = None
    for one in seen:
        if last is not None and last[0] == _label(one):
            last = (last[0], last[1], one.end)
            continue
        if last is not None:
            yield last
        last = (_label(one), one.start, one.end)
    if last is not None:
        yield last


def _label(one: Stretch) -> str:
    return one.status.label if one.status is not None else one.absence.value if one.absence else ""


def _piece(name: str, label: str, start: datetime, end: datetime, axis: Axis) -> Piece:
    place = axis.place(start)
    width = max(axis.place(end) - place, _NARROWEST)
    fits = width / 100 * _NARROW > len(label) * _LETTER
    return Piece(name.replace(" ", "-"), min(place, 100 - width), round(width, 3), label if fits else "")


def _told(one: Difference, names: tuple[str, str]) -> Told:
    whys = [_why(name, side) for name, side in zip(names, (one.one, one.other), strict=True)]
    return Told(one.start, one.end, one.length / timedelta(hours=1), (whys[0], whys[1]))


def _why(name: str, one: Stretch) -> Why:
    allows = allowed(one.status) if one.status is not None else "not usable"
    return Why(name, _label(one), allows, tuple(dict.fromkeys(reason.text for reason in one.reasons)))


def moment(at: datetime) -> str:
    """A moment as people read it, in UTC."""
    return f"{at:%Y-%m-%d %H:%M}"
