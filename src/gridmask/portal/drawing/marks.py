"""Marks: what sets a row apart, whatever its status: the guard holds it, damping holds it back, a person has it in hand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.domain.guard import Batch
    from gridmask.domain.row import Row
    from gridmask.service.matrix import Line


class Mark(StrEnum):
    """What sets a row apart. The names are those of the filter and of the style sheet."""

    HELD = "held"
    DAMPED = "damped"
    TAKEN = "taken"

    @property
    def meaning(self) -> str:
        """What it says, in a few words."""
        return _MEANINGS[self]


_MEANINGS = {
    Mark.HELD: "held by the guard",
    Mark.DAMPED: "damped, since it flaps",
    Mark.TAKEN: "in a person's hands",
}


def marks(row: Row) -> tuple[Mark, ...]:
    """The marks of ``row``."""
    found = {
        Mark.HELD: row.hold is not None,
        Mark.DAMPED: row.penalty is not None and row.penalty.damped,
        Mark.TAKEN: row.token is not None,
    }
    return tuple(mark for mark, has_it in found.items() if has_it)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A batch that waits for a person, as whoever looks for one VO, or for everyone, is told of it.

    Attributes:
        batch: the batch.
        rows: how many rows are held in it, of those that are looked at.
        vos: whose they are.
    """

    batch: Batch
    rows: int
    vos: tuple[str, ...]


def waiting_for_all(batches: Iterable[Batch]) -> list[Waiting]:
    """All that waits."""
    return [Waiting(batch, batch.rows, tuple(sorted(batch.vos))) for batch in batches]


def waiting_for(vo: str, batches: Iterable[Batch], lines: Iterable[Line]) -> list[Waiting]:
    """What waits of the rows that ``vo`` sees in ``lines``."""
    holds = [row.hold.batch for line in lines for row in line.rows if row.hold]
    counted = [(batch, holds.count(batch.id)) for batch in batches]
    return [Waiting(batch, rows, (vo,)) for batch, rows in counted if rows]
