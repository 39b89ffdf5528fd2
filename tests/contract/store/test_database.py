"""Transactions: who waits for whom, and what becomes of one that the database gave up."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING

import pytest
import stamina
from asyncmy.errors import OperationalError as MariaDBError
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import OperationalError

from gridmask.domain.errors import StoreBusy, StoreUnavailable
from gridmask.store.database import Database, advance
from gridmask.store.tables import counter, vos
from tests.contract import books
from tests.grid import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncConnection

READERS_AT_ONCE = 15
"""So many connections a pool gives at most."""


@pytest.fixture
def no_pauses() -> Iterator[None]:
    """What is tried again is tried again at once, as often as usual."""
    stamina.set_testing(True, attempts=5, cap=True)
    yield
    stamina.set_testing(False)


async def found(name: str, connection: AsyncConnection) -> None:
    await connection.execute(insert(vos).values(name=name, known_since=NOW, mask_revision=0))


async def test_a_reader_sees_one_moment(database: Database) -> None:
    async with database.reading() as reader:
        before = await reader.scalar(select(counter.c.revision))
        async with database.writing() as (connection, revision):
            await advance(connection, revision + 1)
        assert await reader.scalar(select(counter.c.revision)) == before
    async with database.reading() as reader:
        assert await reader.scalar(select(counter.c.revision)) == revision + 1


async def test_a_writer_sees_all_that_was_committed_before_its_turn(database: Database) -> None:
    async def count_up(_: int) -> None:
        async with database.writing() as (connection, revision):
            await advance(connection, revision + 1)

    await asyncio.gather(*map(count_up, range(20)))
    async with database.writing() as (_, revision):
        assert revision == 20


async def test_writers_that_wait_leave_connections_to_readers(database: Database) -> None:
    async with database.writing() as (connection, _):
        waiting = [asyncio.create_task(database.change(lambda c, n: found(f"vo{n}", c))) for _ in range(READERS_AT_ONCE + 5)]
        await asyncio.sleep(0)  # lets each begin
        async with asyncio.timeout(10), database.reading() as reader:
            assert await reader.scalar(select(counter.c.revision)) == 0
        await advance(connection, 1)
        for task in waiting[1:]:
            task.cancel()
    await waiting[0]
    assert await books.counts(database, "vos") == {"vos": 1}


def _gives_up(database: Database, times: int) -> list[str]:
    """Lets ``database`` give up so many transactions at their first insert. Returns what was struck."""
    struck: list[str] = []
    busy: Exception = MariaDBError(1213, "Deadlock found when trying to get lock; try restarting transaction")
    if database.url.get_backend_name() == "sqlite":
        busy = sqlite3.OperationalError("database is locked")
        busy.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT

    def strike(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT") and len(struck) < times:
            struck.append(statement)
            raise OperationalError(statement, (), busy)

    event.listen(database.engine.sync_engine, "before_cursor_execute", strike)
    return struck


@pytest.mark.usefixtures("no_pauses")
async def test_a_transaction_that_the_database_gave_up_is_done_again(database: Database) -> None:
    struck = _gives_up(database, 2)
    await database.change(lambda connection, _: found("cms", connection))
    assert (len(struck), await books.counts(database, "vos")) == (2, {"vos": 1})


@pytest.mark.usefixtures("no_pauses")
async def test_a_transaction_that_is_given_up_again_and_again_is_told(database: Database) -> None:
    struck = _gives_up(database, 99)
    with pytest.raises(StoreBusy, match="too busy, and nothing was changed"):
        await database.change(lambda connection, _: found("cms", connection))
    assert len(struck) == 5


async def test_an_error_of_ours_is_not_tried_again(database: Database) -> None:
    tries = []

    async def fail(_: AsyncConnection, before: int) -> None:
        tries.append(before)
        raise LookupError

    with pytest.raises(LookupError):
        await database.change(fail)
    assert tries == [0]


async def is_sacrificed(database: Database) -> None:
    """Waits for the lock of all writers for no longer than a second."""
    async with database.engine.begin() as connection:
        await connection.execute(text("SET SESSION innodb_lock_wait_timeout = 1"))
    async with database.writing():  # on the same connection, since it is the only one
        pass


async def is_cut(database: Database, killer: Database) -> None:
    """Loses its connection in the middle of a transaction."""
    async with database.writing() as (connection, _):
        number = await connection.scalar(text("SELECT CONNECTION_ID()"))
        async with killer.engine.begin() as other:
            await other.execute(text(f"KILL {number}"))
        await found("cms", connection)


@pytest.mark.mariadb
async def test_a_lock_that_is_not_given_in_time_is_a_reason_to_try_again(fresh_mariadb: str) -> None:
    async with Database(fresh_mariadb) as database, Database(fresh_mariadb) as other:
        await database.upgrade()
        async with database.writing():
            with pytest.raises(StoreBusy, match="Lock wait timeout"):
                await is_sacrificed(other)


@pytest.mark.mariadb
async def test_a_connection_that_was_cut_is_told_and_the_next_one_works(fresh_mariadb: str) -> None:
    async with Database(fresh_mariadb) as database, Database(fresh_mariadb) as other:
        await database.upgrade()
        with pytest.raises(StoreUnavailable, match="does not answer as it should"):
            await is_cut(database, other)
        await database.change(lambda connection, _: found("cms", connection))
        assert await books.counts(database, "vos") == {"vos": 1}


async def test_a_database_that_is_not_there_is_told() -> None:
    async with Database("mysql://root@127.0.0.1:1/gridmask") as database:
        with pytest.raises(StoreUnavailable, match="does not answer as it should"):
            await database.check()
