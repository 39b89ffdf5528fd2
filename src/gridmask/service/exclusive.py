"""Exclusive: to have an action for oneself as long as something is done with it, however long that takes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from gridmask.domain.errors import Conflict, StoreError
from gridmask.store import deliveries

if TYPE_CHECKING:
    from gridmask.clock import Clock
    from gridmask.store.database import Database

TERM = timedelta(minutes=1)
"""So long after it was last heard of, whoever has an action has it still."""

BEAT = 5.0
"""Seconds between two times that it says that it goes on."""

WAITS = 20
"""So often it is asked, half a second apart, whether whoever is at work on the action is through."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Exclusive:
    """Somebody who wants the action called ``name`` for themselves."""

    database: Database
    clock: Clock
    name: str
    holder: str = field(default_factory=lambda: secrets.token_hex(8))

    async def do(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do ``work``, while nobody else is at work on it.

        Raises:
            Conflict: the settings in force have no such action, or it is at work; or this process was silent for so long that
            another has it.
        """
        await self._begin()
        working, beating = asyncio.ensure_future(work()), asyncio.create_task(self._go_on())
        try:
            await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise Conflict(f"This process stood still for so long that another has {self.name!r}: look how far it came.")
            return working.result()
        finally:
            for task in (working, beating):
                task.cancel()
            await asyncio.gather(working, beating, return_exceptions=True)
            await self.database.change(lambda connection, _: deliveries.leave(connection, self.name, self.holder))

    async def _begin(self) -> None:
        for attempt in range(WAITS):
            if await self._claim():
                return
            async with self.database.reading() as connection:
                if await deliveries.work(connection, self.name, self.clock()) is None:
                    raise Conflict(f"The settings in force have no actuator {self.name!r}: whoever runs the loop has others.")
            await asyncio.sleep(0.5 if attempt + 1 < WAITS else 0)
        raise Conflict(f"The actuator {self.name!r} is at work just now. Ask again in a while.")

    async def _claim(self) -> bool:
        now = self.clock()
        return await self.database.change(lambda connection, _: deliveries.claim(connection, self.name, self.holder, now, TERM))

    async def _go_on(self) -> None:
        """Say that it goes on, until that is so no more."""
        while True:
            await asyncio.sleep(BEAT)
            try:
                if not await self._claim():
                    return
            except StoreError:  # whoever works notices that by itself
                continue
