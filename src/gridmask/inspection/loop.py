"""The loop: what this process does all the time, by whatever engine the work is spread, and however the database fares."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog

from gridmask.domain.errors import GridmaskError
from gridmask.inspection.outage import Outage
from gridmask.inspection.work import AFTER_TROUBLE, DELIVER, PROBE

if TYPE_CHECKING:
    from gridmask.inspection.engines.engine import Engine
    from gridmask.inspection.housekeeping import Housekeeping
    from gridmask.inspection.outbox import Dispatcher
    from gridmask.inspection.probing import Probing
    from gridmask.inspection.reloading import Reloading
    from gridmask.inspection.work import Workload
    from gridmask.store.database import Database

log = structlog.get_logger()

BETWEEN_LOOKS = 2.0
"""Seconds between two looks at the policy files."""


@dataclass(frozen=True, slots=True)
class Chores:
    """What goes on all the time beside the work that is done at times: tell the outside, look for oneself, follow policies.

    ``reloading`` is every process's own: each judges by the policies that it has.
    """

    dispatcher: Dispatcher
    housekeeping: Housekeeping
    probing: Probing | None = None
    reloading: Reloading | None = None


class Loop:
    """Runs until cancelled. All that it knows is in the database, so that it can end at any moment."""

    def __init__(self, database: Database, workload: Workload, engine: Engine, chores: Chores) -> None:
        self._database = database
        self._workload = workload
        self._engine = engine
        self._dispatcher = chores.dispatcher
        self._housekeeping = chores.housekeeping
        self._probing = chores.probing
        self._reloading = chores.reloading

    def notice(self) -> None:
        """Something was committed: due times may be other than before, and the outside has to be told."""
        self._engine.wake()
        self._dispatcher.notice()

    async def run(self) -> None:
        """Run for ever."""
        outage = Outage(self._database)
        async with asyncio.TaskGroup() as tasks:
            for name, work in self._works():
                tasks.create_task(_forever(partial(outage.weathered, work)), name=name)

    def _works(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        """What it does all the time, by what it is called."""
        yield from self._engine.works()
        if DELIVER in self._engine.kinds:
            yield from self._dispatcher.works()
        if self._probing is not None and PROBE in self._engine.kinds:
            yield from self._probing.works()
        if self._reloading is not None:
            yield "reload policies", self._reload

    async def once(self, *, tell: bool) -> int:
        """Do now all that it would do in time, but for reading sources. Returns how many rows changed.

        ``tell``: the outside, too, of what happened.
        """
        changed = await self._workload.all_now()
        if tell:
            await self._dispatcher.deliver()
        await self._housekeeping.tidy()
        return changed

    async def _reload(self) -> None:
        assert self._reloading is not None
        await asyncio.sleep(BETWEEN_LOOKS)
        await self._reloading.look()


async def _forever(work: Callable[[], Awaitable[None]]) -> None:
    """Do ``work`` again and again. Trouble is logged and waited out; the other tasks go on."""
    while True:
        try:
            await work()
        except GridmaskError as error:
            log.warning("the loop is in trouble", problem=str(error))
            await asyncio.sleep(AFTER_TROUBLE)
        except Exception:
            log.exception("the loop met a fault of its own")
            await asyncio.sleep(AFTER_TROUBLE)
