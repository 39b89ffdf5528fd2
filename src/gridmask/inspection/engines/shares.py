"""Shares of the hosts that are probed: each process has some, and all of a host is in one of them.

So what may be under way at one host at once holds over all processes. Who comes takes free shares; who has more than its part
lets go of some, once nothing is under way there any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import structlog

from gridmask.inspection import tenure
from gridmask.inspection.engines.schedule import SHARES
from gridmask.inspection.tenure import LAST, TERM
from gridmask.inspection.work import PROBE
from gridmask.store import shares, work, workers
from gridmask.store.fences import Fence, Ticket

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.clock import Clock
    from gridmask.store.database import Database

log = structlog.get_logger()


@lru_cache(100_000)
def share_of(host: str) -> str:
    """The share that ``host`` is in."""
    return f"{int.from_bytes(blake2b(host.encode(), digest_size=4).digest()) % SHARES:02}"


class Shares:
    """Which hosts are this process's to probe. It has the form of a :class:`~gridmask.inspection.tenure.Tenure`."""

    def __init__(self, database: Database, clock: Clock, holder: str) -> None:
        self._database = database
        self._clock = clock
        self._holder = holder
        self._mine: Mapping[str, Ticket] = {}
        self._begun: frozenset[str] = frozenset()
        self._until = float("-inf")
        self._again = asyncio.Event()
        self._times = 0
        self.under_way: Callable[[], Collection[str]] = tuple
        """Tells the hosts at which something is under way."""

    @property
    def is_held(self) -> bool:
        """Whether there are any."""
        return bool(self._begun) and tenure.alive() < self._until

    @property
    def times(self) -> int:
        """How often they became others."""
        return self._times

    @property
    def again(self) -> asyncio.Event:
        """Set once they become others for the next time."""
        return self._again

    def covers(self, host: str) -> bool:
        """Whether ``host`` is in them."""
        return share_of(host) in self._begun

    def speaks_for(self, hosts: Collection[str]) -> bool:
        """Whether this process says how a probe of ``hosts`` fares: of all shares that they are in, it has the first."""
        return min(map(share_of, hosts), default=f"{0:02}") in self._begun

    def fence(self) -> Fence:
        """What is done for them can be committed as long as they are this process's."""
        return Fence(tuple(self._mine[key] for key in sorted(self._begun & self._mine.keys())), self._clock, TERM)

    async def begun(self) -> None:
        """Wait until there are any."""
        while not self.is_held:
            await self._again.wait()

    async def keep(self) -> None:
        """Have a fair part of all for this process, as soon and as long as it can be had."""
        await tenure.kept(self.claim, self.leave)

    async def claim(self) -> None:
        """Have as many as it may now."""
        began = tenure.alive()
        held, part = await self._database.note(self._taken)
        self._until = began + (TERM - LAST).total_seconds()
        kept = sorted(held)[:part]
        busy = set(map(share_of, self.under_way()))
        over = [held[key] for key in sorted(held)[part:]]
        self._mine = held
        self._become(frozenset(kept))
        if idle := [ticket for ticket in over if ticket.key not in busy]:
            await self._database.note(lambda connection: shares.leave(connection, idle, self._clock()))

    async def leave(self) -> None:
        """Let others have them."""
        mine, self._mine = list(self._mine.values()), {}
        self._become(frozenset())
        await self._database.note(lambda connection: shares.leave(connection, mine, self._clock()))

    async def _taken(self, connection: AsyncConnection) -> tuple[Mapping[str, Ticket], int]:
        await work.queue_up(connection)
        now = self._clock()
        present = await workers.present(connection, now)
        held = await shares.take(connection, PROBE, self._holder, present, now, timedelta(seconds=TERM.total_seconds()))
        return held, shares.fair(SHARES, PROBE, present, self._holder)

    def _become(self, begun: frozenset[str]) -> None:
        if begun == self._begun:
            return
        self._begun = begun
        self._times += 1
        self._again.set()
        self._again = asyncio.Event()
        log.info("shares of the hosts that are probed", shares=len(begun), of=SHARES)
