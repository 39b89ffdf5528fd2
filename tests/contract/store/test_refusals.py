"""What a database refuses, and what it has no room for: told as it is, nothing half done, and over when its cause is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import insert, text

from gridmask.domain.errors import StoreRefused, StoreUnavailable
from gridmask.store.database import Database
from gridmask.store.engines import PoolLimits
from gridmask.store.tables import vos
from tests.breakable import NoDisk, small_disk
from tests.clocks import NOW
from tests.contract import books
from tests.postgresql import PostgreSQL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncConnection

    from tests.contract.sessions import Server

ONE, TWO = PoolLimits(most=1, wait=0.1), PoolLimits(most=2, wait=0.1)


async def found(name: str, connection: AsyncConnection) -> None:
    await connection.execute(insert(vos).values(name=name, known_since=NOW, mask_revision=0))


async def test_more_questions_than_connections_wait_and_are_told(upgradable_url: str) -> None:
    async with Database(upgradable_url, ONE) as database:
        await database.upgrade()
        async with database.reading():
            with pytest.raises(StoreUnavailable, match="No connection to the database became free in time"):
                await books.counts(database, "vos")
        assert await books.counts(database, "vos") == {"vos": 0}


@pytest.fixture
def guest(server: Server, server_url: str) -> Iterator[str]:
    """The URL of the new database on ``server``, for somebody who may have one connection."""
    name = server_url.rpartition("/")[2].partition("?")[0]
    with _guest_of_postgresql(server, name) if isinstance(server, PostgreSQL) else _guest_of_mariadb(server, name):
        yield server_url.replace("postgres@", "guest@").replace("root@", "guest@")


@contextmanager
def _guest_of_mariadb(server: Server, name: str) -> Iterator[None]:
    server.execute("CREATE USER guest@127.0.0.1 WITH MAX_USER_CONNECTIONS 1")
    server.execute(f"GRANT ALL ON {name}.* TO guest@127.0.0.1")
    try:
        yield
    finally:
        server.execute("DROP USER guest@127.0.0.1")


@contextmanager
def _guest_of_postgresql(server: PostgreSQL, name: str) -> Iterator[None]:
    server.execute("CREATE ROLE guest LOGIN CONNECTION LIMIT 1")
    server.execute("GRANT pg_read_all_data, pg_write_all_data TO guest")
    try:
        yield
    finally:
        server.execute("DROP OWNED BY guest", name)
        server.execute("DROP ROLE guest")


async def test_a_server_that_has_no_connection_left_is_told_and_those_there_are_go_on(server_url: str, guest: str) -> None:
    async with Database(server_url) as owner:
        await owner.upgrade()
    async with Database(guest, TWO) as database:
        async with database.reading() as connection:
            for _ in range(3):
                with pytest.raises(StoreUnavailable, match="The database has no connection left: too many are open"):
                    await database.change(lambda connection, _: found("cms", connection))
            assert await connection.scalar(text("SELECT 7")) == 7
        assert not database.is_away
        await database.change(lambda connection, _: found("cms", connection))
        assert await books.counts(database, "vos") == {"vos": 1}


async def test_a_server_that_takes_no_changes_is_told(server: Server, server_url: str, guest: str) -> None:
    async with Database(server_url) as owner:
        await owner.upgrade()
    async with Database(guest) as database:
        with (
            read_only(server, server_url),
            pytest.raises(StoreRefused, match=r"is read-only, and nothing was changed: .*read.only"),
        ):
            await database.change(lambda connection, _: found("cms", connection))
    async with Database(guest) as database:
        await database.change(lambda connection, _: found("cms", connection))
        assert await books.counts(database, "vos") == {"vos": 1}


@contextmanager
def read_only(server: Server, url: str) -> Iterator[None]:
    """Nobody but an administrator can change anything."""
    if isinstance(server, PostgreSQL):
        name = Identifier(url.rpartition("/")[2])
        server.execute(SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        yield
        server.execute(SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))
    else:
        server.execute("SET GLOBAL read_only = 1")
        yield
        server.execute("SET GLOBAL read_only = 0")


async def test_a_file_that_takes_no_changes_is_told(fresh_sqlite: str) -> None:
    async with Database(fresh_sqlite, ONE) as database:
        await database.upgrade()
        async with database.reading() as connection:
            await connection.execute(text("PRAGMA query_only = 1"))
        with pytest.raises(StoreRefused, match="is read-only, and nothing was changed"):
            await database.change(lambda connection, _: found("cms", connection))


@pytest.mark.mariadb
async def test_a_statement_that_is_too_long_is_told_and_not_tried_again(fresh_mariadb: str) -> None:
    tries = []

    async def work(connection: AsyncConnection, before: int) -> None:
        tries.append(before)
        await found("cms", connection)
        await connection.execute(text("SELECT LENGTH(:long)"), {"long": "x" * 2**24})

    async with Database(fresh_mariadb) as database:
        await database.upgrade()
        with pytest.raises(StoreRefused, match="takes no statement as long as this one"):
            await database.change(work)
        assert (tries, await books.counts(database, "vos")) == ([0], {"vos": 0})


async def test_a_full_disk_is_told_and_all_is_well_once_there_is_room() -> None:
    try:
        with small_disk(4) as disk:
            async with Database(f"sqlite:///{disk.folder}/gridmask.db") as database:
                await database.upgrade()
                await database.change(lambda connection, _: found("cms", connection))
                disk.fill()
                with pytest.raises(StoreRefused, match="disk is full, and nothing was changed"):
                    await database.change(lambda connection, _: found("atlas", connection))
                assert await books.counts(database, "vos") == {"vos": 1}
                disk.clear()
                await database.change(lambda connection, _: found("atlas", connection))
                assert await books.counts(database, "vos") == {"vos": 2}
    except NoDisk as reason:
        pytest.skip(str(reason))
