"""Timelines as pictures: what was so when, in lanes, with what was announced above and what was decided marked on it.

All places are in percent of the width, so that a picture is as wide as there is room for, and its words stay as large as all
others. Whether a word fits is told by the least width, in pixels, at which it does (:data:`WIDTHS`); the style sheet shows it
from there on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Generic, TypeVar

from gridmask.portal.drawing.axis import Axis

if TYPE_CHECKING:
    from gridmask.domain.mask import Absence
    from gridmask.domain.status import Status
    from gridmask.domain.timeline import Stretch, Timeline

LEAST = 0.3
"""Percent: nothing is drawn narrower, so that a ban of minutes is seen in a year."""

WIDTHS = (260, 420, 640, 900, 1300)
"""Pixels: the widths of pictures from which on more words are shown."""

LETTER, MARGIN = 7.2, 14
"""Pixels: about how wide a letter is, and what stays free beside a word."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece:
    """What is drawn as one thing: a stretch, or many that are too short to be told apart.

    Attributes:
        start, end: from when up to when.
        status: what was so; of many, the most restrictive of them.
        absence: why nothing was.
        place, width: where it is drawn, in percent.
        stretches: what it stands for.
        room: the least width of a picture in which its label fits; 0: it never does.
    """

    start: datetime
    end: datetime
    status: Status | None
    absence: Absence | None
    place: float
    width: float
    stretches: tuple[Stretch, ...]
    room: int = 0

    @property
    def label(self) -> str:
        """What stands on it."""
        return _label(self.stretches[0]) if len(self.stretches) == 1 else ""

    @property
    def is_many(self) -> bool:
        """Whether it stands for several stretches."""
        return len(self.stretches) > 1


@dataclass(frozen=True, slots=True)
class Lane:
    """What was so of ``aspects``: pieces without a gap between them, and the stretches that they stand for."""

    aspects: tuple[str, ...]
    pieces: tuple[Piece, ...]
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Bar(Generic[T]):
    """Something that lasts, drawn in a row among others of its kind, none of which it touches."""

    what: T
    place: float
    width: float
    row: int


@dataclass(frozen=True, slots=True)
class Pin(Generic[T]):
    """What happened at one moment, or so close together that it cannot be told apart."""

    place: float
    what: tuple[T, ...]


def lanes(timelines: Iterable[Timeline], axis: Axis) -> tuple[Lane, ...]:
    """The ``timelines`` drawn along ``axis``, those of the same content as one lane."""
    found: dict[tuple[object, ...], tuple[list[str], tuple[Stretch, ...]]] = {}
    for one in timelines:
        content = tuple((s.start, s.end, s.status, s.absence, s.row, s.owner) for s in one.stretches)
        found.setdefault(content, ([], one.stretches))[0].append(one.status_type)
    return tuple(Lane(tuple(aspects), pieces(stretches, axis), stretches) for aspects, stretches in found.values())


def pieces(stretches: Sequence[Stretch], axis: Axis) -> tuple[Piece, ...]:
    """``stretches`` as they are drawn: neighbours that are too short to be seen apart are one piece."""
    grouped = groupby(stretches, key=lambda s: _is_short(s, axis))
    parts = (part for short, group in grouped for part in ([tuple(group)] if short else ((s,) for s in group)))
    return tuple(_piece(part, axis) for part in parts)


def _is_short(stretch: Stretch, axis: Axis) -> bool:
    return axis.place(stretch.end) - axis.place(stretch.start) < LEAST


def _piece(stretches: tuple[Stretch, ...], axis: Axis) -> Piece:
    start, end = stretches[0].start, stretches[-1].end
    place = axis.place(start)
    width = max(axis.place(end) - place, LEAST)
    status = min((s.status for s in stretches if s.status is not None), default=None)
    absence = stretches[0].absence if status is None else None
    room = needed(_label(stretches[0]), width) if len(stretches) == 1 else 0
    return Piece(start, end, status, absence, round(min(place, 100 - width), 3), round(width, 3), stretches, room)


def _label(stretch: Stretch) -> str:
    if stretch.status is None:
        return stretch.absence.value if stretch.absence else ""
    return f"{stretch.status.label}, held by {stretch.owner}" if stretch.owner else stretch.status.label


def needed(label: str, width: float) -> int:
    """The least of :data:`WIDTHS` at which ``label`` fits into ``width`` percent; 0: none."""
    pixels = len(label) * LETTER + MARGIN
    return next((least for least in WIDTHS if least * width / 100 >= pixels), 0)


def stacked(things: Iterable[tuple[T, datetime, datetime]], axis: Axis, most: int) -> tuple[tuple[Bar[T], ...], int]:
    """``things``, each with its beginning and end, in as few rows as it takes, but not more than ``most``.

    Returns: what is drawn, and how many there is no room for.
    """
    ends: list[float] = []
    bars: list[Bar[T]] = []
    left_out = 0
    for thing, start, end in things:
        place = axis.place(start)
        width = max(axis.place(end) - place, LEAST)
        place = min(place, 100 - width)
        row = next((row for row, until in enumerate(ends) if until <= place), len(ends))
        if row >= most:
            left_out += 1
            continue
        ends[row:] = [place + width, *ends[row + 1 :]]
        bars.append(Bar(thing, round(place, 3), round(width, 3), row))
    return tuple(bars), left_out


def pins(things: Iterable[tuple[T, datetime]], axis: Axis, apart: float = 1.6) -> tuple[Pin[T], ...]:
    """``things``, each with its moment, those that are less than ``apart`` percent from the first of them together."""
    return tuple(_pinned(things, axis, apart))


def _pinned(things: Iterable[tuple[T, datetime]], axis: Axis, apart: float) -> Iterator[Pin[T]]:
    near: list[T] = []
    first = 0.0
    for thing, at in sorted(things, key=lambda one: one[1]):
        place = axis.place(at)
        if near and place - first >= apart:
            yield Pin(first, tuple(near))
            near = []
        if not near:
            first = place
        near.append(thing)
    if near:
        yield Pin(first, tuple(near))
