"""Whatever happens to the part of the world that an event can touch, as it is loaded, happens to the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from immutables import Map

from gridmask.domain.actor import AUTOMATION
from gridmask.domain.damping import Damping
from gridmask.domain.downtime import Difference, Downtime, DowntimeKey, Interval
from gridmask.domain.element import Element, ElementKey, RowKey, TypeRegistry
from gridmask.domain.events import (
    BatchDecided,
    DowntimesChanged,
    Event,
    EvidenceChanged,
    InventoryChanged,
    StatusSet,
    TimePassed,
    VosChanged,
)
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.guard import Batch, BatchState, Cap, Guard, Watch
from gridmask.domain.instructions import EndRow, SaveBatch, SaveRow
from gridmask.domain.measurements import TICKETS
from gridmask.domain.measurements import Tickets as Counted
from gridmask.domain.naming import HostedService, Target
from gridmask.domain.policy import OnMissing, Policy, PolicySet
from gridmask.domain.state import State
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.domain.token import Term
from gridmask.inventory.publication import Publication
from gridmask.inventory.reconcile import reconcile
from gridmask.rules import DeclaredDowntime, Tickets
from gridmask.rules.downtime import After
from gridmask.store import guard, ledger, world
from gridmask.store.audit import Entry
from gridmask.store.check import check
from gridmask.store.world import EVERYTHING, Scope
from gridmask.testing import element, policies
from gridmask.testing.trial import OPERATOR
from tests.clocks import NOW

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.store.database import Database

STEPS = 60
SOURCES, VOS = ("cs", "osg"), ("atlas", "cms")
NAMES, HOSTS, SERVICES = "abcdef", ("a.example.org", "b.example.org", "a"), ("", "webdav", "ce")
POLICIES = policies(
    Policy("declared", DeclaredDowntime()),
    Policy("declared", DeclaredDowntime(after=After.PROBING), layer="cms"),
    Policy("tickets", Tickets(status=Status.BANNED), on_missing=OnMissing.UNKNOWN),
    Policy("tickets", Tickets(2, Status.DEGRADED), layer="atlas"),
)
GUARDED = PolicySet(
    POLICIES.policies,
    "guarded",
    guard=Guard(Cap(0.1, 1), Cap(0.2, 2), window=timedelta(hours=1), expires=timedelta(hours=2)),
    damping=Damping(timedelta(minutes=20), suppress=2, reuse=0.5, most=4),
)

Happening = tuple[Event, Scope]


class Fate:
    """Comes up with what happens next, in ways that production has."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._downtimes: dict[DowntimeKey, Downtime] = {}

    def next(self, state: State) -> Happening:
        once = (self._inventory, self._vo, self._decision, self._time, self._batch)
        kinds = (*once, self._inventory, self._downtime, self._downtime, self._measured, self._measured)
        return self._random.choice(kinds)(state)

    def _some(self, of: tuple[str, ...] | str, most: int) -> tuple[str, ...]:
        return tuple(self._random.sample(of, self._random.randint(0, most)))

    def _element(self, source: str) -> Element:
        name, type_ = self._random.choice(NAMES), self._random.choice(["FTS", "Squid"])
        names = {"hosts": self._some(HOSTS, 2), "aliases": self._some(NAMES, 1), "services": frozenset(self._some(SERVICES, 1))}
        return element(name, type_, source=source, identity=self._random.choice(["", "1", "2", "3"]), **names)

    def _inventory(self, state: State) -> Happening:
        source = self._random.choice(SOURCES)
        listed = Publication.of((self._element(source) for _ in range(5)), conclusive=self._random.random() < 0.8)
        change = reconcile(state.elements, listed, source, self._random.choice([SOURCES, SOURCES[::-1]]))
        saved = (*change.added, *change.edited)
        event = InventoryChanged(source, change.added, change.edited, change.taken_out, change.renamed)
        return event, Scope.of((*(e.key for e in saved), *change.taken_out), coming=saved)

    def _target(self) -> Target:
        if self._random.random() < 0.5:
            return HostedService(self._random.choice(HOSTS), self._random.choice(SERVICES))
        return ElementKey("Resource", self._random.choice(["FTS", "Squid"]), self._random.choice(NAMES))

    def _downtime(self, state: State) -> Happening:
        del state
        key = DowntimeKey("registry", self._random.choice("123"))
        before = {key: self._downtimes.pop(key)} if key in self._downtimes else {}
        end = self._random.choice([None, NOW + timedelta(days=9)])
        targets = frozenset(self._target() for _ in range(2))
        made = Downtime(key, targets, Interval(NOW - timedelta(hours=1), end), "OUTAGE", vo=self._random.choice(["all", *VOS]))
        change = Difference(withdrawn=(key,)) if before and self._random.random() < 0.5 else Difference(edited=(made,))
        if not before:
            change = Difference(added=(made,))
        if not change.withdrawn:
            self._downtimes[key] = made
        named = targets.union(*(old.targets for old in before.values()))
        return DowntimesChanged("registry", change, before), Scope.meant_by(named)

    def _measured(self, state: State) -> Happening:
        del state
        seen = NOW + timedelta(minutes=self._random.randrange(STEPS * 5))
        ends = self._random.choice([None, seen + timedelta(hours=1)])
        keys = [EvidenceKey("monitor", self._random.choice("12"), self._target()) for _ in range(4)]
        said = {key: Counted(self._random.choice([0, 0, 1, 3])) for key in keys}
        put = tuple(
            Evidence(key, TICKETS, tickets, seen, ends, self._random.choice(["all", "all", *VOS]))
            for key, tickets in said.items()
            if self._random.random() < 0.8
        )
        gone = tuple(key for key in said if key not in {item.key for item in put})
        return EvidenceChanged(put, gone), Scope.meant_by(key.about for key in keys)

    def _batch(self, state: State) -> Happening:
        held = {key: {row.hold.batch for row in rows.values() if row.hold} for key, rows in state.rows.items()}
        waiting = {name for names in held.values() for name in names if state.watch.batches[name].state is BatchState.HELD}
        if not waiting:
            return self._measured(state)
        name = self._random.choice(sorted(waiting))
        event = BatchDecided(OPERATOR, name, self._random.random() < 0.5, "Because.")
        return event, Scope.of(key for key, names in held.items() if name in names)

    def _vo(self, state: State) -> Happening:
        vo = frozenset({self._random.choice(VOS)})
        return (VosChanged(retired=vo) if vo <= state.vos else VosChanged(added=vo)), EVERYTHING

    def _decision(self, state: State) -> Happening:
        if not state.elements:
            return self._time(state)
        key = self._random.choice(sorted(state.elements))
        row = RowKey(key, "all", self._random.choice(["all", *sorted(state.vos)]))
        status = self._random.choice([Status.BANNED, Status.ACTIVE])
        return StatusSet(OPERATOR, (row,), status, "Because.", Term(NOW + timedelta(minutes=30))), Scope.of([key])

    def _time(self, state: State) -> Happening:
        some = frozenset(self._random.sample(sorted(state.elements), len(state.elements) // 2))
        return TimePassed(some), Scope(some)


def plain(state: State) -> tuple[object, ...]:
    """All that decisions rest on; but for revisions, which only a database gives, and entries that hold nothing."""
    rows = {row.key: replace(row, revision=0) for rows in state.rows.values() for row in rows.values()}
    said = {key: item.value for items in state.evidence.values() for key, item in items.items()}
    return dict(state.elements), rows, said, state.vos


def held(instructions: tuple[object, ...]) -> set[Batch]:
    """What became of batches."""
    return {i.batch for i in instructions if isinstance(i, SaveBatch)}


def changed(instructions: tuple[object, ...]) -> set[tuple[object, ...]]:
    """What became of rows."""
    saved = {(i.after.key, i.before and i.before.status, i.after.status) for i in instructions if isinstance(i, SaveRow)}
    return saved | {(i.row.key, i.row.status, None) for i in instructions if isinstance(i, EndRow)}


async def watched(connection: AsyncConnection, by: PolicySet, vos: frozenset[str], now: datetime) -> Watch:
    """What the guard remembers, with what was taken of late."""
    watch = await guard.load(connection, by.guard, now)
    return replace(watch, recent=await guard.recall(connection, by.guard, vos, now), is_complete=True)


@pytest.mark.parametrize(("seed", "by"), [(0, POLICIES), (1, GUARDED), (2, GUARDED)], ids=["free", "guarded-1", "guarded-2"])
async def test_a_part_that_is_loaded_fares_as_in_the_whole(database: Database, seed: int, by: PolicySet) -> None:
    fate, whole, now = Fate(seed), State(policies=by, elements=Map()), NOW
    for number in range(STEPS):
        now += timedelta(minutes=5)
        async with database.writing() as (connection, before):
            watch = await watched(connection, by, whole.vos, now)
            whole = replace(whole, watch=watch)
            event, scope = fate.next(whole)
            whole, expected = step(whole, event, now)
            part = await world.load(connection, scope, by, TypeRegistry(), now)
            part = replace(part, watch=watch, census=await guard.count(connection))
            _, instructions = step(part, event, now)
            await ledger.carry_out(connection, instructions, Entry(AUTOMATION, "test", "", now), before)
            kept = await world.load(connection, EVERYTHING, by, TypeRegistry(), now)
        assert changed(instructions) == changed(expected), (number, event)
        assert held(instructions) == held(expected), (number, event)
        assert plain(kept) == plain(whole), (number, event)
        assert {row.key.vo for rows in kept.rows.values() for row in rows.values()} <= {"all", *kept.vos}
    assert not await check(database)
