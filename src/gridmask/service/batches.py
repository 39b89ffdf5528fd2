"""Batches: what the guard holds for a person to look at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.errors import NotKnown
from gridmask.domain.events import BatchDecided
from gridmask.domain.rights import Action
from gridmask.domain.row import Row
from gridmask.domain.vo import ALL
from gridmask.inspection.inspector import Plan
from gridmask.service.offers import Reads, everything
from gridmask.service.reasons import require_text
from gridmask.store import guard, statuses
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.guard import Batch
    from gridmask.inspection.inspector import Inspector
    from gridmask.store.ledger import Outcome


@dataclass(frozen=True, slots=True)
class Held:
    """A batch, with the rows that are held in it now."""

    batch: Batch
    rows: tuple[Row, ...]


class Batches:
    """The use cases around what is held."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector

    async def list(self, *, waiting: bool = True, reads: Reads = everything) -> list[Batch]:
        """The batches, newest first, that concern a VO for which ``reads``; ``waiting``: only those that wait for a person."""
        async with self._inspector.database.reading() as connection:
            found = await guard.listed(connection, self._inspector.clock(), waiting=waiting)
            return await _told(connection, found, reads)

    async def show(self, name: str, *, reads: Reads = everything) -> Held:
        """The batch called ``name``, with its rows that are of a VO for which ``reads``, or count for one.

        Raises:
            NotKnown: there is none that concerns such a VO.
        """
        async with self._inspector.database.reading() as connection:
            batch = await _called(connection, name, self._inspector.clock(), reads)
            rows = await statuses.held_in(connection, name)
            told = [row for row in rows if reads(row.key.vo)]
            if len(told) < len(rows):
                masks = await guard.concerned_by_row(connection, name)
                told = [row for row in rows if any(map(reads, masks.get(row.key, ())))]
        return Held(batch, tuple(sorted(told, key=lambda row: row.key)))

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


async def _called(connection: AsyncConnection, name: str, now: datetime, reads: Reads = everything) -> Batch:
    found = await guard.find(connection, name)
    told = await _told(connection, [found] if found else [], reads)
    if not told:
        known = await _told(connection, await guard.listed(connection, now, waiting=False), reads)
        raise NotKnown("batch", name, (batch.id for batch in known))
    return told[0]


async def _told(connection: AsyncConnection, found: list[Batch], reads: Reads) -> list[Batch]:
    """Those of ``found`` that concern a VO for which ``reads``, each with these VOs alone."""
    if reads(ALL):
        return found
    concerned = await guard.concerned(connection, found)
    return [
        replace(batch, vos=frozenset(vo for vo in batch.vos if vo == ALL or reads(vo)))
        for batch in found
        if any(map(reads, concerned[batch.id]))
    ]
