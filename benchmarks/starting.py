"""Starting with many rows: from the start of ``gridmask serve`` until it answers for the masks, and what each row takes.

Elements and rows are written by the database itself, as copies of one that Gridmask made: a tenth as many elements as
rows, each with a row of ``all`` and one of each of nine VOs. The baseline reads the columns that masks are made of by
the bare driver.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import asyncmy
from sqlalchemy import make_url, text

from benchmarks.evaluation import elements
from benchmarks.history import numbers
from gridmask.bootstrap import installation
from gridmask.domain.events import InventoryChanged
from gridmask.inspection.inspector import Plan
from gridmask.settings import Settings
from gridmask.store import world
from gridmask.store.database import Database
from gridmask.store.world import Scope
from tests import servers

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

VOS = tuple(f"vo{number}" for number in range(9))
PER_ELEMENT = len(VOS) + 1


@dataclass(frozen=True, slots=True)
class Figure:
    """A start.

    Attributes:
        database, rows: of what kind, and how many rows there are.
        seconds: until it was ready, of wall time; ``none``: with an empty database.
        mask: until the first mask came after that.
        plain: what the baseline took.
        per_row: bytes of memory a row in a server, beyond what one without rows takes.
        per_row_of_state: bytes of memory a row, where all is loaded that decisions depend on.
    """

    database: str
    rows: int
    seconds: float
    none: float
    mask: float
    plain: float
    per_row: float
    per_row_of_state: float


def figures(sizes: Sequence[int] = (100_000, 1_000_000)) -> Iterator[Figure]:
    """All figures, on SQLite and on MariaDB where that is installed."""
    with tempfile.TemporaryDirectory(prefix="gridmask-starting-") as name:
        folder = Path(name)
        for rows in sizes:
            yield _figure(
                "sqlite", f"sqlite:///{folder / f'{rows}.db'}", f"sqlite:///{folder / f'none-{rows}.db'}", rows, folder
            )
        try:
            with servers.mariadb() as mariadb:
                mariadb.execute("SET GLOBAL innodb_buffer_pool_size = 1073741824")
                for rows in sizes:
                    for what in (f"starting_{rows}", f"none_{rows}"):
                        mariadb.execute(f"CREATE DATABASE {what}")
                    yield _figure("mysql", f"{mariadb.url}/starting_{rows}", f"{mariadb.url}/none_{rows}", rows, folder)
        except servers.ServerMissing:
            return


def _figure(kind: str, url: str, empty: str, rows: int, folder: Path) -> Figure:
    for database, number in ((url, rows), (empty, PER_ELEMENT)):
        asyncio.run(fill(kind, Settings(database=database, vo={vo: {} for vo in VOS}), number))
    none, _, little = _started(empty, folder)
    seconds, mask, memory = _started(url, folder)
    return Figure(kind, rows, seconds, none, mask, _plain(url), (memory - little) / rows, _state(url) / rows)


def _state(url: str) -> int:
    """Bytes that a process grows by when it loads the whole world, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.starting", url], capture_output=True, text=True, check=True)
    return int(done.stdout)


async def _grown(url: str) -> int:
    settings = Settings(database=url, vo={vo: {} for vo in VOS})
    async with installation(settings) as made, made.database.reading() as connection:
        before, types = _resident(os.getpid()), await made.inspector.types(connection)
        state = await world.load(connection, world.EVERYTHING, made.inspector.policies, types, made.clock())
        gc.collect()
        return _resident(os.getpid()) - before if state.rows else 0


async def fill(kind: str, settings: Settings, rows: int) -> None:
    """Make an installation with so many rows."""
    made = elements(1)

    async def prepare(_: AsyncConnection, __: datetime) -> Plan:
        return Plan(InventoryChanged("inventory", made), Scope.of(e.key for e in made), "benchmark")

    async with Database(settings.database) as database:
        await database.upgrade()
    async with installation(settings) as one:
        await one.inspector.happen(prepare)
        async with one.database.writing() as (connection, _):
            for statement in _copies(kind, rows // PER_ELEMENT):
                await connection.execute(text(statement))


def _copies(kind: str, number: int) -> Iterator[str]:
    """What makes of the first element, and its row, so many of both."""
    name = "'ce' || i || '.example.org'" if kind == "sqlite" else "CONCAT('ce', i, '.example.org')"
    site = "'SITE-' || (i / 20)" if kind == "sqlite" else "CONCAT('SITE-', i DIV 20)"
    kept = (
        "family, type, category, in_service, offered, aliases, tags, facts, source, services, identity, elsewhere, known_since"
    )
    more = numbers(kind, 2, number)
    if number > 1:
        yield (
            f"INSERT INTO elements (id, name, site, hosts, {kept}) "
            f"SELECT i, {name}, {site}, hosts, {kept} FROM elements CROSS JOIN {more} WHERE id = 1"
        )
    said = "status_type, status, since, owes_probing, reasons, verdicts, opinion, binding, due, policy_revision, revision"
    said = f"{said}, token_agreed"
    rows = f"INSERT INTO statuses (element_id, vo, {said})"
    if number > 1:
        yield f"{rows} SELECT i, 'all', {said} FROM statuses CROSS JOIN {more} WHERE element_id = 1"
    for vo in VOS:
        yield f"{rows} SELECT element_id, '{vo}', {said} FROM statuses WHERE vo = 'all'"


def _started(url: str, folder: Path) -> tuple[float, float, int]:
    """Seconds until ``gridmask serve`` is ready, and until a mask came after that; its memory then, in bytes."""
    settings = folder / "gridmask.toml"
    settings.write_text(f"database = {json.dumps(url)}\n" + "".join(f"[vo.{vo}]\n" for vo in VOS))
    with _serving(settings) as (process, began):
        address = _address(process)
        while not _answers(f"{address}/readyz"):
            sleep(0.25)
        ready = perf_counter()
        with urlopen(f"{address}/api/v1/masks/{VOS[0]}", timeout=120) as answer:
            answer.read()
        return ready - began, perf_counter() - ready, _resident(process.pid)


@contextmanager
def _serving(settings: Path) -> Iterator[tuple[subprocess.Popen[str], float]]:
    began = perf_counter()
    command = [sys.executable, "-m", "gridmask", "--config", str(settings), "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process, began
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://[\d.]+:\d+", line):
            return found[0]
    raise RuntimeError("The server ended before it served.")


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=30) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


_QUESTION = "SELECT element_id, status_type, vo, status, since, binding FROM statuses"


def _plain(url: str) -> float:
    began = perf_counter()
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.execute(_QUESTION).fetchall()
        connection.close()
    else:
        asyncio.run(_read(url))
    return perf_counter() - began


async def _read(url: str) -> None:
    told = make_url(url)
    connection = await asyncmy.connect(host=told.host, port=told.port, user=told.username, db=told.database)
    async with connection.cursor() as cursor:
        await cursor.execute(_QUESTION)
        await cursor.fetchall()
    await connection.ensure_closed()


if __name__ == "__main__":
    print(asyncio.run(_grown(sys.argv[1])))
