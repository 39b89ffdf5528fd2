"""An import that is killed, at whatever moment, goes on as if it had not been."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from gridmask.store.check import check
from gridmask.store.database import Database
from gridmask.store.elements import KEY
from gridmask.store.tables import changes, elements, statuses
from tests.dirac_db import DiracDb, layout
from tests.dirac_db import row as said

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

RECORDS, ELEMENTS, KILLS = 2_100, 60, 3
IN_SMALL = """
from gridmask.dirac_db import source
from gridmask.service import dirac_import

source.PAGE, dirac_import.ELEMENTS_AT_ONCE = 100, 5

from gridmask.cli import main

main()
"""
"""The program, which commits as often as if there were much more to commit."""
STATUSES = ("Active", "Active", "Banned", "Degraded", "")


@pytest.fixture
async def dirac(tmp_path: Path) -> DiracDb:
    chance = random.Random(5)
    made = DiracDb(f"sqlite+aiosqlite:///{tmp_path / 'dirac.db'}")
    await made.run(*layout(families=("Resource",), vo=True, file=True))
    names = [f"CE{n}" for n in range(ELEMENTS)]
    records = [said(chance.choice(names), chance.choice(STATUSES), n / 60) for n in range(RECORDS)]
    await made.add("ResourceHistory", *records[: RECORDS // 2])
    await made.add("ResourceLog", *records[RECORDS // 2 :])
    await made.add("ResourceStatus", *(said(name, "Active", RECORDS / 60) for name in names))
    return made


def start(dirac: DiracDb, database: str) -> subprocess.Popen[bytes]:
    url = dirac.url.replace("+aiosqlite", "")
    command = [sys.executable, "-c", IN_SMALL, "import", "dirac-db", url, "--database", database, "--json"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, stdout=quiet, stderr=quiet, env={**os.environ, "GRIDMASK_CONFIG": os.devnull})


async def books(database: str) -> tuple[list[Any], list[Any]]:
    """What the past and the rows are, whatever the numbers of entries."""
    past = select(*KEY, changes.c.status_type, changes.c.vo, changes.c.at, changes.c.old, changes.c.new, changes.c.reasons)
    now = select(*KEY, statuses.c.status_type, statuses.c.vo, statuses.c.status, statuses.c.since, statuses.c.token_owner)
    async with Database(database) as made:
        assert await check(made) == []
        async with made.reading() as connection:
            entries = await connection.execute(past.join(elements).where(changes.c.revision == 0).order_by(changes.c.id))
            rows = await connection.execute(now.join(elements).order_by(*KEY))
            return list(map(tuple, entries)), list(map(tuple, rows))


async def empty(path: Path) -> str:
    async with Database(f"sqlite:///{path}") as database:
        await database.upgrade()
    return f"sqlite:///{path}"


def written(database: str) -> int:
    """How much of the import is committed."""
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"), timeout=30)) as connection:
        [(count,)] = connection.execute("SELECT (SELECT count(*) FROM changes) + (SELECT count(*) FROM statuses)")
    return int(count)


def kill_beyond(process: subprocess.Popen[bytes], database: str, count: int) -> bool:
    """Kills ``process`` in whatever it does once so much is committed; False: it was done before."""
    while written(database) < count:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.002)
            return False
    process.kill()
    return process.wait() != 0


async def test_an_import_that_is_killed_time_and_again_comes_to_the_same(dirac: DiracDb, tmp_path: Path) -> None:
    whole, killed, chance = await empty(tmp_path / "whole.db"), await empty(tmp_path / "killed.db"), random.Random(7)
    assert start(dirac, whole).wait() == 0
    points = sorted(chance.randrange(1, written(whole)) for _ in range(KILLS))
    interrupted = [kill_beyond(start(dirac, killed), killed, point) for point in points]
    assert start(dirac, killed).wait() == 0

    assert sum(interrupted) > KILLS // 2
    entries, rows = await books(killed)
    assert (entries, rows) == await books(whole)
    assert (len(entries) > RECORDS / 3, len(rows)) == (True, ELEMENTS)
