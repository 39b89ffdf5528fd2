"""Work that is shared: who has what, for how long, and what of it can be committed, on every database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from gridmask.domain.errors import LeaseLost
from gridmask.store import fences, work
from gridmask.store.fences import Fence, Ticket
from gridmask.store.tables import sweeps
from gridmask.store.tables import work as table
from gridmask.store.work import After, Claim, Item
from tests.clocks import Clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.store.database import Database

TERM = timedelta(seconds=30)


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Desk:
    """Takes up work, and more, for several holders."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def plan(self, *items: Item) -> None:
        await self.database.note(lambda c: work.plan(c, items, {"read", "sweep"}))

    async def sources(self, *keys: str, vo: str = "all", host: str = "") -> None:
        await self.plan(*(Item("read", key, vo, host, self.clock()) for key in keys))

    async def claim(self, holder: str, room: int = 1, kinds: Iterable[str] = ("read",)) -> list[Claim]:
        asked = dict.fromkeys(kinds, room)
        return await self.database.note(lambda c: work.claim(c, holder, asked, self.clock(), TERM))

    async def complete(self, one: Claim, seconds: float = 60) -> bool:
        after = After(self.clock() + timedelta(seconds=seconds))
        return await self.database.note(lambda c: work.complete(c, one, after, self.clock()))

    async def renew(self, holder: str, *held: Claim) -> set[Ticket]:
        tickets = [one.ticket for one in held]
        return await self.database.note(lambda c: work.renew(c, tickets, holder, self.clock(), TERM))

    async def commit(self, one: Claim) -> None:
        """Change something as ``one`` would."""
        mark = {"at": self.clock(), "checked": 1, "changed": 0, "policy_revision": "x"}
        with fences.within(Fence((one.ticket,), self.clock, TERM)):
            await self.database.change(lambda c, _: c.execute(insert(sweeps).values(mark)))


@pytest.fixture
def desk(database: Database, clock: Clock) -> Desk:
    return Desk(database, clock)


def keys(claims: list[Claim]) -> list[str]:
    return [one.ticket.key for one in claims]


async def test_of_many_who_ask_at_once_each_gets_something_else(desk: Desk) -> None:
    await desk.sources(*"abcdefgh")
    claimed = await asyncio.gather(*(desk.claim(f"w{number}", 2) for number in range(6)))
    assert sorted(key for claims in claimed for key in keys(claims)) == list("abcdefgh")
    numbers = [one.ticket.number for claims in claimed for one in claims]
    assert len(set(numbers)) == len(numbers)


async def test_what_is_done_is_due_again_in_its_time(desk: Desk, clock: Clock) -> None:
    await desk.sources("a")
    [one] = await desk.claim("x")
    assert (await desk.complete(one, 60), await desk.claim("y")) == (True, [])
    clock.advance(seconds=60)
    assert keys(await desk.claim("y")) == ["a"]
    assert not await desk.complete(one)


async def test_who_is_silent_loses_it_and_can_commit_nothing(desk: Desk, clock: Clock) -> None:
    await desk.sources("a")
    [frozen] = await desk.claim("x")
    await desk.commit(frozen)
    clock.advance(seconds=30)
    [other] = await desk.claim("y")
    assert (other.was_lost, await desk.renew("x", frozen)) == (True, {frozen.ticket})
    with pytest.raises(LeaseLost, match="read a is another process's"):
        await desk.commit(frozen)
    await desk.commit(other)
    async with desk.database.reading() as connection:
        assert len((await connection.execute(select(sweeps))).all()) == 2


async def test_who_was_silent_and_has_lost_nothing_commits(desk: Desk, clock: Clock) -> None:
    await desk.sources("a")
    [one] = await desk.claim("x")
    clock.advance(seconds=300)
    await desk.commit(one)
    assert await desk.claim("y") == []  # that it committed something says that it goes on


async def test_who_says_that_it_goes_on_keeps_it(desk: Desk, clock: Clock) -> None:
    await desk.sources("a")
    [one] = await desk.claim("x")
    for _ in range(4):
        clock.advance(seconds=20)
        assert (await desk.renew("x", one), await desk.claim("y")) == (set(), [])


async def test_what_is_being_committed_is_neither_lost_nor_waited_for(desk: Desk, clock: Clock) -> None:
    await desk.sources("a", "b")
    [one] = await desk.claim("x")
    if desk.database.url.get_backend_name() == "sqlite":
        pytest.skip("it has one writer at a time")

    async def slow(*_: object) -> None:
        clock.advance(seconds=300)
        assert keys(await desk.claim("y", 2)) == ["b"]
        assert await desk.renew("x", one) == set()

    with fences.within(Fence((one.ticket,), clock, TERM)):
        await desk.database.change(slow)


async def test_what_is_let_go_is_anybodys_at_once(desk: Desk) -> None:
    await desk.sources("a")
    claims = await desk.claim("x")
    await desk.database.note(lambda c: work.release(c, claims))
    assert keys(await desk.claim("y")) == ["a"]


async def test_what_is_wanted_while_it_is_done_is_due_again_at_once(desk: Desk, clock: Clock) -> None:
    await desk.sources("a")
    [one] = await desk.claim("x")
    await desk.database.note(lambda c: work.wake(c, "read", clock()))
    await desk.complete(one)
    assert keys(await desk.claim("y")) == ["a"]


async def test_what_is_wanted_sooner_is_due_sooner_and_never_later(desk: Desk, clock: Clock) -> None:
    await desk.sources("a", "b")
    for one in await desk.claim("x", 2):
        await desk.complete(one, 60)
    for seconds, key in ((90, "a"), (10, "b")):
        moment = clock() + timedelta(seconds=seconds)
        await desk.database.note(partial(work.wake, kind="read", due_at=moment, key=key))
    async with desk.database.reading() as connection:
        assert await work.soonest(connection, ["read"]) == clock() + timedelta(seconds=10)
    clock.advance(seconds=60)
    assert sorted(keys(await desk.claim("y", 2))) == ["a", "b"]


async def test_one_that_kills_whoever_begins_it_is_begun_less_and_less_often(desk: Desk, clock: Clock) -> None:
    await desk.sources("a")
    begun = []
    for second in range(0, 900, 30):
        if await desk.claim(f"w{second}"):
            begun.append(second)
        clock.advance(seconds=30)
    assert begun == [0, 30, 60, 90, 150, 270, 510]


async def test_work_of_a_kind_that_nobody_here_knows_is_left_alone(desk: Desk, database: Database, clock: Clock) -> None:
    newer = {"kind": "dream", "key": "a", "vo": "all", "host": "", "due_at": clock(), "holder": "", "token": 3}
    await database.note(lambda c: c.execute(insert(table).values({**newer, "attempts": 0, "outcome": ""})))
    await desk.sources("a")
    assert [one.ticket.kind for one in await desk.claim("x", 9, ("read", "sweep"))] == ["read"]
    await desk.plan()
    async with database.reading() as connection:
        assert [(row.kind, row.holder, row.token) for row in await work.listed(connection)] == [("dream", "", 3)]


async def test_a_vo_with_a_thousand_sources_does_not_keep_another_waiting(desk: Desk, clock: Clock) -> None:
    many = [Item("read", f"many {number}", "atlas", "", clock()) for number in range(1000)]
    clock.advance(seconds=10)
    few = [Item("read", f"few {number}", "cms", "", clock()) for number in range(2)]
    await desk.plan(*many, *few)
    claimed = [key for number in range(2) for key in keys(await desk.claim(f"w{number}", 2))]
    assert sorted(key for key in claimed if key.startswith("few")) == ["few 0", "few 1"]


async def test_a_host_is_one_process_at_a_time(desk: Desk, clock: Clock) -> None:
    await desk.sources("a", "b", "c", host="h.example.org")
    first = await desk.claim("x", 2)
    assert (len(first), await desk.claim("y", 2)) == (2, [])
    assert len(await desk.claim("x", 2)) == 1
    clock.advance(seconds=30)
    assert len(await desk.claim("y", 9)) == 3


async def test_what_is_planned_no_more_is_gone_and_can_commit_nothing(desk: Desk) -> None:
    await desk.sources("a")
    [one] = await desk.claim("x")
    await desk.sources("b", vo="cms", host="h")
    with pytest.raises(LeaseLost):
        await desk.commit(one)
    await desk.sources("b", vo="atlas", host="g")
    async with desk.database.reading() as connection:
        assert [(row.key, row.vo, row.host) for row in await work.listed(connection)] == [("b", "atlas", "g")]
