"""When two systems said different things of a row: the times during which a reader might use it by the one only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gridmask.domain.comparison import Said
    from gridmask.domain.element import RowKey


class Turn(NamedTuple):
    """From ``at`` on, ``said`` is said; None: nothing."""

    at: datetime
    said: Said | None


Course = Sequence[Turn]
"""What was said of a row, in order of time; before its first turn, nothing."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A time during which two systems disagreed about whether a row may be used, and what they said when it began."""

    start: datetime
    end: datetime
    theirs: Said
    ours: Said

    @property
    def length(self) -> timedelta:
        """How long it was."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Dispute:
    """All the times during which two systems disagreed about a row, in order; there is at least one."""

    row: RowKey
    spells: tuple[Spell, ...]

    @property
    def length(self) -> timedelta:
        """How long they were together."""
        return sum((spell.length for spell in self.spells), timedelta())

    @property
    def stricter_there(self) -> timedelta:
        """For how long the others did not let it be used."""
        return sum((spell.length for spell in self.spells if spell.ours.usable), timedelta())


def overlaid(own: Course, general: Course) -> list[Turn]:
    """What a VO's readers were told, who have a row of their own or else see that of ``all`` (promises V1, V4)."""
    turns = []
    for at, mine, everyones in _together(own, general):
        binds = everyones is not None and everyones.binding
        turns.append(Turn(at, everyones if binds or mine is None else mine))
    return turns


def while_there(course: Course, presence: Sequence[tuple[datetime, bool]]) -> list[Turn]:
    """``course`` with nothing said while its element was not in the inventory, as ``presence`` tells from each moment on."""
    events: list[tuple[datetime, int, Turn | bool]] = [(turn.at, 1, turn) for turn in course]
    events += [(at, 0, there) for at, there in presence]
    said: Said | None = None
    present, turns = False, []
    for at, _, what in sorted(events, key=lambda event: event[:2]):
        if isinstance(what, Turn):
            said = what.said
        else:
            present = what
        turns.append(Turn(at, said if present else None))
    return turns


def spells(theirs: Course, ours: Course, since: datetime, until: datetime) -> list[Spell]:
    """The times from ``since`` to ``until`` in which both said something, and only one of them let the row be used.

    What changes meanwhile without ending the disagreement makes no new spell.
    """
    found: list[Spell] = []
    for start, end, one, other in _stretches(theirs, ours, since, until):
        if one is None or other is None or one.usable == other.usable or start == end:
            continue
        last = found[-1] if found else None
        if last is not None and last.end == start and last.ours.usable == other.usable:
            found[-1] = Spell(last.start, end, last.theirs, last.ours)
        else:
            found.append(Spell(start, end, one, other))
    return found


def longer(found: Iterable[Spell], least: timedelta) -> tuple[Spell, ...]:
    """Those of ``found`` that lasted longer than ``least``."""
    return tuple(spell for spell in found if spell.length > least)


def longest_first(disputes: Iterable[Dispute]) -> list[Dispute]:
    """``disputes``, that of the most hours first."""
    return sorted(disputes, key=lambda dispute: (-dispute.length, dispute.row))


def _stretches(
    one: Course, other: Course, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime, Said | None, Said | None]]:
    """The stretches in which neither changed, within these bounds."""
    moments = [*_together(one, other), (until, None, None)]
    for (start, first, second), (end, _, _) in pairwise(moments):
        if end > since and start < until:
            yield max(start, since), min(end, until), first, second


def _together(one: Course, other: Course) -> Iterator[tuple[datetime, Said | None, Said | None]]:
    """Whenever either changes, what both say from then on."""
    turns = [(turn.at, side, turn.said) for side, course in enumerate((one, other)) for turn in course]
    now: list[Said | None] = [None, None]
    for at, together in groupby(sorted(turns, key=lambda turn: turn[0]), key=lambda turn: turn[0]):
        for _, side, said in together:
            now[side] = said
        yield at, now[0], now[1]
