"""Shares of the hosts that are probed: who has which, and who follows, on every database."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import LeaseLost
from gridmask.inspection.engines.schedule import SHARES
from gridmask.inspection.engines.shares import Shares, share_of
from gridmask.store import fences, work, workers
from gridmask.store.work import Item
from gridmask.store.workers import Worker
from tests.clocks import Clock

if TYPE_CHECKING:
    from gridmask.store.database import Database

HOSTS = [f"host{number}.example.org" for number in range(200)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def planned(database: Database, clock: Clock) -> Database:
    items = [Item("probe", f"{number:02}", "all", "", clock()) for number in range(SHARES)]
    await database.note(lambda c: work.plan(c, items, {"probe"}))
    return database


async def present(database: Database, clock: Clock, *names: str, kinds: str = "read,probe") -> None:
    for name in names:
        worker = Worker(name, "here", "1", kinds, 8, clock(), clock())
        await database.note(partial(workers.greet, worker=worker))


def covered(*shares: Shares) -> list[int]:
    """How many hosts each of them has, none being two's."""
    assert all(sum(one.covers(host) for one in shares) <= 1 for host in HOSTS)
    return [sum(one.covers(host) for host in HOSTS) for one in shares]


async def test_who_is_alone_has_all_and_who_comes_gets_an_equal_part(planned: Database, clock: Clock) -> None:
    one, two = (Shares(planned, clock, name) for name in "xy")
    await present(planned, clock, "x")
    await one.claim()
    assert covered(one) == [len(HOSTS)]
    await present(planned, clock, "x", "y")
    for each in (two, one, two, one):
        await each.claim()
    assert sorted(len(each.fence().tickets) for each in (one, two)) == [SHARES // 2, SHARES // 2]
    assert sum(covered(one, two)) == len(HOSTS)


async def test_a_share_is_let_go_of_once_nothing_is_under_way_there(planned: Database, clock: Clock) -> None:
    one, two = (Shares(planned, clock, name) for name in "xy")
    await present(planned, clock, "x", "y")
    alone = Shares(planned, clock, "x")
    await present(planned, clock, "y", kinds="read")
    await alone.claim()
    one = alone
    await present(planned, clock, "y")
    one.under_way = lambda: HOSTS
    for each in (one, two):
        await each.claim()
    assert (len(one.fence().tickets), two.is_held) == (SHARES // 2, False)
    one.under_way = tuple
    for each in (one, two):
        await each.claim()
    assert len(two.fence().tickets) == SHARES // 2


async def test_who_dies_is_followed_and_can_take_nothing_in(planned: Database, clock: Clock) -> None:
    one, two = (Shares(planned, clock, name) for name in "xy")
    await present(planned, clock, "x")
    await one.claim()
    clock.advance(seconds=31)
    await present(planned, clock, "y")
    await two.claim()
    assert len(two.fence().tickets) == SHARES
    with fences.within(one.fence()), pytest.raises(LeaseLost):
        await planned.change(_nothing)
    before = one.times
    await one.claim()
    assert (one.is_held, one.times) == (False, before + 1)


async def test_who_leaves_is_followed_at_once(planned: Database, clock: Clock) -> None:
    one, two = (Shares(planned, clock, name) for name in "xy")
    await present(planned, clock, "x")
    await one.claim()
    await one.leave()
    await present(planned, clock, "y", "x", kinds="probe")
    await workers_gone(planned, "x")
    await two.claim()
    assert covered(one, two) == [0, len(HOSTS)]


async def workers_gone(database: Database, name: str) -> None:
    await database.note(lambda c: workers.leave(c, name))


async def test_one_of_those_who_probe_a_service_speaks_for_it(planned: Database, clock: Clock) -> None:
    one, two = (Shares(planned, clock, name) for name in "xy")
    await present(planned, clock, "x", "y")
    for each in (one, two, one, two):
        await each.claim()
    for hosts in (HOSTS, HOSTS[:1], []):
        assert sum(each.speaks_for(hosts) for each in (one, two)) == 1


def test_a_host_is_in_one_share_whoever_asks() -> None:
    assert {share_of("se01.example.org")} == {share_of("se01.example.org") for _ in range(3)}
    assert len({share_of(host) for host in HOSTS}) == SHARES


async def _nothing(*_: object) -> None: ...
