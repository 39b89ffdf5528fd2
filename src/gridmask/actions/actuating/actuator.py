"""An actuator: makes another system have what the mask says, and goes on seeing to it.

What happened only wakes it; what it does follows from what is true now, here and there. Before anything is sent, it is noted
that it will be, so that whoever comes after a crash knows whose doing it was; so nothing is sent while our database is away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog

from gridmask.actions.actuating import bookkeeping, metrics, planning, reporting
from gridmask.actions.actuating import memory as memories
from gridmask.actions.actuating.bookkeeping import SOON
from gridmask.actions.actuating.reporting import Looked
from gridmask.actions.actuating.values import DUE, Limits, Plan, Reading
from gridmask.actions.actuating.writing import Writer
from gridmask.domain.actor import AUTOMATION
from gridmask.domain.errors import GridmaskError, StoreError
from gridmask.store import outbox
from gridmask.store.audit import Entry, sign

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.actions.actuating.memory import Memory
    from gridmask.actions.actuating.side import OtherSide, Outlook, Talk
    from gridmask.actions.actuating.values import Step, Wishes
    from gridmask.clock import Clock
    from gridmask.domain.actor import Actor
    from gridmask.domain.element import ElementKey
    from gridmask.domain.news import News
    from gridmask.store.database import Database

log = structlog.get_logger()

TOPIC = "actuator"
"""The topic of what actuators have the outside told: that something is held."""

FIRST = timedelta(seconds=2)
"""After this time it is tried again to compare everything, where that failed; doubled each time, up to a minute."""

FEW, MANY = 20, 100
"""So many things are named in the log, and told the outside."""

SOONEST = timedelta(seconds=15)
"""After this time everything is compared again, at the soonest."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an actuator goes by: its name, its kind, whose mask, and how often everything is compared (``every``)."""

    name: str
    kind: str
    vo: str
    dry_run: bool = False
    every: timedelta = timedelta(minutes=10)
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class _Round:
    """A look at things, and who has it done."""

    wishes: Wishes
    things: frozenset[str]
    reading: Reading
    steps: tuple[Step, ...]
    foreign: tuple[Step, ...]
    later: tuple[Step, ...] = ()
    orphans: frozenset[str] = frozenset()


class Actuator:
    """See :class:`~gridmask.actions.action.Gathering` and :class:`~gridmask.actions.action.Waking`."""

    def __init__(self, side: OtherSide, terms: Terms, outlook: Outlook, database: Database, clock: Clock) -> None:
        self.name = terms.name
        self.terms = terms
        self._side = side
        self._outlook = outlook
        self._database = database
        self._clock = clock
        self._due_at: datetime | None = None
        self._stumbled = 0

    async def tell(self, news: News) -> None:
        """See :class:`~gridmask.actions.action.Action`."""
        await self.tell_all([news])

    async def tell_all(self, news: Sequence[News]) -> None:
        """Compare the things that these news concern with the mask.

        Where that fails, everything is compared soon: to be told of the same again would be of no more use.
        """
        elements = frozenset(change.row.element for item in news for change in item.changes)
        if elements:
            try:
                await self._pass(elements)
            except StoreError:
                raise
            except GridmaskError as error:
                self._stumble(error, self._clock())

    async def wake(self, now: datetime) -> datetime:
        """Compare everything, if that is due. Returns when it is due next."""
        if self._due_at is not None and now < self._due_at:
            return self._due_at
        try:
            memory = await self._pass(None)
        except StoreError:
            raise
        except GridmaskError as error:
            return self._stumble(error, now)
        self._stumbled, self._due_at = 0, self._next(memory, now)
        return self._due_at

    def _stumble(self, error: GridmaskError, now: datetime) -> datetime:
        """Note that nothing can be compared. Returns when that is tried again."""
        self._stumbled += 1
        self._due_at = now + min(FIRST * 2 ** min(self._stumbled - 1, 20), SOON, self.terms.every)
        tell = log.warning if self._stumbled == 1 else log.debug
        tell("an actuator cannot compare anything", actuator=self.name, problem=str(error), again_at=self._due_at)
        return self._due_at

    def _next(self, memory: Memory, now: datetime) -> datetime:
        """When everything is compared next."""
        moments = [now + self.terms.every, *(failing.again_at for failing in memory.failing.values())]
        if any(entry.state == DUE for entry in memory.drift):
            moments.append(now + SOON)
        return max(min(moments), now + SOONEST)

    async def preview(self) -> Memory:
        """What a look at everything shows, and what would be done. Nothing is written, here or there.

        Raises:
            GridmaskError: the mask or the other system cannot be read.
        """
        memory, now = await self._recollected(), self._clock()
        async with self._side.open() as there:
            found = await self._look(there, None, memory, now)
        self._note(memory, found, self._plan(found, memory, now), frozenset(), now)
        return memory

    async def run(self, actor: Actor, *, everything: bool) -> Memory:
        """Do now what is to be done; with ``everything``, also what is held. A dry run stays one.

        Raises:
            GridmaskError: the mask or the other system cannot be read.
        """
        return await self._pass(None, actor, free=everything)

    async def _pass(self, elements: frozenset[ElementKey] | None, actor: Actor = AUTOMATION, *, free: bool = False) -> Memory:
        """Look at what ``elements`` have a say about (None: at everything), and do what follows."""
        memory, now = await self._recollected(), self._clock()
        try:
            async with self._side.open() as there:
                found = await self._look(there, elements, memory, now, patient=actor is AUTOMATION)
                if elements is not None and not found.things:
                    return memory
                plan = self._plan(found, memory, now, free=free)
                writing = Writer(self.name, self.terms.vo, there, self._database, self._clock, memory, actor, counts=not free)
                done = frozenset[str]() if self.terms.dry_run else await writing.carry_out(plan.go)
        except StoreError:
            raise
        except GridmaskError as error:
            await self._fail(memory, str(error), now)
            raise
        await self._confirm(memory, found.reading)
        news = self._note(memory, found, plan, done, now)
        memory.problem, memory.problem_since = "", None
        if elements is None:
            memory.read_at = now
        await self._finish(memory, news, now)
        return memory

    async def _look(
        self, there: Talk, elements: frozenset[ElementKey] | None, memory: Memory, now: datetime, *, patient: bool = False
    ) -> _Round:
        wishes = await there.wishes(self._outlook, now)
        things = frozenset(wishes.by_thing) if elements is None else wishes.only(elements)
        if not things and elements is not None:
            return _Round(wishes, things, Reading(), (), ())
        reading = await there.read(sorted(things))
        by_thing = {thing: wish for thing, wish in wishes.by_thing.items() if thing in things}
        bookkeeping.learn(memory, by_thing, reading)
        written = {thing: one.states for thing, one in memory.written.items()}
        steps, foreign = planning.divided(
            planning.differences(by_thing, reading), reading.found, written, own_alone=self._side.own_alone
        )
        later = [step for step in steps if patient and bookkeeping.is_put_off(memory, step, now)]
        put_off = {step.thing for step in later}
        now_due = tuple(step for step in steps if step.thing not in put_off)
        if elements is not None:
            return _Round(wishes, things, reading, now_due, tuple(foreign), tuple(later))
        orphans = frozenset(t for t, one in reading.found.items() if one.ours and t not in wishes.by_thing)
        seen = things | orphans | {entry.thing for entry in memory.drift}
        return _Round(wishes, seen, reading, now_due, tuple(foreign), tuple(later), orphans)

    def _plan(self, found: _Round, memory: Memory, now: datetime, *, free: bool = False) -> Plan:
        spent = memory.spent_within(self.terms.limits, now)
        held = {thing: one.after for thing, one in memory.held.items()}
        things = len(found.wishes.by_thing.keys() - found.reading.unknown - set(memory.told))
        budget = planning.Budget(self.terms.limits, things, spent, held, free)
        return replace(planning.planned(found.steps, found.foreign, budget), later=found.later)

    def _note(self, memory: Memory, found: _Round, plan: Plan, done: frozenset[str], now: datetime) -> list[Step]:
        """Take a look, and what came of it, into memory. Returns what is held since this look."""
        differing = {step.thing for step in (*plan.go, *plan.held, *plan.later)} - done
        bookkeeping.forgive(memory, found.things, differing)
        for thing, why in found.reading.failed.items():
            bookkeeping.put_off(memory, thing, why, now, unread=True)
        looked = Looked(now, found.things, found.reading, plan, done, found.orphans, self.terms.dry_run)
        memory.drift = reporting.report(memory, looked)
        memory.things, memory.revision = len(found.wishes.by_thing), found.wishes.revision
        memory.in_line = len(found.wishes.by_thing.keys() - {entry.thing for entry in memory.drift})
        self._remark(memory, found)
        # what a dry run would hold is told anew when it is none any more
        return bookkeeping.hold(memory, () if self.terms.dry_run else plan.held, found.things, now)

    def _remark(self, memory: Memory, found: _Round) -> None:
        """Log once what the other system does not know."""
        for thing in sorted(found.reading.unknown - set(memory.told)):
            log.warning("the other system has no such thing; nothing is done about it", actuator=self.name, thing=thing)
        memory.told = sorted((set(memory.told) - found.things) | found.reading.unknown)

    async def _finish(self, memory: Memory, held: list[Step], now: datetime) -> None:
        """Keep ``memory``, and have the outside told of what is ``held`` from now on."""

        async def work(connection: AsyncConnection, _: int) -> None:
            await memories.keep(connection, self.name, memory)
            if held:
                await outbox.add(connection, now, f"actuator-{uuid4().hex}", TOPIC, _told(self.name, held))

        if held:
            named = [step.thing for step in held[:FEW]]
            log.warning("an actuator holds changes for an administrator", actuator=self.name, count=len(held), things=named)
        await self._database.change(work)
        metrics.tell(self.name, memory)

    async def _confirm(self, memory: Memory, reading: Reading) -> None:
        """Enter in the books what was written when nobody could note any more what became of it: it is there."""
        for thing in bookkeeping.confirmed(memory, reading):
            told = {"actuator": self.name, "thing": thing, "outcome": "kept"}
            details = {**told, "after": memory.written[thing].states}
            entry = Entry(AUTOMATION, "actuator wrote", f"{self.name}: {thing}: found as it was written", self._clock())
            await self._database.change(partial(_sign, entry, self.terms.vo, details))

    async def _fail(self, memory: Memory, problem: str, now: datetime) -> None:
        memory.problem, memory.problem_since = problem, memory.problem_since or now
        await self._finish(memory, [], now)

    async def _recollected(self) -> Memory:
        async with self._database.reading() as connection:
            return await memories.recollected(connection, self.name)


async def _sign(entry: Entry, vo: str, details: Mapping[str, Any], connection: AsyncConnection, _: int) -> None:
    await sign(connection, entry, None, {vo}, details)


def _told(name: str, held: list[Step]) -> dict[str, object]:
    subject = f"actuator {name} holds {len(held):,} changes for an administrator"
    return {"subject": subject, "actuator": name, "state": "held", "things": [step.thing for step in held[:MANY]]}
