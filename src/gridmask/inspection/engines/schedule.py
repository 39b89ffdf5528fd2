"""The scheduler: one process at a time keeps the list of what there is to do, and rings the bell for what is due.

Nothing depends on there being only one. What it says is a hint; the list is changed in a transaction that looks whose it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.inspection.tenure import Tenure
from gridmask.inspection.waiting import until
from gridmask.inspection.work import KINDS, PROBE, Job
from gridmask.store import leases, statuses, work, workers
from gridmask.store.work import Item

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.clock import Clock
    from gridmask.inspection.engines.engine import Bell, Work
    from gridmask.inspection.work import Duty
    from gridmask.store.database import Database

WORK = "scheduling"
"""What its work is called, which one process does at a time."""

BETWEEN_PLANS = 60.0
"""Seconds between two times that the list of what there is to do is compared with the settings."""

BETWEEN_LOOKS = 0.5
"""Seconds between two looks at what is due."""

MOST_AT_ONCE = 100
"""For so much the bell is rung at a look, at most: what is due can be seen in the database as well."""

RUNG_AGAIN = 5.0
"""Seconds after which the bell is rung again for what nobody has taken up."""

SHARES = 16
"""In so many shares hosts are probed: no more processes than that can probe at once."""


class Scheduler:
    """Has the list kept, by this process or another."""

    def __init__(
        self, database: Database, clock: Clock, duties: tuple[Duty, ...], *, probes: bool = False, bell: Bell | None = None
    ) -> None:
        """``probes``: whether there are any."""
        self._database = database
        self._clock = clock
        self._duties = duties
        self._probes = probes
        self._bell = bell
        self._tenure = Tenure(database, clock, WORK)
        self._news = asyncio.Event()
        self._rung: dict[tuple[str, str], float] = {}

    def works(self, planned: Callable[[], None]) -> Iterator[Work]:
        """To have the list, keep it, and ring; ``planned`` is called each time that it was compared."""
        yield "have the schedule", self._tenure.keep
        yield "plan work", lambda: self._plan(planned)
        yield "call workers", self._call
        if self._bell is not None:
            yield "ring", self._ring

    def wake(self) -> None:
        """What is to be evaluated may be due sooner."""
        self._news.set()

    async def _plan(self, planned: Callable[[], None]) -> None:
        await self._tenure.begun()
        again = self._tenure.again
        await self._database.note(self._planned)
        planned()
        await until(again, BETWEEN_PLANS)

    async def _planned(self, connection: AsyncConnection) -> None:
        await work.queue_up(connection)
        now = self._clock()
        if await leases.holder_of(connection, WORK, now) == self._tenure.holder:
            await work.plan(connection, self._items(), KINDS)
            await workers.forget(connection, now)

    def _items(self) -> Iterator[Item]:
        now = self._clock()
        for duty in self._duties:
            yield Item(duty.job.kind, duty.job.key, duty.job.vo, duty.job.host, now + timedelta(seconds=duty.first))
        for number in range(SHARES if self._probes else 0):
            yield Item(PROBE, f"{number:02}", "all", "", now)

    async def _call(self) -> None:
        """Have what is to be evaluated be due when it is."""
        await self._news.wait()
        self._news.clear()
        await call(self._database)

    async def _ring(self) -> None:
        assert self._bell is not None
        await self._tenure.begun()
        async with self._database.reading() as connection:
            due = await work.due(connection, {duty.job.kind for duty in self._duties}, self._clock())
        if jobs := self._unheard([Job(one.kind, one.key, one.vo, one.host) for one in due])[:MOST_AT_ONCE]:
            await self._bell.ring(jobs)
        await until(self._news, BETWEEN_LOOKS)

    def _unheard(self, jobs: list[Job]) -> list[Job]:
        """Those for which the bell was not rung just now."""
        now = asyncio.get_running_loop().time()
        self._rung = {one: at for one, at in self._rung.items() if at > now - RUNG_AGAIN}
        found = [job for job in jobs if job.identity not in self._rung]
        self._rung |= {job.identity: now for job in found[:MOST_AT_ONCE]}
        return found


async def call(database: Database) -> bool:
    """Have what is to be evaluated be due when it is. Returns whether that is sooner than it was."""
    async with database.reading() as connection:
        due = await statuses.next_due(connection)
    if due is None:
        return False
    return await database.note(lambda connection: work.wake(connection, "evaluate", due))
