"""Many processes at once: no update is lost, and revisions become visible in order, without gaps (promises K2 and K3)."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text, update

from gridmask.store.database import Database, advance
from gridmask.store.tables import audit, counter, vos
from tests.clocks import NOW
from tests.contract.sessions import WAITING

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

WRITERS, CHANGES, FOLLOWERS = 8, 30, 3
LAST = WRITERS * CHANGES


async def change(connection: AsyncConnection, before: int, name: str) -> None:
    """Counts one more in what all share, as who reads and then writes does, and signs for it."""
    found = await connection.scalar(select(vos.c.mask_revision))
    await connection.execute(update(vos).values(mask_revision=(found or 0) + 1))
    signed = {"actor": name, "actor_kind": "person", "action": "counted", "comment": ""}
    await connection.execute(insert(audit).values(at=NOW, revision=before + 1, **signed))
    await advance(connection, before + 1)


async def write(database: Database, name: str) -> None:
    """A process that changes something again and again."""
    for _ in range(CHANGES):
        await database.change(partial(change, name=name))


async def follow(database: Database) -> list[int]:
    """A process that asks again and again for what is new, until it knows all. Returns the revisions as it learnt of them."""
    told: list[int] = []
    while len(told) < LAST:
        async with database.reading() as connection:
            news = select(audit.c.revision).where(audit.c.revision > (told[-1] if told else 0)).order_by(audit.c.revision)
            told += [revision for revision in await connection.scalars(news) if revision]
            assert (told[-1] if told else 0) == await connection.scalar(select(counter.c.revision))
    return told


async def test_no_update_is_lost_and_every_follower_learns_of_each_in_order(upgradable_url: str) -> None:
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(Database(upgradable_url)) for _ in range(WRITERS + FOLLOWERS)]
        await processes[0].upgrade()
        async with processes[0].writing() as (connection, _):
            await connection.execute(insert(vos).values(name="all", known_since=NOW, mask_revision=0))
        async with asyncio.TaskGroup() as group:  # where one of them fails, nobody waits for the others
            told = [group.create_task(follow(database)) for database in processes[WRITERS:]]
            for number, database in enumerate(processes[:WRITERS]):
                group.create_task(write(database, f"writer {number}"))
        assert [task.result() for task in told] == [list(range(1, LAST + 1))] * FOLLOWERS
        async with processes[0].reading() as connection:
            assert await connection.scalar(select(vos.c.mask_revision)) == LAST


async def test_who_waited_for_its_turn_sees_what_the_one_before_it_left(server_url: str) -> None:
    async with Database(server_url) as first, Database(server_url) as second, Database(server_url) as third:
        await first.upgrade()
        async with asyncio.timeout(10), first.writing() as (connection, before):
            waiting = asyncio.create_task(take_a_turn(second))
            await somebody_waits(third)
            await advance(connection, before + 1)
        assert await waiting == before + 1


async def take_a_turn(database: Database) -> int:
    """What is the last revision when it is one's turn; without trying again."""
    async with database.writing() as (_, before):
        return before


async def somebody_waits(database: Database) -> None:
    """Returns once a session waits for another's lock."""
    waiting = False
    while not waiting:
        async with database.engine.begin() as connection:
            waiting = bool(await connection.scalar(text(WAITING[connection.dialect.name])))


async def change_and_fail(connection: AsyncConnection, before: int) -> None:
    await change(connection, before, "somebody")
    raise LookupError


async def test_what_is_not_committed_leaves_no_gap(upgradable_url: str) -> None:
    async with Database(upgradable_url) as database:
        await database.upgrade()
        await database.change(partial(change, name="somebody"))
        with pytest.raises(LookupError):
            await database.change(change_and_fail)
        await database.change(partial(change, name="somebody"))
        async with database.reading() as connection:
            assert list(await connection.scalars(select(audit.c.revision).order_by(audit.c.id))) == [1, 2]
