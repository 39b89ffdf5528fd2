"""The loop: reads each source on its schedule, evaluates what is due when it is due, and sweeps over everything."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog

from gridmask.domain.errors import GridmaskError
from gridmask.inspection.outage import Outage
from gridmask.inspection.waiting import until
from gridmask.store import statuses

if TYPE_CHECKING:
    from gridmask.inspection.housekeeping import Housekeeping
    from gridmask.inspection.inspector import Inspector
    from gridmask.inspection.intake import Intake
    from gridmask.inspection.outbox import Dispatcher
    from gridmask.inspection.probing import Probing
    from gridmask.inspection.recording import Worlds
    from gridmask.inspection.reloading import Reloading
    from gridmask.settings import Loop as LoopSettings
    from gridmask.source import Source

log = structlog.get_logger()

LONGEST_NAP = 5.0
"""Seconds after which the due times are looked up again, whether or not this process knows of anything new."""

BETWEEN_LOOKS = 2.0
"""Seconds between two looks at the policy files."""

AFTER_TROUBLE = 5.0
"""Seconds to wait after a failure of our own."""


@dataclass(frozen=True, slots=True)
class Chores:
    """What is to be done beside deciding: tell the outside, tidy up, look for oneself, and write down how everything stands."""

    dispatcher: Dispatcher
    housekeeping: Housekeeping
    probing: Probing | None = None
    worlds: Worlds | None = None


class Loop:
    """Runs until cancelled. All that it knows is in the database, so that it can end at any moment."""

    def __init__(
        self,
        inspector: Inspector,
        intake: Intake,
        chores: Chores,
        sources: tuple[Source, ...],
        settings: LoopSettings,
        reloading: Reloading | None = None,
    ) -> None:
        self._inspector = inspector
        self._intake = intake
        self._dispatcher = chores.dispatcher
        self._sources = sources
        self._settings = settings
        self._housekeeping = chores.housekeeping
        self._probing = chores.probing
        self._worlds = chores.worlds
        self._reloading = reloading
        self._news = asyncio.Event()

    def notice(self) -> None:
        """Something was committed: due times may be other than before, and the outside has to be told."""
        self._news.set()
        self._dispatcher.notice()

    async def run(self) -> None:
        """Run for ever."""
        outage = Outage(self._inspector.database)
        async with asyncio.TaskGroup() as tasks:
            for name, work in self._works():
                tasks.create_task(_forever(partial(outage.weathered, work)), name=name)

    def _works(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        """What it does all the time, by what it is called."""
        for source in self._sources:
            yield f"read {source.name}", partial(self._read, source)
        yield from (("keep up", self._keep_up), ("sweep", self._sweep))
        yield from self._dispatcher.works()
        yield "tidy", self._housekeeping.run
        if self._probing is not None:
            yield from self._probing.works()
        if self._worlds is not None:
            yield "write down the world", self._worlds.run
        if self._reloading is not None:
            yield "reload policies", self._reload

    async def once(self, *, tell: bool) -> int:
        """Do now all that it would do in time, but for reading sources. Returns how many rows changed.

        ``tell``: the outside, too, of what happened.
        """
        changed = 0
        while (outcome := await self._inspector.catch_up(self._settings.batch)).changed:
            changed += len(outcome.changed)
        changed += await self._inspector.sweep(self._settings.batch)
        if tell:
            await self._dispatcher.deliver()
        await self._housekeeping.tidy()
        return changed

    async def _read(self, source: Source) -> None:
        await self._intake.collect(source)
        # not all at once, and not in step with other installations
        await asyncio.sleep(source.every.total_seconds() * random.uniform(0.9, 1.1))  # noqa: S311 - no secret

    async def _keep_up(self) -> None:
        self._news.clear()
        outcome = await self._inspector.catch_up(self._settings.batch)
        if outcome.changed:
            return
        async with self._inspector.database.reading() as connection:
            due = await statuses.next_due(connection)
        nap = LONGEST_NAP if due is None else (due - self._inspector.clock()).total_seconds()
        await until(self._news, min(max(nap, 0.05), LONGEST_NAP))

    async def _reload(self) -> None:
        assert self._reloading is not None
        await asyncio.sleep(BETWEEN_LOOKS)
        await self._reloading.look()

    async def _sweep(self) -> None:
        await asyncio.sleep(self._settings.sweep.total_seconds())
        await self._inspector.sweep(self._settings.batch)


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
