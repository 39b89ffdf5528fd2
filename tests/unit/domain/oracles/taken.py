"""A step that was taken, and what the world looks like around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from gridmask.domain.automation import Mode
from gridmask.domain.element import RowKey
from gridmask.domain.events import Event, StatusSet, TokenExtended, TokenReleased, TokenTaken
from gridmask.domain.evidence import EvidenceKey
from gridmask.domain.instructions import Instruction
from gridmask.domain.mask import Mask, mask_of
from gridmask.domain.row import Row
from gridmask.domain.state import NO_ROWS, State
from gridmask.domain.step import step
from gridmask.domain.vo import ALL

CUSTODY = (StatusSet, TokenTaken, TokenExtended, TokenReleased)
"""What people do with rows."""


class Taken(NamedTuple):
    """A step that was taken."""

    before: State
    event: Event
    after: State
    instructions: tuple[Instruction, ...]
    now: datetime


def take(state: State, event: Event, now: datetime) -> Taken:
    return Taken(state, event, *step(state, event, now), now)


def all_rows(state: State) -> dict[RowKey, Row]:
    return {row.key: row for rows in state.rows.values() for row in rows.values()}


def present_rows(state: State) -> Iterator[Row]:
    return (row for row in all_rows(state).values() if row.key.element in state.elements)


def masks(state: State, vos: Iterable[str]) -> dict[str, Mask]:
    held = [holding for key in state.elements if (holding := state.holding(key))]
    return {vo: mask_of(vo, 0, held) for vo in (ALL, *vos)}


def known(state: State) -> set[EvidenceKey]:
    """What there is evidence by."""
    return {key for items in state.evidence.values() for key in items}


def seen(state: State, key: RowKey) -> Row | None:
    """The row that decides for the VO of ``key``, binding rows apart."""
    rows = state.rows.get(key.element, NO_ROWS)
    return rows.get((key.status_type, key.vo)) or rows.get((key.status_type, ALL))


def mode_of(state: State, key: RowKey) -> Mode:
    """How far automation may go with a row: what was decided for its VO, else for all."""
    rulings = state.rulings.get(key.element, {})
    ruling = rulings[key.vo] if key.vo in rulings else rulings.get(ALL)
    return ruling.mode if ruling else Mode.FULL
