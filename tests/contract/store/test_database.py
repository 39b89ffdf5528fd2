"""Transactions: who waits for whom, and what becomes of one that the database gave up."""

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from typing import TYPE_CHECKING

import pytest
import stamina
from asyncmy.errors import OperationalError as MariaDBError
from psycopg.errors import SerializationFailure
from sqlalchemy import event, insert, select, text, update
from sqlalchemy.exc import OperationalError

from gridmask.domain.errors import StoreBusy, StoreLost, StoreUnavailable
from gridmask.store.database import Database, advance
from gridmask.store.tables import counter, vos
from tests.clocks import NOW
from tests.contract import books
from tests.contract.sessions import IMPATIENCE, kill, killed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from tests.contract.sessions import Server

READERS_AT_ONCE = 10
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
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT
    busy: dict[str, Exception] = {
        "mysql": MariaDBError(1213, "Deadlock found when trying to get lock; try restarting transaction"),
        "postgresql": SerializationFailure("could not serialize access due to concurrent update"),
        "sqlite": locked,
    }

    def strike(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT") and len(struck) < times:
            struck.append(statement)
            raise OperationalError(statement, (), busy[database.url.get_backend_name()])

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


async def found_both(database: Database) -> None:
    async with database.writing() as (connection, _):
        await found("cms", connection)
        await found("atlas", connection)


async def ask_after(damage: Callable[[Connection], None], database: Database) -> None:
    async with database.reading() as connection:
        await connection.run_sync(damage)
        await connection.scalar(select(counter.c.revision))


async def test_a_lock_that_is_not_given_in_time_is_a_reason_to_try_again(server_url: str) -> None:
    async with Database(server_url) as database, Database(server_url) as other:
        await database.upgrade()
        async with other.engine.begin() as connection:
            await connection.execute(text(IMPATIENCE[connection.dialect.name]))
        async with database.writing():
            with pytest.raises(StoreBusy, match=r"(?i)lock (wait )?timeout"):
                async with other.writing():  # on the same connection, since it is the only one
                    pass


@pytest.mark.usefixtures("no_pauses")
async def test_a_transaction_whose_connection_is_cut_is_done_again(server: Server, server_url: str) -> None:
    async with Database(server_url) as database:
        await database.upgrade()
        with killed(database, server, 1) as struck:
            await database.change(lambda connection, _: found("cms", connection))
        assert (len(struck), await books.counts(database, "vos")) == (1, {"vos": 1})


async def test_a_connection_that_was_cut_is_told_and_the_next_one_works(server: Server, server_url: str) -> None:
    async with Database(server_url) as database:
        await database.upgrade()
        with killed(database, server, 2), pytest.raises(StoreLost, match=r"connection .* was lost, and nothing was changed"):
            await found_both(database)
        await database.change(lambda connection, _: found("lhcb", connection))
        assert await books.counts(database, "vos") == {"vos": 1}


async def test_a_connection_that_was_cut_while_it_committed_leaves_a_doubt(server: Server, server_url: str) -> None:
    tries = []

    async def work(connection: AsyncConnection, before: int) -> None:
        tries.append(before)
        await found("cms", connection)

    async with Database(server_url) as database:
        await database.upgrade()
        event.listen(database.engine.sync_engine, "commit", lambda connection: kill(connection, server), once=True)
        with pytest.raises(StoreUnavailable, match="may be there or not: look again"):
            await database.change(work)
        assert (tries, await books.counts(database, "vos")) == ([0], {"vos": 0})


async def test_a_question_whose_connection_is_cut_is_told(server: Server, server_url: str) -> None:
    async with Database(server_url) as database:
        await database.upgrade()
        with pytest.raises(StoreUnavailable, match="does not answer as it should"):
            await ask_after(partial(kill, server=server), database)
        assert await books.counts(database, "vos") == {"vos": 0}


UNUSABLE = {
    "too slow": ("-c statement_timeout=50ms", "SELECT pg_sleep(10)", "statement timeout"),
    "a standby": ("-c default_transaction_read_only=on", "DELETE FROM vos", "is read-only, and nothing was changed"),
    "no schema": ("-c search_path=elsewhere", "CREATE TABLE mine (id INT)", "no schema has been selected"),
    "no permission": ("-c role=pg_monitor", "DELETE FROM vos", "permission denied"),
}


@pytest.mark.postgresql
@pytest.mark.parametrize(("options", "statement", "told"), UNUSABLE.values(), ids=UNUSABLE)
async def test_a_postgresql_that_does_not_do_it_is_told(made_postgresql: str, options: str, statement: str, told: str) -> None:
    async with Database(f"{made_postgresql}?options={options}") as database:
        with pytest.raises(StoreUnavailable, match=told):
            async with database.reading() as connection:
                await connection.execute(text(statement))


@pytest.mark.postgresql
async def test_a_process_that_hangs_does_not_keep_the_others_from_writing(made_postgresql: str) -> None:
    async with Database(made_postgresql) as hanging, Database(made_postgresql) as other:
        with pytest.raises(StoreLost, match=r"was lost, and nothing was changed.* idle-in-transaction timeout"):
            await hang_while(other.change(lambda connection, _: found("cms", connection)), hanging)
        assert await books.counts(other, "vos") == {"vos": 1}


async def hang_while(others_work: Awaitable[None], database: Database) -> None:
    """Has the lock of all writers, changes something, and goes on only when the work of another is done."""
    async with database.writing() as (connection, before):
        await advance(connection, before + 1)
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
        await others_work
        await advance(connection, before + 2)


@pytest.mark.postgresql
async def test_two_that_wait_for_each_other_are_no_deadlock_for_long(fresh_postgresql: str) -> None:
    async with Database(fresh_postgresql) as database:
        await database.upgrade()
        await found_both(database)
        both = asyncio.Barrier(2)
        results = await asyncio.gather(
            entangled(database, both, "cms", "atlas"), entangled(database, both, "atlas", "cms"), return_exceptions=True
        )
        assert [type(result) for result in results if result] == [StoreBusy]


async def entangled(database: Database, both: asyncio.Barrier, *names: str) -> None:
    """Changes VOs without the lock of all writers, as only somebody else's program would."""
    async with database.reading() as connection:
        for name in names:
            await connection.execute(update(vos).where(vos.c.name == name).values(mask_revision=7))
            if name == names[0]:
                await both.wait()


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
async def test_a_database_that_is_not_there_is_told(kind: str) -> None:
    async with Database(f"{kind}://root@127.0.0.1:1/gridmask") as database:
        with pytest.raises(StoreUnavailable, match="does not answer as it should"):
            await database.check()


async def test_an_option_that_postgresql_has_none_of_is_told() -> None:
    async with Database("postgresql://root@127.0.0.1:1/gridmask?ssl_mode=require") as database:
        with pytest.raises(StoreUnavailable, match=r'does not answer as it should: .*"ssl_mode"'):
            await database.check()
