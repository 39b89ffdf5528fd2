"""The part of a process that does no work itself: it tells those who do when something may be due sooner."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gridmask.inspection.engines.schedule import call
from gridmask.inspection.work import EVALUATE, Job

if TYPE_CHECKING:
    from gridmask.inspection.engines.engine import Bell, Work
    from gridmask.store.database import Database

BETWEEN_CALLS = 0.25
"""Seconds for which what was committed is gathered before it is told together."""


class Calling:
    """Does nothing, and has workers know."""

    kinds: tuple[str, ...] = ()

    def __init__(self, database: Database, bell: Bell | None = None) -> None:
        self._database = database
        self._bell = bell
        self._news = asyncio.Event()

    def works(self) -> Iterator[Work]:
        """To call."""
        yield "call workers", self._call

    def wake(self) -> None:
        """What is to be evaluated may be due sooner."""
        self._news.set()

    async def _call(self) -> None:
        await self._news.wait()
        await asyncio.sleep(BETWEEN_CALLS)
        self._news.clear()
        if await call(self._database) and self._bell is not None:
            await self._bell.ring([Job(EVALUATE)])
