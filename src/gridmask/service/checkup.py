"""Checkup: looks at what the database tells of how an installation fares. Every process of it tells the same."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from gridmask.domain.errors import StoreError
from gridmask.store import deliveries, figures, guard, vos
from gridmask.store.figures import Queue

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.inspection.inspector import Inspector
    from gridmask.service.sources import Health, Sources

EVERY = 10.0
"""Seconds between two looks, while anybody wants to know."""

PATIENCE = 300.0
"""Seconds after which nobody wants to know any more."""

SHARE = 0.02
"""The part of the time, at most, for which it is looked."""

HEARD = timedelta(minutes=1)
"""Processes that were not heard of for so long do nothing any more."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """How an installation fared at a moment.

    Attributes:
        revision: the last one.
        changed_at: by VO, when its mask changed last.
        due: the rows that may be another by now.
        batches: how many batches the guard holds that wait for a person.
        held: how many rows there are in them.
        taken: by VO, how many of its usable rows automation took within ``window``, that of the guard.
        actions: by name, what of the outbox an action is not through with, and how much it gave up.
        queues: by kind, the work that processes share.
        workers: how many processes do it.
        sources: how each source fares.
    """

    revision: int
    changed_at: Mapping[str, datetime]
    due: Queue
    batches: int
    held: int
    taken: Mapping[str, int]
    window: timedelta
    actions: Mapping[str, tuple[Queue, int]]
    queues: Mapping[str, Queue]
    workers: int
    sources: Sequence[Health]


class Checkup:
    """Looks at the vitals again and again, as long as somebody wants to know them, so that nobody has to wait for them."""

    def __init__(self, inspector: Inspector, sources: Sources) -> None:
        self._inspector = inspector
        self._sources = sources
        self._wanted = asyncio.Event()
        self._wanted_at = 0.0
        self._found: Vitals | None = None
        self._is_running = False

    async def run(self) -> None:
        """Keep them current for ever."""
        self._is_running = True
        try:
            while True:
                await self._wanted.wait()
                began = monotonic()
                self._found = None if began - self._wanted_at > PATIENCE else await self._tried()
                if self._found is None:
                    self._wanted.clear()
                await asyncio.sleep(max(EVERY, (monotonic() - began) / SHARE))
        finally:
            self._is_running = False

    async def latest(self) -> Vitals | None:
        """Those of a moment ago, or of just now where nobody asked for a while; None while the database is away."""
        self._wanted_at = monotonic()
        self._wanted.set()
        if self._found is None or not self._is_running:
            self._found = await self._tried()
        return self._found

    async def _tried(self) -> Vitals | None:
        with suppress(StoreError):
            return await self._look()
        return None

    async def _look(self) -> Vitals:
        now, window = self._inspector.clock(), self._inspector.policies.guard.window
        sources = await self._sources.health()
        async with self._inspector.database.reading() as connection:
            return Vitals(
                await vos.last_revision(connection),
                await vos.masks_changed_at(connection),
                await figures.due(connection, now),
                len(await guard.listed(connection, now, waiting=True)),
                await figures.held(connection),
                await figures.taken(connection, now - window),
                window,
                await _actions(connection),
                await figures.queues(connection, now),
                await figures.at_work(connection, now, HEARD),
                sources,
            )


async def _actions(connection: AsyncConnection) -> dict[str, tuple[Queue, int]]:
    noted = [row for row in await deliveries.listed(connection) if row.configured]
    return {row.name: (Queue(*await deliveries.waiting(connection, row.name)), row.dead) for row in noted}
