"""Whatever happens to the part of the world that an event can touch, as it is loaded, happens to the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from immutables import Map

from gridmask.domain.actor import AUTOMATION
from gridmask.domain.downtime import Difference, Downtime, DowntimeKey, Interval
from gridmask.domain.element import Element, ElementKey, RowKey, TypeRegistry
from gridmask.domain.events import DowntimesChanged, Event, InventoryChanged, StatusSet, TimePassed, VosChanged
from gridmask.domain.instructions import EndRow, SaveRow
from gridmask.domain.naming import HostedService, Target
from gridmask.domain.policy import Policy
from gridmask.domain.state import State
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.domain.token import Term
from gridmask.inventory.publication import Publication
from gridmask.inventory.reconcile import reconcile
from gridmask.rules import DeclaredDowntime
from gridmask.rules.downtime import After
from gridmask.store import ledger, world
from gridmask.store.check import check
from gridmask.store.ledger import Entry
from gridmask.store.world import EVERYTHING, Scope
from gridmask.testing import element, policies
from gridmask.testing.trial import OPERATOR
from tests.grid import NOW

if TYPE_CHECKING:
    from gridmask.store.database import Database

STEPS = 60
SOURCES, VOS = ("cs", "osg"), ("atlas", "cms")
NAMES, HOSTS, SERVICES = "abcdef", ("a.example.org", "b.example.org", "a"), ("", "webdav", "ce")
POLICIES = policies(
    Policy("declared", DeclaredDowntime()), Policy("declared", DeclaredDowntime(after=After.PROBING), layer="cms")
)

Happening = tuple[Event, Scope]


class Fate:
    """Comes up with what happens next, in ways that production has."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._downtimes: dict[DowntimeKey, Downtime] = {}

    def next(self, state: State) -> Happening:
        kinds = (self._inventory, self._inventory, self._downtime, self._downtime, self._vo, self._decision, self._time)
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


def changed(instructions: tuple[object, ...]) -> set[tuple[object, ...]]:
    """What became of rows."""
    saved = {(i.after.key, i.before and i.before.status, i.after.status) for i in instructions if isinstance(i, SaveRow)}
    return saved | {(i.row.key, i.row.status, None) for i in instructions if isinstance(i, EndRow)}


@pytest.mark.parametrize("seed", range(4))
async def test_a_part_that_is_loaded_fares_as_in_the_whole(database: Database, seed: int) -> None:
    fate, whole, now = Fate(seed), State(policies=POLICIES, elements=Map()), NOW
    for number in range(STEPS):
        now += timedelta(minutes=5)
        event, scope = fate.next(whole)
        whole, expected = step(whole, event, now)
        async with database.writing() as (connection, before):
            part = await world.load(connection, scope, POLICIES, TypeRegistry(), now)
            _, instructions = step(part, event, now)
            await ledger.carry_out(connection, instructions, Entry(AUTOMATION, "test", "", now), before)
            kept = await world.load(connection, EVERYTHING, POLICIES, TypeRegistry(), now)
        assert changed(instructions) == changed(expected), (number, event)
        assert plain(kept) == plain(whole), (number, event)
        assert {row.key.vo for rows in kept.rows.values() for row in rows.values()} <= {"all", *kept.vos}
    assert not await check(database)
