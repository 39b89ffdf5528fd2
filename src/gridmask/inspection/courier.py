"""A courier: tells one action what is in the outbox, in order, and notes how far it is.

Of several processes, one at a time works on an action: it has a lease on it. What was told but not noted when the process died
is told again, under the same key.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from gridmask.actions.action import Waking
from gridmask.actions.retrying import pause
from gridmask.domain.errors import StoreError
from gridmask.inspection.telling import Rules, Teller
from gridmask.store import deliveries, news, outbox
from gridmask.store.deliveries import MOST_AT_ONCE, WAITING, Failure, Work

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.actions.action import Subscription
    from gridmask.clock import Clock
    from gridmask.domain.news import News
    from gridmask.store.database import Database

log = structlog.get_logger()

NOTED_EVERY = 5.0
"""Seconds after which what was told is noted, though there is more to tell."""

BREATH = 0.2
"""Seconds between two rounds of a courier, in which others come to write, and more comes together."""

SOONEST = timedelta(seconds=0.05)
"""So much later an action can be woken again, at the soonest."""

BEAT = 5.0
"""Seconds between two times that a courier says that it goes on."""

LONGEST_NAP = 5.0
"""Seconds after which a courier looks again whether there is something to do, told so or not."""


class _Lost(Exception):
    """Another process has the action: this one was silent for too long."""


@dataclass(slots=True)
class _Progress:
    """What was done, and is not noted yet."""

    position: int
    told: list[int] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    is_stopped: bool = False
    spoke: bool = False


class Courier:
    """Serves one subscription."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        subscription: Subscription,
        rules: Rules,
        chance: Callable[[], float] | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._to = subscription
        self._rules = rules
        self._teller = Teller(clock, subscription, rules, chance)
        self._holder = secrets.token_hex(8)
        self._nudge = asyncio.Event()
        self._turn = asyncio.Lock()
        self._woken_up = False
        self._is_gone = False

    @property
    def name(self) -> str:
        """The name of the action that it serves."""
        return self._to.name

    def notice(self) -> None:
        """There is something new."""
        self._nudge.set()

    async def run(self) -> None:
        """Deliver what there is, then wait for more."""
        self._nudge.clear()
        await self.deliver()
        await asyncio.sleep(BREATH)
        try:
            async with asyncio.timeout(await self._nap()):
                await self._nudge.wait()
        except TimeoutError:
            return

    async def deliver(self) -> bool:
        """Deliver what is due, oldest first. Returns whether nothing is left that should have been told."""
        async with self._turn:
            while True:
                work = await self._work()
                self._remark(is_gone=work is None)
                if work is None:
                    return True
                first = isinstance(self._to.action, Waking) and not self._woken_up
                if not (work.is_due(self._clock()) or first):
                    return work.waits is None and work.last <= work.position
                claimed = await self._claim()
                if claimed is None:
                    return False
                try:
                    async with self._kept():
                        await self._pass(claimed)
                except _Lost:
                    log.warning("an action was taken over by another process", action=self.name)
                    return False
                finally:
                    await self._database.change(lambda connection, _: deliveries.leave(connection, self.name, self._holder))

    def _remark(self, *, is_gone: bool) -> None:
        """Log it once that other settings are in force, and when these are again."""
        if is_gone and not self._is_gone:
            log.warning("an action is told no more: another process put settings into force that lack it", action=self.name)
        self._is_gone = is_gone

    async def _nap(self) -> float:
        work, now = await self._work(), self._clock()
        if work is None:
            return LONGEST_NAP
        moments = [work.wake_at, work.waits.next_at if work.waits else None]
        soonest = min(((moment - now).total_seconds() for moment in moments if moment), default=LONGEST_NAP)
        return min(max(soonest, 0.05), LONGEST_NAP)

    async def _work(self) -> Work | None:
        async with self._database.reading() as connection:
            return await deliveries.work(connection, self.name, self._clock())

    async def _claim(self) -> Work | None:
        """Have the action for this courier, and what there is to do then; None: another one has it."""
        now, term = self._clock(), self._rules.term

        async def work(connection: AsyncConnection, _: int) -> Work | None:
            if not await deliveries.claim(connection, self.name, self._holder, now, term):
                return None
            return await deliveries.work(connection, self.name, now)

        return await self._database.change(work)

    @asynccontextmanager
    async def _kept(self) -> AsyncIterator[None]:
        """Keeps the action for this courier meanwhile, however long that is."""
        beating = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            with suppress(StoreError):  # whoever works notices that by itself
                await self._database.change(partial(self._claimed, self._clock()))

    async def _claimed(self, now: datetime, connection: AsyncConnection, _: int) -> bool:
        return await deliveries.claim(connection, self.name, self._holder, now, self._rules.term)

    async def _pass(self, work: Work) -> None:
        """Do what there is to do, and note it."""
        progress = _Progress(work.position)
        await self._recalled(work, progress)
        held_up = work.waits is not None and work.waits.next_at is not None and work.waits.next_at > self._clock()
        if not held_up:
            await self._advance(work, progress)
        if isinstance(self._to.action, Waking) and not progress.is_stopped:
            await self._wake(self._to.action)

    async def _recalled(self, work: Work, progress: _Progress) -> None:
        """Try what a person had tried again; what fails of it holds nothing up."""
        for one in work.recalled:
            for item in await self._read([one.entry]):
                failure = await self._teller.tell([item], one)
                progress.failures.extend([failure] if failure else [])
                progress.told.extend([] if failure else [one.entry])
        if work.recalled:
            await self._note(progress)

    async def _read(self, numbers: list[int]) -> list[News]:
        async with self._database.reading() as connection:
            return await news.load(connection, await outbox.numbered(connection, numbers))

    async def _advance(self, work: Work, progress: _Progress) -> None:
        """Go on through the outbox, until its end or the first failure."""
        while not progress.is_stopped and progress.position < work.last:
            items, upto = await self._next(progress.position, work.last)
            if await self._tell(items, work.waits, progress):
                progress.position = upto
            await self._note(progress)

    async def _next(self, position: int, last: int) -> tuple[list[News], int]:
        """The next news, and the entry that it is through with once they are told."""
        only = self.name if self._to.alone else None
        async with self._database.reading() as connection:
            entries = await outbox.after(connection, position, MOST_AT_ONCE, only)
            items = await news.load(connection, entries)
        return items, entries[-1].id if len(entries) == MOST_AT_ONCE else max(last, *(entry.id for entry in entries), position)

    async def _tell(self, items: Sequence[News], waits: Failure | None, progress: _Progress) -> bool:
        """Tell ``items``, up to the first failure. Returns whether there was none."""
        since = time.monotonic()
        for group in self._teller.groups([chosen for item in items if (chosen := self._teller.chosen(item)) is not None]):
            first = group[0].number
            failure = await self._teller.tell(group, waits if waits and waits.entry == first else None)
            if failure is not None:
                progress.failures.append(failure)
                progress.is_stopped = failure.state == WAITING
                # what is waited for comes next; what was given up is passed over, and nothing else that was to be told with it
                progress.position = first - 1 if progress.is_stopped else first
                return False
            progress.position, progress.spoke = group[-1].number, True
            if time.monotonic() - since > NOTED_EVERY:
                await self._note(progress)
                since = time.monotonic()
        return True

    async def _note(self, progress: _Progress) -> None:
        """Note what was done so far, and have the action for a while longer."""
        now = self._clock()

        async def work(connection: AsyncConnection, _: int) -> None:
            if not await deliveries.claim(connection, self.name, self._holder, now, self._rules.term):
                raise _Lost
            spoke = {"told_at": now} if progress.spoke else {}
            await deliveries.note(connection, self.name, position=progress.position, **spoke)
            await deliveries.note_told(connection, self.name, progress.told, progress.position)
            for failure in progress.failures:
                await deliveries.note_failure(connection, self.name, failure, now)

        await self._database.change(work)
        progress.told.clear()
        progress.failures.clear()
        progress.spoke = False

    async def _wake(self, action: Waking) -> None:
        """Wake it, whether or not it is due: what it was just told may be due at once."""
        self._woken_up = True
        try:
            async with asyncio.timeout(self._rules.limit.total_seconds()):
                wake_at = await action.wake(self._clock())
        except StoreError:
            raise
        except Exception as error:  # likewise
            log.warning("an action could not be woken", action=self.name, exc_info=error)
            wake_at = self._clock() + pause(error, 1, 0.5)
        if wake_at is not None:
            wake_at = max(wake_at, self._clock() + SOONEST)
        await self._database.change(lambda connection, _: deliveries.note(connection, self.name, wake_at=wake_at))
