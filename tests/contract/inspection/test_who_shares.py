"""Where several processes cannot share the work, that is said; and what each of them needs of its database is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from gridmask import engines
from gridmask.domain.errors import InvalidConfiguration
from gridmask.engine import Engine, Part
from gridmask.store import workers
from gridmask.store.database import Database
from tests import osg
from tests.grid import Grid, sync

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncConnection

SHARE = Part("share")
SILENT = {
    "mysql": "SELECT @@idle_write_transaction_timeout",
    "postgresql": "SELECT setting::int / 1000 FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'",
}


@pytest.mark.parametrize(
    ("database", "engine", "part", "problem"),
    [
        ("sqlite:///x", Engine(), SHARE, "is in-process: `gridmask serve` does all the work itself"),
        ("ephemeral", Engine(kind="leases"), SHARE, "each would have a database of its own"),
        ("sqlite:///x", Engine(kind="celery", broker="redis://x"), Part("nothing"), "SQLite is a file of one"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    tmp_path: Path, database: str, engine: Engine, part: Part, problem: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=problem):
        engines.check(Grid(tmp_path, database).settings(engine=engine), part)


async def test_a_sqlite_file_that_a_worker_of_another_machine_uses_is_refused(tmp_path: Path, made_sqlite: str) -> None:
    grid = Grid(tmp_path, made_sqlite)
    me = engines.me(grid.clock, SHARE, grid.settings())
    async with Database(made_sqlite) as database:
        await database.upgrade()
        await database.note(lambda c: workers.greet(c, me))
        await engines.check_machine(database, grid.clock)
        await database.note(lambda c: workers.greet(c, replace(me, name="x", host="elsewhere")))
        with pytest.raises(InvalidConfiguration, match="a worker on elsewhere uses"):
            await engines.check_machine(database, grid.clock)


async def test_who_stands_still_in_the_middle_of_a_change_loses_it_after_a_minute(server_url: str) -> None:
    async with Database(server_url) as database:

        async def silent(connection: AsyncConnection, *_: object) -> int:
            return int(await connection.scalar(text(SILENT[connection.dialect.name])) or 0)

        assert (await database.change(silent), await database.note(silent)) == (60, 60)


async def test_what_another_process_changed_about_elements_has_sources_say_all_again(tmp_path: Path, made_sqlite: str) -> None:
    grid = Grid(tmp_path, made_sqlite)
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE")))
    grid.announce()
    async with grid.open() as one, grid.open() as two:
        await sync(one)
        await sync(two)
        before = await sync(one, "feed")
        grid.publish(osg.group("SITE", *(osg.resource(f"CE{number}", "CE") for number in range(3))))
        await sync(two, "osg")
        after = [(await sync(one, "feed"))["feed"].unchanged for _ in range(2)]
    assert (before["feed"].unchanged, after) == (True, [False, True])
