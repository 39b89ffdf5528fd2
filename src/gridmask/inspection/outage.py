"""What the loop does while the database is away, or takes no changes: wait, tell it once, and go on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from gridmask.domain.errors import StoreUnavailable
from gridmask.store.tables import counter

if TYPE_CHECKING:
    from gridmask.store.database import Database

log = structlog.get_logger()

FIRST_PAUSE = 1.0
"""Seconds to wait after the first failure; after each one that follows, twice as many."""

LONGEST_PAUSE = 60.0
"""Seconds that are never exceeded. Where the database answers and refuses, sources are asked for nothing: not too often."""

BETWEEN_LOOKS = 1.0
"""Seconds between two looks whether the database is back."""


class Outage:
    """An outage of the database, for all tasks of a loop together: the first one to meet it tells, the first to go on again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told = False
        self._failures = 0

    async def weathered(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do ``work``, again from its start once the database is back, until it is done."""
        pause = FIRST_PAUSE
        while True:
            before = self._failures
            try:
                await work()
            except StoreUnavailable as error:
                self._tell(error)
            else:
                if before == self._failures:  # else this was done before, and others have failed since
                    self._end()
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            await self._return()

    async def _return(self) -> None:
        while True:
            try:
                async with self._database.reading() as connection:
                    await connection.execute(select(counter.c.revision))
            except StoreUnavailable as error:
                self._tell(error)
                await asyncio.sleep(BETWEEN_LOOKS)
            else:
                return

    def _tell(self, error: StoreUnavailable) -> None:
        tell = log.debug if self._told else log.warning
        tell("the loop waits for the database", problem=str(error))
        self._told = True
        self._failures += 1

    def _end(self) -> None:
        if self._told:
            log.info("the loop goes on: the database is back")
        self._told = False
