"""Backups as the manual says, taken while others write, and put back: what is in them is as it should be."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, select

from gridmask.domain.status import Status
from gridmask.feeds.mask_json import encode
from gridmask.service.board import Board
from gridmask.service.selection import ElementName, RowName
from gridmask.store.check import check
from gridmask.store.database import Database
from gridmask.store.tables import audit
from gridmask.store.vos import last_revision
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from tests.postgresql import PostgreSQL
    from tests.servers import MariaDB

CHANGES = 12


def program(name: str, *elsewhere: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *elsewhere]))
    return found or pytest.skip(f"{name} is not installed")


async def run(command: Sequence[str], *, out: Path | None = None, given: Path | None = None) -> None:
    """Runs a program of the database, as an administrator would by hand."""

    def wait() -> None:
        source = given.read_bytes() if given else b""
        done = subprocess.run(command, input=source, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        if out is not None:
            out.write_bytes(done.stdout)

    await asyncio.to_thread(wait)


@asynccontextmanager
async def written_to(grid: Grid) -> AsyncIterator[Installation]:
    """An installation in which somebody changes something all the time."""

    async def write() -> None:
        for number in range(1_000_000):
            grid.clock.advance(seconds=1)
            row = RowName(ElementName(f"CE{number % 3 + 1}"))
            await made.statuses.set(ADMIN, [row], (Status.BANNED, Status.DEGRADED)[number % 2], f"for reason {number}")

    async with grid.open() as made:
        await sync(made)
        writing = asyncio.create_task(write())
        for _ in range(3000):
            if (await made.masks.mask("all")).revision >= CHANGES or writing.done():
                break
            await asyncio.sleep(0.01)
        try:
            yield made
        finally:
            assert not writing.done(), writing.exception()
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing


async def compare(live: Installation, restored: str) -> None:
    """The database at ``restored`` is what the one of ``live`` was at one of its revisions."""
    async with Database(restored) as database:
        assert await check(database) == []
        async with database.reading() as connection:
            revision = await last_revision(connection)
        mask = await Board(database, live.clock).mask("all")
    assert revision >= CHANGES
    async with live.database.reading() as connection:
        at = await connection.scalar(select(audit.c.at).where(audit.c.revision == revision))
    assert at is not None
    assert encode(mask) == encode((await live.past_masks.mask("all", at)).mask)


async def test_a_sqlite_file_is_backed_up_while_others_write(grid: Grid, tmp_path: Path) -> None:
    grid.database = f"sqlite:///{tmp_path / 'gridmask.db'}"
    sqlite3 = program("sqlite3")
    async with written_to(grid) as made:
        copies = [tmp_path / "copy.db", tmp_path / "vacuumed.db"]
        await run([sqlite3, str(tmp_path / "gridmask.db"), ".timeout 10000", f".backup '{copies[0]}'"])
        await run([sqlite3, str(tmp_path / "gridmask.db"), ".timeout 10000", f"VACUUM INTO '{copies[1]}'"])
        for copy in copies:
            await compare(made, f"sqlite:///{copy}")


@pytest.mark.mariadb
async def test_a_mariadb_is_dumped_while_others_write(grid: Grid, tmp_path: Path, mariadb: MariaDB, fresh_mariadb: str) -> None:
    grid.database = fresh_mariadb
    name, copy, dump = make_url(fresh_mariadb).database or "", "gridmask_restored", tmp_path / "gridmask.sql"
    login = ["--no-defaults", "--host=127.0.0.1", f"--port={mariadb.port}", "--user=root"]
    mariadb_dump = program("mariadb-dump")
    mariadb.execute(f"CREATE DATABASE {copy} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    try:
        async with written_to(grid) as made:
            await run([mariadb_dump, *login, "--single-transaction", name], out=dump)
            await run([mariadb.client, *login, copy], given=dump)
            await compare(made, fresh_mariadb.replace(name, copy))
    finally:
        mariadb.execute(f"DROP DATABASE {copy}")


@pytest.mark.postgresql
async def test_a_postgresql_is_dumped_while_others_write(
    grid: Grid, tmp_path: Path, postgresql: PostgreSQL, made_postgresql: str
) -> None:
    grid.database = made_postgresql
    name, dump = make_url(made_postgresql).database or "", tmp_path / "gridmask.dump"
    login = ["--host=127.0.0.1", f"--port={postgresql.port}", "--username=postgres"]
    with postgresql.database("gridmask_restored", "template0") as copy:
        async with written_to(grid) as made:
            await run([program("pg_dump"), *login, "--format=custom", "--no-owner", f"--file={dump}", name])
            await run([program("pg_restore"), *login, "--exit-on-error", "--no-owner", "--dbname=gridmask_restored", str(dump)])
            await compare(made, copy)
