"""The inspector: lets an event happen to the world, in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog
from anyio import to_thread
from prometheus_client import Counter, Histogram
from sqlalchemy import insert

from gridmask import tracing
from gridmask.domain.actor import AUTOMATION, Actor
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.events import Event, PoliciesLoaded, TimePassed
from gridmask.domain.guarding import CensusNeeded, RecallNeeded
from gridmask.domain.policy import PolicySet
from gridmask.domain.policy_changes import PolicyChange
from gridmask.domain.step import step
from gridmask.inspection import promptness, succession
from gridmask.store import elements, guard, ledger, policies, statuses, types, vos, world
from gridmask.store.attending import attended
from gridmask.store.audit import Entry
from gridmask.store.ledger import Outcome
from gridmask.store.tables import sweeps
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.clock import Clock
    from gridmask.domain.instructions import Instruction
    from gridmask.domain.state import State
    from gridmask.domain.vo import VoRegistry
    from gridmask.inspection.recording import Recorder, Written
    from gridmask.store.database import Database

log = structlog.get_logger()

MOST_VOS = 10
"""So many of those whose masks a revision changed are named in the log."""

EVENTS = Counter("gridmask_events_total", "Events that happened to the world, by kind.", ["event"])
CHANGES = Counter("gridmask_changes_total", "Rows whose status, existence or token changed, by kind of change.", ["kind"])
STEP_SECONDS = Histogram("gridmask_step_seconds", "From loading the world for an event to its commit.", ["event"])
DECIDED = Histogram(
    "gridmask_decision_seconds", "From when what led to a revision came to its commit.", ["event"], buckets=promptness.BUCKETS
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to happen, and what of the world it can touch. ``event`` None: nothing.

    ``vos`` are those whom it concerns, where no row tells. ``since`` is when what leads to it came; None: just now.
    """

    event: Event | None
    scope: Scope
    action: str
    comment: str = ""
    vos: frozenset[str] = frozenset()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Adoption:
    """Policies that are to be in force from now on.

    Attributes:
        policies: they themselves.
        document: what they were read from.
        author: whose that is.
        actor: who puts them into force.
        action, comment: how it goes into the books; without a comment, their revision does.
        vos: whom it concerns, where no row tells.
    """

    policies: PolicySet
    document: dict[str, object]
    author: str = ""
    actor: Actor = AUTOMATION
    action: str = "policies loaded"
    comment: str = ""
    vos: frozenset[str] = frozenset()


Choose = Callable[["AsyncConnection", datetime], Awaitable[Adoption | None]]
"""Works out, within the transaction, which policies are to be in force; None: those that are."""

Prepare = Callable[["AsyncConnection", datetime], Awaitable[Plan]]
"""Works out, within the transaction, what is about to happen."""

NOTHING = Plan(None, Scope(frozenset()), "")


class Inspector:
    """The one way in which anything changes: prepare an event, load what it touches, take the step, write down what it says."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that everything that happens depends on
        self,
        database: Database,
        policies: PolicySet,
        declared_types: TypeRegistry,
        registry: VoRegistry,
        clock: Clock,
        committed: Callable[[Outcome], None],
        recorder: Recorder | None = None,
    ) -> None:
        """``committed`` is called after each transaction. Without ``recorder``, nothing is recorded."""
        self.database = database
        self.policies = policies
        self.registry = registry
        self.clock = clock
        self.declared_types = declared_types
        self._committed = committed
        self._recorder = recorder

    async def happen(self, prepare: Prepare, *then: Prepare) -> Outcome:
        """Let happen what ``prepare`` comes up with. All of it is committed, or nothing.

        ``prepare`` is asked again if the database gave up the transaction: what it found in it does not hold any more.

        Args:
            prepare: works out what is to happen.
            then: what is to happen after that in the same transaction, in which each finds what happened before it. Each
                that changes something makes a revision of its own.

        Returns:
            What the last of them came to.
        """
        asked_at = self.clock()
        with tracing.step("change") as changing:
            happened = await self.database.change(partial(self._attempt, (prepare, *then)))
            _trace(changing, [outcome for _, outcome, _ in happened])
        if self._recorder is not None:
            self._recorder.committed(written for *_, written in happened)
        for plan, outcome, _ in happened:
            if plan.event is not None:
                EVENTS.labels(type(plan.event).__name__).inc()
                self._report(plan, replace(outcome, since=plan.since or asked_at))
        return happened[-1][1]

    async def _attempt(
        self, prepares: Iterable[Prepare], connection: AsyncConnection, before: int
    ) -> list[tuple[Plan, Outcome, Written | None]]:
        now = self.clock()
        happened: list[tuple[Plan, Outcome, Written | None]] = []
        for prepare in prepares:
            plan = await prepare(connection, now)
            outcome, written = await self._done(plan, connection, before, now)
            before = before if outcome.revision is None else outcome.revision
            happened.append((plan, outcome, written))
        return happened

    async def _done(
        self, plan: Plan, connection: AsyncConnection, before: int, now: datetime
    ) -> tuple[Outcome, Written | None]:
        if plan.event is None:
            return Outcome(None), None
        with STEP_SECONDS.labels(type(plan.event).__name__).time():
            types_ = await self.types(connection)
            judging = plan.event.policies if isinstance(plan.event, PoliciesLoaded) else self.policies
            state = await world.load(connection, plan.scope, judging, types_, now)
            instructions = (await taken(connection, state, plan.event, now))[1]
            entry = Entry(plan.event.actor, plan.action, plan.comment, now, plan.vos)
            outcome = await ledger.carry_out(connection, instructions, entry, before)
            if self._recorder is None:
                return outcome, None
            happened = (state, plan.event, instructions)
            return outcome, await self._recorder.note(connection, happened, now, plan.action, outcome.revision)

    async def types(self, connection: AsyncConnection) -> TypeRegistry:
        """The element types: built in, published by inventories, and declared in the settings, which have the last word."""
        return TypeRegistry().with_types(*await types.load(connection), *self.declared_types.by_name.values())

    async def adopt(self, adopted: PolicySet, document: dict[str, object], author: str = "") -> Outcome:
        """Put other policies into force: the rows that they concern are judged by them.

        ``document`` is what they were read from.
        """

        async def given(_: AsyncConnection, __: datetime) -> Adoption:
            return Adoption(adopted, document, author)

        return await self.exchange(given)

    async def exchange(self, choose: Choose) -> Outcome:
        """Put the policies into force that ``choose`` comes up with. What it writes is committed with them, or nothing is.

        Judged anew are the rows about which something else has a say than before.
        """
        chosen: Adoption | None = None

        async def load(connection: AsyncConnection, now: datetime) -> Plan:
            nonlocal chosen
            chosen = await choose(connection, now)
            if chosen is None:
                return NOTHING
            revision, standing = chosen.policies.revision, await policies.revision_in_force(connection)
            if revision != standing:
                await policies.note(connection, policies.Loaded(revision, now, chosen.document, chosen.author))
            # where another process put them into force, this one may still have judged by those before
            before = self.policies if standing in {revision, self.policies.revision} else None
            return await self._succession(connection, chosen, before)

        outcome = await self.happen(load)
        self.policies = chosen.policies if chosen else self.policies
        return outcome

    async def prepare(self, document: dict[str, object], author: str = "", policies_by_api: Collection[str] = ()) -> Outcome:
        """Make the declared VOs known, and the declared types and the policies the ones in force.

        ``document`` is what the policies were read from, ``author`` whose that is; ``policies_by_api`` are the VOs that keep
        theirs by the API. What is new about any of it is what rows are judged anew for.
        """

        async def adopt(connection: AsyncConnection, now: datetime) -> Plan:
            last = await vos.last_revision(connection)
            await vos.register(connection, self.registry.names, last, now)
            returned = self.registry.names & (await vos.retired(connection)).keys()
            await vos.bring_back(connection, returned, last)
            await vos.keep_policies(connection, policies_by_api)
            redeclared = await types.declare(connection, self.declared_types.by_name.values())
            before = None if redeclared or returned else await succession.predecessor(connection, self.policies)
            await policies.note(connection, policies.Loaded(self.policies.revision, now, document, author))
            return await self._succession(connection, Adoption(self.policies, document, author), before)

        return await self.happen(adopt)

    async def _succession(self, connection: AsyncConnection, adoption: Adoption, before: PolicySet | None) -> Plan:
        """That policies come into force in place of ``before``; nothing, where that concerns no row and nobody asked for it."""
        change = PolicyChange(before, adoption.policies)
        scope = await succession.scope(connection, change, await self.types(connection))
        if adoption.actor is AUTOMATION and scope == NOTHING.scope:
            return NOTHING
        event = PoliciesLoaded(adoption.policies, adoption.actor, before)
        return Plan(event, scope, adoption.action, adoption.comment or adoption.policies.revision, adoption.vos)

    async def catch_up(self, batch: int = 2000) -> Outcome:
        """Evaluate the rows that are due, up to ``batch`` elements of them; what was held together comes together."""

        async def due(connection: AsyncConnection, now: datetime) -> Plan:
            keys = await statuses.due(connection, now, batch)
            if keys:
                keys |= await statuses.held_no_longer(connection, now)
            return Plan(TimePassed(keys), Scope(keys), "time passed") if keys else NOTHING

        return await self.happen(due)

    async def sweep(self, batch: int) -> int:
        """Evaluate every row, ``batch`` elements at a time; leaves one mark. Returns how many changed."""
        async with self.database.reading() as connection:
            keys = await elements.all_keys(connection)
        changed = 0
        for start in range(0, len(keys), batch):
            part = frozenset(keys[start : start + batch])

            async def some(_: AsyncConnection, __: datetime, part: frozenset[ElementKey] = part) -> Plan:
                return Plan(TimePassed(part), Scope(part), "sweep")

            changed += len((await self.happen(some)).changed)
        mark = {"at": self.clock(), "checked": len(keys), "changed": changed, "policy_revision": self.policies.revision}
        await self.database.change(lambda connection, _: connection.execute(insert(sweeps).values(mark)))
        return changed

    def _report(self, plan: Plan, outcome: Outcome) -> None:
        for change in outcome.changed:
            CHANGES.labels(getattr(change, "change", None) or "ended").inc()
        if outcome.revision is not None and outcome.since is not None:
            seconds = max((self.clock() - outcome.since).total_seconds(), 0)
            DECIDED.labels(type(plan.event).__name__).observe(seconds)
            actor = plan.event.actor if plan.event else AUTOMATION
            told = {"changed": len(outcome.changed), "vos": sorted(outcome.masks)[:MOST_VOS]}
            log.info("revision", revision=outcome.revision, action=plan.action, actor=actor.name, **told)
        self._committed(outcome)


def _trace(changing: tracing.Step, outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.revision is not None:
            changing.note({"gridmask.revision": outcome.revision, "gridmask.rows": len(outcome.changed)})
            tracing.remember(outcome.revision)


async def taken(
    connection: AsyncConnection, state: State, event: Event, now: datetime
) -> tuple[State, tuple[Instruction, ...]]:
    """The step that ``event`` is. What of the whole world most steps can do without is told when one asks for it."""
    while True:
        try:
            with tracing.step("step", {"gridmask.event": type(event).__name__}):
                return await attended(connection, to_thread.run_sync(step, state, event, now))
        except RecallNeeded:
            recent = await guard.recall(connection, state.policies.guard, state.vos, now)
            state = replace(state, watch=replace(state.watch, recent=recent, is_complete=True))
        except CensusNeeded:
            state = replace(state, census=await guard.count(connection))
