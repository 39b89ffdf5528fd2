"""Housekeeping: makes the rungs of the ladder that are due, and drops what need not be kept, a little at a time.

Several processes may do it at once. One of them is the first each time; the others find nothing left to do.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from gridmask.domain.events import TimePassed
from gridmask.inspection.worlds import beginning
from gridmask.recording.events import told
from gridmask.store import evidence, ladder, recording, snapshots, tables
from gridmask.store.retention import Leftovers, Limits, leftovers

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.clock import Clock
    from gridmask.domain.evidence import EvidenceKey
    from gridmask.settings import Recording, Retention
    from gridmask.store.database import Database

log = structlog.get_logger()

BETWEEN = 600.0
"""Seconds between two rounds."""

BREATH = 0.02
"""Seconds between two transactions of a round, in which others come to write."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """What a round came to, or would come to.

    Attributes:
        dropped: how many records of which table.
        snapshots: how many were made.
    """

    dropped: Mapping[str, int] = field(default_factory=dict)
    snapshots: int = 0


class Housekeeping:
    """Keeps a database fit for questions about the past, and within bounds."""

    def __init__(self, database: Database, clock: Clock, retention: Retention, recorded: Recording) -> None:
        self._database = database
        self._clock = clock
        self._retention = retention
        self._recorded = recorded

    async def run(self) -> None:
        """Wait, then do a round: not in step with others that do the same."""
        await asyncio.sleep(BETWEEN * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        done = await self.tidy()
        if done.snapshots or any(done.dropped.values()):
            log.info("tidied", snapshots=done.snapshots, **done.dropped)

    async def tidy(self) -> Tidied:
        """Do a round: drop what need not be kept, then make the rungs that are due.

        Raises:
            StoreBusy, StoreLost, StoreUnavailable: the database does not let it; what was done so far stays done.
        """
        limits = self._limits()
        dropped = {kind.table.name: await self._drop(kind) for kind in leftovers(limits)}
        made = 0
        while await ladder.climb(self._database):
            made += 1
            await asyncio.sleep(BREATH)
        thinned = {"snapshots": await self._thin(limits.snapshots), "recorded_events": await self._forget()}
        return Tidied({**dropped, **thinned}, made)

    async def preview(self) -> Tidied:
        """What a round would do. Changes nothing."""
        limits = self._limits()
        async with self._database.reading() as connection:
            dropped = {kind.table.name: await kind.count(connection) for kind in leftovers(limits)}
            dropped["snapshots"] = len(ladder.sparse(await snapshots.rungs(connection), limits.snapshots))
            place = await beginning(connection, self._recorded, self._clock())
            dropped["recorded_events"] = await recording.before(connection, place) if place else 0
            return Tidied(dropped, await ladder.due(connection))

    async def _drop(self, kind: Leftovers) -> int:
        dropped = 0
        while ids := await self._some(kind):
            dropped += await self._drop_some(kind, ids)
            await asyncio.sleep(BREATH)
        return dropped

    async def _drop_some(self, kind: Leftovers, ids: list[int]) -> int:
        async def work(connection: AsyncConnection, _: int) -> int:
            if kind.table is tables.evidence and self._recorded.enabled:
                await self._note(connection, await evidence.called(connection, kind.those(ids)))
            return await kind.drop(connection, ids)

        return await self._database.change(work)

    async def _note(self, connection: AsyncConnection, forgotten: Sequence[EvidenceKey]) -> None:
        """Record that measurements are not known any more: that one is missing is something else than that it never was."""
        if forgotten:
            nothing = told(TimePassed(frozenset()))
            await recording.note(connection, nothing, self._clock(), "tidied", None, None, forgotten)

    async def _some(self, kind: Leftovers) -> list[int]:
        async with self._database.reading() as connection:
            return await kind.some(connection)

    async def _thin(self, before: datetime) -> int:
        async with self._database.reading() as connection:
            sparse = ladder.sparse(await snapshots.rungs(connection), before)
        if sparse:
            await self._database.change(lambda connection, _: snapshots.drop(connection, sparse))
        return len(sparse)

    async def _forget(self) -> int:
        """Forget what is recorded of long ago. Returns how many entries."""
        forgotten = 0
        async with self._database.reading() as connection:
            place = await beginning(connection, self._recorded, self._clock())
        while place and (some := await self._database.change(lambda connection, _: recording.forget(connection, place))):
            forgotten += some
            await asyncio.sleep(BREATH)
        return forgotten

    def _limits(self) -> Limits:
        now, kept = self._clock(), self._retention
        ages = (kept.sweeps, kept.decisions, kept.outbox, kept.measurements, kept.snapshots, kept.answers)
        return Limits(*(now - age for age in (*ages, kept.dead_letters, kept.dirac_records)))
