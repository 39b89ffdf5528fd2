"""The dispatcher: hands what is in the outbox to the actions, in order, until each has been told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from prometheus_client import Gauge

from gridmask.domain.errors import GridmaskError
from gridmask.store import history, outbox
from gridmask.store.ledger import CHANGED

if TYPE_CHECKING:
    from sqlalchemy import Row

    from gridmask.clock import Clock
    from gridmask.store.database import Database

log = structlog.get_logger()

WAITING = Gauge("gridmask_outbox_entries", "Entries of the outbox that were not delivered yet, up to a hundred.")

_BATCH = 100
_PAUSE = 1.0
_AFTER_FAILURE = 30.0


class Action(Protocol):
    """An effect on the outside. Told of the same key twice, it must do no harm."""

    async def tell(self, key: str, changes: dict[str, Any]) -> None:
        """Tell the outside of ``changes``.

        Raises:
            GridmaskError: it could not be told; it will be tried again.
        """


class Dispatcher:
    """Delivers the outbox. What was delivered but not noted when the process died is delivered again, under the same key."""

    def __init__(self, database: Database, clock: Clock, actions: Sequence[Action]) -> None:
        self._database = database
        self._clock = clock
        self._actions = actions

    async def run(self) -> None:
        """Deliver what there is, then pause."""
        await asyncio.sleep(_PAUSE if await self.deliver() else _AFTER_FAILURE)

    async def deliver(self) -> bool:
        """Deliver what there is, oldest first. Returns False when an entry could not be delivered; later ones wait for it."""
        while True:
            async with self._database.reading() as connection:
                entries = await outbox.undelivered(connection, _BATCH)
            WAITING.set(len(entries))
            if not entries:
                return True
            done: list[int] = []
            for entry in entries:
                if not await self._tell(entry):
                    break
                done.append(entry.id)
            if done:
                now = self._clock()
                async with self._database.writing() as (connection, _):
                    await outbox.delivered(connection, done, now)
            if len(done) < len(entries):
                return False

    async def _tell(self, entry: Row[Any]) -> bool:
        if not self._actions:
            return True
        told = await self._told(entry)
        try:
            for action in self._actions:
                await action.tell(entry.key, told)
        except GridmaskError as error:
            log.warning("an action failed", key=entry.key, problem=str(error))
            async with self._database.writing() as (connection, _):
                await outbox.failed(connection, entry.id, str(error))
            return False
        return True

    async def _told(self, entry: Row[Any]) -> dict[str, Any]:
        """What an entry stands for: the changes of a revision, or what it holds itself."""
        if entry.topic != CHANGED:
            return {"topic": entry.topic, **entry.payload}
        async with self._database.reading() as connection:
            return await history.revision(connection, entry.payload["revision"])
