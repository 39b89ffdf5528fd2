"""The engine of several processes: work that is due is taken up under leases in the database, by whoever has room for it.

One of them at a time keeps the list of what there is to do, and rings the bell where there is one. All look whether something
is due; who dies is followed once its term is over, and who only stood still can commit nothing of what another has by then.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from gridmask.domain.errors import GridmaskError, LeaseLost, StoreError, StoreUnavailable
from gridmask.inspection.engines import counting
from gridmask.inspection.engines.places import Places
from gridmask.inspection.tenure import LEFT_WITHIN
from gridmask.inspection.waiting import until
from gridmask.inspection.work import AFTER_TROUBLE
from gridmask.store import fences, work, workers
from gridmask.store.fences import Fence
from gridmask.store.work import DONE, FAILED, After, Claim

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.clock import Clock
    from gridmask.inspection.engines.engine import Bell, Work
    from gridmask.inspection.engines.schedule import Scheduler
    from gridmask.inspection.work import Duty, Workload
    from gridmask.store.database import Database
    from gridmask.store.workers import Worker

log = structlog.get_logger()

TERM = workers.HEARD_WITHIN
"""So long after it was last heard of, whoever has taken up work has it still."""

BEAT = 5.0
"""Seconds between two times that it says that it goes on."""

LONGEST_NAP = 1.0
"""Seconds after which it looks again whether anything is due, told so or not."""

LONGEST_NAP_BY_BELL = 5.0
"""The same, while a bell can be counted on."""

BLOCKED_NAP = 0.5
"""Seconds after which it looks again, where something is due that is not for it to take up just now."""

OVERTAKEN = "overtaken"
"""What comes of work that is another's by the time that it is done."""


class Leases:
    """Does what is due, as far as it has room."""

    def __init__(
        self, database: Database, clock: Clock, workload: Workload, me: Worker, scheduler: Scheduler, bell: Bell | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._duties = {duty.job.identity: duty for duty in workload.duties()}
        self._me = me
        self._scheduler = scheduler
        self._bell = bell
        self._places = Places(self.kinds, me.places)
        self._nudge = asyncio.Event()
        self._freed = asyncio.Event()

    @property
    def kinds(self) -> Collection[str]:
        """What kinds of work this process does."""
        return self._me.kinds.split(",")

    def works(self) -> Iterator[Work]:
        """To keep the list of what there is to do, if that is its; to take up what is due; and to say that it goes on."""
        yield "say that it goes on", self._beat
        yield from self._scheduler.works(self._nudge.set)
        if self._bell is not None:
            yield from self._bell.works(self._heard)
        if self._places.timed:
            yield "take up work", self._work

    def wake(self) -> None:
        """What is to be evaluated may be due sooner."""
        self._scheduler.wake()

    async def _heard(self, kind: str, key: str) -> None:
        """Look into the database, once there is room for such work."""
        del key
        while kind in self._places.timed and kind not in self._places.room():
            await self._freed.wait()
        self._nudge.set()

    async def _work(self) -> None:
        """Take up work until it is stopped; what was begun is let go then."""
        try:
            while True:
                await self._take_up()
        finally:
            tasks = [task for _, task in self._places.running.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_up(self) -> None:
        """Begin what is due, as far as there is room for it, or wait."""
        self._nudge.clear()
        room = self._places.room()
        soonest = await self._soonest(room)
        now = self._clock()
        if soonest is not None and soonest <= now:
            claims = await self._claimed(room, now)
            for claim in claims:
                self._begin(claim)
            if claims:
                return
        await until(self._nudge, self._nap(soonest, now))

    async def _claimed(self, room: Mapping[str, int], now: datetime) -> list[Claim]:
        """Take up what is due; if this is stopped meanwhile, let go of it."""
        known = self._duties.keys()
        asked = partial(work.claim, holder=self._me.name, room=room, now=now, term=TERM, known=known)
        claiming = asyncio.ensure_future(self._database.note(asked))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            with suppress(StoreError, TimeoutError):
                async with asyncio.timeout(LEFT_WITHIN):
                    await self._let_go(await claiming)
            raise

    async def _let_go(self, claims: Collection[Claim]) -> None:
        """Let others do it at once; if that cannot be said, they have to wait for the end of the term."""
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(LEFT_WITHIN):
                await self._database.note(lambda connection: work.release(connection, claims))

    async def _soonest(self, kinds: Collection[str]) -> datetime | None:
        if not kinds:
            return None
        async with self._database.reading() as connection:
            return await work.soonest(connection, kinds)

    def _nap(self, soonest: datetime | None, now: datetime) -> float:
        heard = self._bell is not None and self._bell.is_heard
        longest = (LONGEST_NAP_BY_BELL if heard else LONGEST_NAP) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        if soonest is None:
            return longest
        return min(max((soonest - now).total_seconds(), 0.01), longest) if soonest > now else BLOCKED_NAP

    def _begin(self, claim: Claim) -> None:
        ticket = claim.ticket
        if claim.was_lost:
            counting.ENDED.labels(ticket.kind, "lost").inc()
            log.warning("work is taken up that somebody has begun and not ended", work=ticket.named)
        counting.LATE.labels(ticket.kind).observe(max((self._clock() - claim.due_at).total_seconds(), 0))
        task = asyncio.create_task(self._conduct(claim, self._duties[ticket.kind, ticket.key]), name=ticket.named)
        self._places.running[ticket] = (claim, task)
        task.add_done_callback(lambda _: self._ended(claim))

    def _ended(self, claim: Claim) -> None:
        self._places.running.pop(claim.ticket, None)
        self._nudge.set()
        self._freed.set()
        self._freed = asyncio.Event()

    async def _conduct(self, claim: Claim, duty: Duty) -> None:
        """Do it, and note that it is done; or that it is not, if this is stopped."""
        try:
            with fences.within(Fence((claim.ticket,), self._clock, TERM)):
                outcome, pause = await _done(duty)
            counting.ENDED.labels(claim.ticket.kind, outcome).inc()
            if outcome != OVERTAKEN:
                await self._complete(claim, outcome, pause)
        except asyncio.CancelledError:
            await self._let_go([claim])
            raise

    async def _complete(self, claim: Claim, outcome: str, pause: float) -> None:
        """Note that it is done, if need be as soon as the database is back."""
        due_at = self._clock() + timedelta(seconds=pause)
        with suppress(TimeoutError):  # it is another's by then
            async with asyncio.timeout(TERM.total_seconds()):
                while True:
                    try:
                        await self._database.note(partial(self._completed, claim, After(due_at, outcome)))
                    except StoreUnavailable:
                        await asyncio.sleep(1.0)
                    else:
                        return

    async def _completed(self, claim: Claim, after: After, connection: AsyncConnection) -> None:
        await work.complete(connection, claim, after, self._clock())

    async def _beat(self) -> None:
        """Say that it goes on, and with what; and stop what is another's."""
        try:
            while True:
                lost = await self._database.note(self._renewed)
                for ticket in lost & self._places.running.keys():
                    log.warning("work is another process's", work=ticket.named)
                    self._places.running[ticket][1].cancel()
                await asyncio.sleep(BEAT)
        except asyncio.CancelledError:
            with suppress(StoreError, TimeoutError):
                async with asyncio.timeout(LEFT_WITHIN):
                    await self._database.note(lambda connection: workers.leave(connection, self._me.name))
            raise

    async def _renewed(self, connection: AsyncConnection) -> set[fences.Ticket]:
        now = self._clock()
        await workers.greet(connection, replace(self._me, seen_at=now))
        held = list(self._places.running)
        return await work.renew(connection, held, self._me.name, now, TERM) if held else set()


async def _done(duty: Duty) -> tuple[str, float]:
    """Do it until there is nothing more to do at once. What came of it, and the seconds until it is due again."""
    try:
        while not (pause := await duty.do()):
            pass
    except LeaseLost as error:
        log.warning("work was done in vain", problem=str(error))
        return OVERTAKEN, 0.0
    except GridmaskError as error:
        log.warning("work is in trouble", work=duty.job.named, problem=str(error))
    except Exception:
        log.exception("work met a fault of its own", work=duty.job.named)
    else:
        return DONE, pause
    return FAILED, AFTER_TROUBLE
