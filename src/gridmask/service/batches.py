"""Batches: what the guard holds for a person to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import Gauge

from gridmask.domain.errors import NotKnown
from gridmask.domain.events import BatchDecided
from gridmask.domain.rights import Action
from gridmask.domain.row import Row
from gridmask.inspection.inspector import Plan
from gridmask.service.reasons import require_text
from gridmask.store import guard, statuses
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.guard import Batch
    from gridmask.inspection.inspector import Inspector
    from gridmask.store.ledger import Outcome

WAITING = Gauge("gridmask_batches_waiting", "Batches that the guard holds, and that nobody has decided about yet.")


@dataclass(frozen=True, slots=True)
class Held:
    """A batch, with the rows that are held in it now."""

    batch: Batch
    rows: tuple[Row, ...]


class Batches:
    """The use cases around what is held."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector

    async def list(self, *, waiting: bool = True) -> list[Batch]:
        """The batches, newest first; ``waiting``: only those that wait for a person."""
        async with self._inspector.database.reading() as connection:
            found = await guard.listed(connection, self._inspector.clock(), waiting=waiting)
        if waiting:
            WAITING.set(len(found))
        return found

    async def show(self, name: str) -> Held:
        """The batch called ``name``.

        Raises:
            NotKnown: there is none.
        """
        async with self._inspector.database.reading() as connection:
            batch = await _called(connection, name, self._inspector.clock())
            rows = await statuses.held_in(connection, name)
        return Held(batch, tuple(sorted(rows, key=lambda row: row.key)))

    async def confirm(self, actor: Actor, name: str, reason: str) -> Outcome:
        """Let the batch called ``name`` through: its rows become what automation asks for.

        Raises:
            NotKnown: no such batch waits. Forbidden. InvalidRequest: there is no reason.
        """
        return await self._decide(actor, name, reason, confirmed=True)

    async def drop(self, actor: Actor, name: str, reason: str) -> Outcome:
        """Keep the rows of the batch called ``name`` as they are, until automation asks for something else or a day has passed.

        Raises:
            NotKnown: no such batch waits. Forbidden. InvalidRequest: there is no reason.
        """
        return await self._decide(actor, name, reason, confirmed=False)

    async def _decide(self, actor: Actor, name: str, reason: str, *, confirmed: bool) -> Outcome:
        said = require_text(reason, "A reason")
        action = Action.CONFIRM_HELD if confirmed else Action.DROP_HELD

        async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
            batch = await _called(connection, name, now)
            rows = await statuses.held_in(connection, name)
            # also those whose rows only joined it
            for vo in sorted(batch.vos.union(row.key.vo for row in rows)):
                actor.require(action, vo)
            elements = frozenset(row.key.element for row in rows)
            event = BatchDecided(actor, name, confirmed, said)
            return Plan(event, Scope.of(elements), f"batch {'confirmed' if confirmed else 'dropped'}", f"{name}: {said}")

        return await self._inspector.happen(prepare)


async def _called(connection: AsyncConnection, name: str, now: datetime) -> Batch:
    found = await guard.find(connection, name)
    if found is None:
        known = await guard.listed(connection, now, waiting=False)
        raise NotKnown("batch", name, (batch.id for batch in known))
    return found
