"""What an element was, as it is drawn and listed: changes, and the picture of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from gridmask.domain.instructions import ChangeKind
from gridmask.domain.status import Status
from gridmask.portal.drawing.axis import Axis
from gridmask.portal.drawing.timeline import Bar, Lane, Pin, lanes, pins, stacked

if TYPE_CHECKING:
    import sqlalchemy as sa

    from gridmask.domain.timeline import Stretch
    from gridmask.portal.element.window import Window
    from gridmask.service.chronicles import Chronicle, Course

MOST_ROWS = 4
"""So many downtimes are drawn above each other."""


@dataclass(frozen=True, slots=True)
class Change:
    """How rows changed about which the same is to be said; ``aspects`` are their status types."""

    aspects: tuple[str, ...]
    said: sa.Row[Any]
    numbers: tuple[int, ...] = ()

    @property
    def old(self) -> Status | None:
        """What they were; None if they were not."""
        return _status(self.said.old)

    @property
    def new(self) -> Status | None:
        """What they became; None if they ended."""
        return _status(self.said.new)

    @property
    def is_held(self) -> bool:
        """Whether the guard kept it as it was."""
        return bool(self.said.kind == ChangeKind.HELD)


def together(changes: Iterable[sa.Row[Any]]) -> list[Change]:
    """``changes``, those of several status types that differ in nothing else together."""
    alike = groupby(changes, key=lambda change: change.revision)
    return [change for _, group in alike for change in _merged(group)]


def _merged(changes: Iterable[sa.Row[Any]]) -> list[Change]:
    found: dict[str, list[sa.Row[Any]]] = {}
    for change in changes:
        said = (change.vo, change.old, change.new, change.actor, change.kind, change.token_owner, change.reasons)
        found.setdefault(repr(said), []).append(change)
    return [
        Change(tuple(c.status_type for c in reversed(alike)), alike[0], tuple(c.id for c in alike)) for alike in found.values()
    ]


def _status(value: int | None) -> Status | None:
    return None if value is None else Status(value)


@dataclass(frozen=True, slots=True)
class Shift:
    """That the end of a downtime was announced to be another than before: at ``place`` percent, at ``known_at``."""

    place: float
    before: datetime | None
    after: datetime | None
    known_at: datetime

    @property
    def word(self) -> str:
        """What became of it."""
        if self.after is None or (self.before is not None and self.after > self.before):
            return "extended"
        return "shortened"


@dataclass(frozen=True, slots=True)
class Picture:
    """What happened, drawn.

    Attributes:
        axis: the time.
        lanes: statuses.
        downtimes: announced downtimes, in rows; ``rows``: in how many; ``more``: how many there is no room for.
        deeds: what people and the guard decided.
        now: where the present is, in percent; None: not in the picture.
        nothing: whether nothing is known of all that time.
        statuses: those that are seen, from the best to the worst.
    """

    axis: Axis
    lanes: tuple[Lane, ...]
    downtimes: tuple[Bar[Course], ...]
    rows: int
    more: int
    deeds: tuple[Pin[Change], ...]
    now: float | None

    @property
    def nothing(self) -> bool:
        """Whether nothing is known of all that time."""
        return all(piece.status is None for lane in self.lanes for piece in lane.pieces)

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Those that are seen."""
        seen = {piece.status for lane in self.lanes for piece in lane.pieces}
        return tuple(status for status in _ORDER if status in seen)


_ORDER = (Status.ACTIVE, Status.DEGRADED, Status.PROBING, Status.BANNED, Status.ERROR, Status.UNKNOWN)


def picture(chronicle: Chronicle, window: Window, zone: str, aspects: Sequence[str] = ()) -> Picture:
    """``chronicle`` as it is drawn in ``window``; ``aspects`` are its status types, in their order."""
    axis = Axis(chronicle.since, window.until, zone)
    bars, more = stacked(_spans(chronicle.courses, axis), axis, MOST_ROWS)
    decided = reversed(together(chronicle.deeds))
    marks = pins(((change, change.said.at) for change in decided), axis)
    rows = max((bar.row for bar in bars), default=-1) + 1
    present = axis.place(window.now) if axis.since <= window.now < axis.until else None
    declared = {aspect: place for place, aspect in enumerate(aspects)}
    ordered = sorted(chronicle.timelines, key=lambda one: (declared.get(one.status_type, len(declared)), one.status_type))
    return Picture(axis, lanes(ordered, axis), bars, rows, more, marks, present)


def _spans(courses: Iterable[Course], axis: Axis) -> Iterator[tuple[Course, datetime, datetime]]:
    for course in courses:
        interval = course.last.interval
        end = interval.end or axis.until
        if interval.start < axis.until and end > axis.since:
            yield course, interval.start, end


def shifts(course: Course, axis: Axis) -> tuple[Shift, ...]:
    """How the end of a downtime was moved, version after version."""
    return tuple(_shifts(course, axis))


def _shifts(course: Course, axis: Axis) -> Iterator[Shift]:
    for earlier, later in zip(course.versions, course.versions[1:], strict=False):
        before, after = earlier.downtime.interval.end, later.downtime.interval.end
        if before != after:
            yield Shift(axis.place(before or axis.until), before, after, later.known_from)


def in_a_line(stretches: Sequence[Stretch]) -> str:
    """Stretches in a line, for who does not see them: how many, and what lasted how long."""
    lasted: dict[str, float] = {}
    for one in stretches:
        name = one.status.label if one.status is not None else "not in the mask"
        lasted[name] = lasted.get(name, 0.0) + (one.end - one.start).total_seconds()
    whole = sum(lasted.values()) or 1.0
    parts = sorted(lasted.items(), key=lambda item: -item[1])
    return ", ".join(f"{_share(seconds / whole)} {name}" for name, seconds in parts)


def _share(part: float) -> str:
    return f"{part:.0%}" if part == 1 or 0.01 <= part < 0.995 else ("over 99%" if part >= 0.995 else "under 1%")


def links(changes: Sequence[Change]) -> Mapping[int, int]:
    """By the number of each change that is listed, the number under which it is found there."""
    return {number: change.said.id for change in changes for number in change.numbers}
