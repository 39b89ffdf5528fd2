"""Tenure: work that this process does as long as no other one does.

Who has it says so every few seconds. Who was silent for longer than its term is followed by another; so that the two do not
meet, it takes itself to have lost it some time before.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Gauge

from gridmask.domain.errors import StoreError
from gridmask.store import leases

if TYPE_CHECKING:
    from gridmask.clock import Clock
    from gridmask.store.database import Database
    from gridmask.store.fences import Fence

log = structlog.get_logger()

TERM = timedelta(seconds=30)
"""So long after it was last heard of, whoever has it has it still."""

LAST = timedelta(seconds=10)
"""So much of its term is left, for what is under way to come to its end, when it begins nothing any more."""

BEAT = 5.0
"""Seconds between two times that it says that it goes on; or asks, if it is another's, whether that is over."""

LEFT_WITHIN = 5.0
"""Seconds that it may take to let another have it, before it is to wait for the end of the term instead."""

HELD = Gauge("gridmask_work_held", "1 while this process does work that one process does at a time.", ["work"])

_LONGEST_HOST = 40


def alive() -> float:
    """Seconds by a clock that nobody sets, and that goes on while this machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Tenure:
    """Whether the work called ``name`` is this process's."""

    def __init__(self, database: Database, clock: Clock, name: str) -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._holder = f"{socket.gethostname()[:_LONGEST_HOST]} {os.getpid()} {secrets.token_hex(4)}"
        self._until = float("-inf")
        self._again = asyncio.Event()
        self._times = 0
        HELD.labels(name).set_function(lambda: float(self.is_held))

    @property
    def holder(self) -> str:
        """What this process is called there."""
        return self._holder

    @property
    def is_held(self) -> bool:
        """Whether it is."""
        return alive() < self._until

    @property
    def times(self) -> int:
        """How often it came to be so."""
        return self._times

    @property
    def again(self) -> asyncio.Event:
        """Set once it comes to be so for the next time."""
        return self._again

    def covers(self, host: str) -> bool:
        """Whether what is done at ``host`` is this process's: all is."""
        del host
        return True

    def speaks_for(self, hosts: Collection[str]) -> bool:
        """Whether it is this process that says how work at ``hosts`` fares: it is."""
        del hosts
        return True

    def fence(self) -> Fence | None:
        """Under which leases it is done: none that a transaction would look at."""
        return None

    async def begun(self) -> None:
        """Wait until it is."""
        while not self.is_held:
            await self._again.wait()

    async def keep(self) -> None:
        """Have it for this process, as soon and as long as it can be had."""
        await kept(self.claim, self.leave)

    async def claim(self) -> bool:
        """Have it for this process, if it can be had now. Returns whether that is so."""
        held, began = self.is_held, alive()
        now = self._clock()
        mine = await self._database.change(lambda connection, _: leases.claim(connection, self._name, self._holder, now, TERM))
        self._until = began + (TERM - LAST).total_seconds() if mine else float("-inf")
        if mine and not held:
            self._times += 1
            self._again.set()
            self._again = asyncio.Event()
        if mine is not held:
            log.info("work was taken up" if mine else "work is another process's", work=self._name)
        return mine

    async def leave(self) -> None:
        """Let another have it."""
        if not self.is_held:
            return
        self._until = float("-inf")
        now = self._clock()
        await self._database.change(lambda connection, _: leases.leave(connection, self._name, self._holder, now))


async def kept(claim: Callable[[], Awaitable[object]], leave: Callable[[], Awaitable[None]]) -> None:
    """Have what ``claim`` claims as soon and as long as it can be had; in the end ``leave`` it, for another not to wait."""
    try:
        while True:
            await claim()
            await asyncio.sleep(BEAT)
    except asyncio.CancelledError:
        with suppress(StoreError, TimeoutError):  # then the next one has to wait for the end of the term
            async with asyncio.timeout(LEFT_WITHIN):
                await leave()
        raise
