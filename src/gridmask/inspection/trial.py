"""A trial: what an event would lead to, found out by the very step that it would take, and written down nowhere.

Other than a rehearsal it keeps nobody from writing, and nobody waits for it: what it says is of the moment at which it looked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.events import TimePassed
from gridmask.domain.instructions import EndRow, MoveMasks, SaveRow
from gridmask.domain.state import State
from gridmask.inspection.inspector import Inspector, Prepare, taken
from gridmask.store import world
from gridmask.store.ledger import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gridmask.domain.instructions import Instruction


class Trial(Inspector):
    """An inspector under which nothing happens. What would is in the ``outcome``; ``after`` that, the world would be so.

    ``kept`` are the rows that would be judged otherwise, and stay as they are.

    Args:
        inspector: the one beside which it stands.
        until: how far time is to pass after what happens; None: no further.
    """

    def __init__(self, inspector: Inspector, until: datetime | None = None) -> None:
        super().__init__(
            inspector.database,
            inspector.policies,
            inspector.declared_types,
            inspector.registry,
            inspector.clock,
            lambda _: None,
        )
        self._until = until
        self.outcome = Outcome(None)
        self.kept: tuple[SaveRow, ...] = ()
        self.after = State()

    async def happen(self, prepare: Prepare, *then: Prepare) -> Outcome:
        """See :meth:`Inspector.happen`; only what comes first is tried."""
        del then
        now = self.clock()
        async with self.database.reading() as connection:
            plan = await prepare(connection, now)
            if plan.event is None:
                return Outcome(None)
            state = await world.load(connection, plan.scope, self.policies, await self.types(connection), now)
            state, found = await taken(connection, state, plan.event, now)
            if self._until is not None and self._until > now:
                state, later = await taken(connection, state, TimePassed(frozenset(state.elements)), self._until)
                found += later
        self.after = state
        self.outcome = Outcome(None, tuple(_changes(found)), _masks(found))
        self.kept = tuple(one for one in found if isinstance(one, SaveRow) and not one.change)
        return self.outcome


def _changes(found: Iterable[Instruction]) -> Iterable[SaveRow | EndRow]:
    return (one for one in found if isinstance(one, EndRow) or (isinstance(one, SaveRow) and one.change))


def _masks(found: Iterable[Instruction]) -> frozenset[str]:
    return frozenset(vo for one in found if isinstance(one, MoveMasks) for vo in one.vos)
