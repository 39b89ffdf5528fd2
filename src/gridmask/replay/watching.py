"""Watching: what the guard remembers, as the database tells it before each step.

The database keeps batches as they were made, and takings with the change that each was. What it tells of them follows from how
things are by then: whether a batch holds anything still, and who may use what was taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.guard import Batch, BatchState, Guard, Taking, Watch
from gridmask.domain.instructions import EndRow, Instruction, SaveRow
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.row import Row
    from gridmask.domain.state import State


class Watching:
    """Knows what is held in which batch, in a world as it goes on."""

    def __init__(self, state: State) -> None:
        self._held = Counter(row.hold.batch for rows in state.rows.values() for row in rows.values() if row.hold is not None)

    def note(self, instructions: Iterable[Instruction]) -> None:
        """Know what becomes of rows."""
        for one in instructions:
            if isinstance(one, SaveRow):
                self._count(one.before, -1)
                self._count(one.after, 1)
            elif isinstance(one, EndRow):
                self._count(one.row, -1)

    def told(self, state: State, guard: Guard, now: datetime) -> State:
        """``state`` with what counts at ``now``; as it is, where nothing is guarded or remembered."""
        watch = state.watch
        if not guard.enabled or not (watch.batches or watch.recent):
            return state
        lasting = now - max(guard.window, guard.expires)
        batches = {name: self._told(one) for name, one in watch.batches.items() if _counts(one, now, lasting)}
        recent = tuple(_told(taking, state) for taking in watch.recent if taking.at > now - guard.window)
        told = Watch(recent, batches, watch.is_complete)
        return state if told == watch else replace(state, watch=told)

    def _told(self, batch: Batch) -> Batch:
        if batch.state not in {BatchState.HELD, BatchState.EMPTIED}:
            return batch
        found = BatchState.HELD if self._held[batch.id] > 0 else BatchState.EMPTIED
        return batch if batch.state is found else replace(batch, state=found)

    def _count(self, row: Row | None, by: int) -> None:
        if row is not None and row.hold is not None:
            self._held[row.hold.batch] += by


def _counts(batch: Batch, now: datetime, lasting: datetime) -> bool:
    return batch.expires_at > now or (batch.decided_at is not None and batch.decided_at > lasting)


def _told(taking: Taking, state: State) -> Taking:
    element = state.elements.get(taking.row.element)
    if taking.row.vo != ALL or element is None:
        return taking
    # who had a row of their own by then is not known any more; to count them in is the careful way
    whom = (state.vos & element.offered if element.offered else state.vos) | {ALL}
    return taking if taking.vos == whom else replace(taking, vos=whom)
