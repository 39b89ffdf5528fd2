"""Writes steps to another system, one after the other: noted before, read back and entered in the books after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from gridmask.actions.actuating import memory as memories
from gridmask.actions.actuating import metrics
from gridmask.actions.actuating.bookkeeping import put_off
from gridmask.actions.actuating.memory import Written
from gridmask.actions.actuating.reporting import touched_by
from gridmask.actions.actuating.values import in_words
from gridmask.domain.errors import GridmaskError, StoreError
from gridmask.store.audit import Entry, sign

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.actions.actuating.memory import Memory
    from gridmask.actions.actuating.side import Talk
    from gridmask.actions.actuating.values import Step
    from gridmask.clock import Clock
    from gridmask.domain.actor import Actor
    from gridmask.store.database import Database

log = structlog.get_logger()

ENOUGH = 3
"""After so many failures in a row, the rest is left for later."""

_LONGEST = 500
_KEPT = {"kept": True, "forgotten": False}


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes for an actuator.

    Attributes:
        name: which; ``vo``: whose mask it goes by.
        there: the other system.
        database, clock: where it is noted, and when.
        memory: what the actuator remembers, into which all goes.
        actor: who has it done.
        counts: whether it counts for the limits.
    """

    name: str
    vo: str
    there: Talk
    database: Database
    clock: Clock
    memory: Memory
    actor: Actor
    counts: bool = True

    async def carry_out(self, steps: Iterable[Step]) -> frozenset[str]:
        """Do ``steps``. Returns the things that are as they should be then.

        Raises:
            StoreUnavailable: our database is away, and nothing is sent any more.
        """
        done: set[str] = set()
        in_a_row = 0
        for step in steps:
            if in_a_row >= ENOUGH:
                break
            outcome = await self._write(step)
            in_a_row = in_a_row + 1 if outcome == "failed" else 0
            done |= {step.thing} if outcome == "kept" else set()
        return frozenset(done)

    async def _write(self, step: Step) -> str:
        """Do ``step``. Returns what became of it."""
        before = await self._announce(step)
        outcome, note = await self._attempt(step)
        now, written = self.clock(), self.memory.written[step.thing]
        self.memory.written[step.thing] = Written(written.states, now, _KEPT.get(outcome), note[:_LONGEST])
        self.memory.changed_at = now
        if outcome == "kept":
            self.memory.failing.pop(step.thing, None)
        else:
            put_off(self.memory, step.thing, note, now)
        metrics.WRITES.labels(self.name, outcome).inc()
        await self._book(step, outcome, note, touched_by(step.before, before))
        return outcome

    async def _announce(self, step: Step) -> Written | None:
        """Note that ``step`` is about to be done, for whoever comes after a crash. Returns what was written before."""
        before, now = self.memory.written.get(step.thing), self.clock()
        self.memory.written[step.thing] = Written({**(before.states if before else {}), **step.after}, now)
        if self.counts:
            self.memory.spend(step.thing, now)
        await self.database.change(lambda connection, _: memories.keep(connection, self.name, self.memory))
        return before

    async def _attempt(self, step: Step) -> tuple[str, str]:
        """What became of ``step``: ``kept``, ``forgotten`` or ``failed``; and what there is to tell of it."""
        try:
            note = await self.there.write(step)
            again = await self.there.read([step.thing])
        except StoreError:
            raise
        except GridmaskError as error:
            return "failed", str(error)
        found = again.found.get(step.thing)
        if found is None:
            return "failed", again.failed.get(step.thing, "It could not be read back.")
        kept = all(found.states.get(aspect) == state for aspect, state in step.after.items())
        return ("kept", note) if kept else ("forgotten", "It said yes, and is not what was written.")

    async def _book(self, step: Step, outcome: str, note: str, toucher: str) -> None:
        told = {"actuator": self.name, "thing": step.thing, "before": dict(step.before), "after": dict(step.after)}
        details = {**told, "outcome": outcome, "answer": note, "touched_by": toucher}
        changed = ", ".join(f"{aspect} {in_words(state)}" for aspect, state in step.after.items())
        entry = Entry(self.actor, "actuator wrote", f"{self.name}: {step.thing}: {changed}: {outcome}", self.clock())
        log.info("an actuator wrote", **details)

        async def work(connection: AsyncConnection, _: int) -> None:
            await memories.keep(connection, self.name, self.memory)
            await sign(connection, entry, None, {self.vo}, details)

        await self.database.change(work)
