"""The mask at a past moment, on every database that is installed: with the ladder and without it, and what the ladder costs.

History is written by the databases themselves, in bulk. The baseline reads, with plain SQL and the bare driver, as many changes
as a question with the ladder looks at most: one of each row, and a step.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from psycopg.sql import SQL, Identifier
from sqlalchemy import func, insert, select, update

from benchmarks.history import PER_REVISION, STARTED, TICK, statements
from gridmask.clock import fixed_clock
from gridmask.domain.element import Element, ElementKey
from gridmask.service.past_masks import PastMasks
from gridmask.store import elements, ladder, versions
from gridmask.store.database import Database
from gridmask.store.tables import counter, snapshots, vos
from tests import postgresql, servers

if TYPE_CHECKING:
    from gridmask.domain.past import PastMask
    from gridmask.store.snapshots import Rung

VO = "vo"
LIVE = 10_000
"""So many rows there are; a smaller history is of a tenth of its changes."""

MOMENTS = 15
T = TypeVar("T")


class Span(NamedTuple):
    """Seconds of wall time, which other work on the machine lengthens, and of this process's processor time."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Look:
    """What something ``took`` on ``database`` with so many ``changes``, and the baseline."""

    database: str
    changes: int
    what: str
    took: Span
    baseline: Span


def figures(sizes: Sequence[int], only: str = "") -> Iterator[Look]:
    """All figures for histories of these sizes, on each kind of database that is installed; or on ``only`` one."""
    with databases() as each:
        for kind, fresh in each:
            for size in sizes if kind.startswith(only) else ():
                yield from asyncio.run(_all(measure(fresh(size), kind, size)))


async def _all(looks: AsyncIterator[Look]) -> list[Look]:
    return [look async for look in looks]


async def measure(url: str, kind: str, changes: int) -> AsyncIterator[Look]:
    """All figures for a history of so many changes, in the new database at ``url``."""
    rows, last = min(LIVE, changes // 10), changes // PER_REVISION
    async with Database(url) as database:
        await database.upgrade()
        await _fill(database, rows, changes)
        baseline = (await _timed(lambda: _plain(database, rows + ladder.STEP)))[0]
        past = _past_masks(database)

        async def asked(revision: int) -> tuple[Span, PastMask]:
            return await _timed(lambda: past.mask(VO, STARTED + revision * TICK))

        without = [await asked(last * part // 100) for part in (1, 50, 99)]
        for part, (took, _) in zip((1, 50, 99), without, strict=True):
            yield Look(kind, changes, f"without a ladder, after {part} %", took, baseline)
        took, rungs = await _timed(lambda: _climbed(database))
        size = f"{await _size(database) / 1e6:.1f} MB"
        yield Look(kind, changes, f"make all {len(rungs)} rungs, {size}", took, baseline)
        hardest = [rung.revision - 1 for rung in rungs[:: max(1, len(rungs) // MOMENTS)]]
        random = Random(1)
        for what, moments in (
            ("any moment", [random.randint(1, last) for _ in range(MOMENTS)]),
            ("just below a rung", hardest),
        ):
            found = sorted([(await asked(moment))[0] for moment in moments]) or [baseline]
            yield Look(kind, changes, f"{what}, median of {len(moments)}", found[len(found) // 2], baseline)
            yield Look(kind, changes, f"{what}, longest", found[-1], baseline)
        again = [(await asked(last * part // 100))[1].mask for part in (1, 50, 99)]
        assert again == [one.mask for _, one in without]
        assert all(len(mask.entries) == rows for mask in again[1:])


@contextmanager
def databases() -> Iterator[Iterator[tuple[str, Callable[[int], str]]]]:
    """Each kind that is installed, and what gives the URL of a new one; on a disk, as in operation."""
    servers.MEMORY = Path(tempfile.gettempdir())

    def each() -> Iterator[tuple[str, Callable[[int], str]]]:
        with tempfile.TemporaryDirectory(prefix="gridmask-past-") as folder:
            yield "SQLite", lambda size: f"sqlite:///{folder}/{size}.db"
        try:
            with servers.mariadb() as mariadb:

                def fresh(size: int) -> str:
                    mariadb.execute(f"CREATE DATABASE past_{size}")
                    mariadb.execute("SET GLOBAL innodb_buffer_pool_size = 536870912")
                    return f"{mariadb.url}/past_{size}"

                yield "MariaDB", fresh
        except servers.ServerMissing:
            pass
        try:
            with postgresql.postgresql() as server:

                def made(size: int) -> str:
                    server.execute(SQL("CREATE DATABASE {}").format(Identifier(f"past_{size}")))
                    return f"{server.url}/past_{size}"

                yield "PostgreSQL", made
        except servers.ServerMissing:
            pass

    yield each()


async def _fill(database: Database, rows: int, changes: int) -> None:
    made = [Element(ElementKey("Resource", "ComputingElement", f"ce{number}"), f"SITE{number % 300}") for number in range(rows)]
    async with database.writing() as (connection, _):
        await elements.save(connection, made, STARTED)
        saved = {number: element for element, number in zip(made, range(1, rows + 1), strict=True)}
        await versions.save(connection, await versions.edits(connection, saved, ()), 1)
        for name in (VO, "all"):
            await connection.execute(insert(vos).values(name=name, known_since=STARTED, mask_revision=0))
        await connection.execute(update(counter).values(revision=changes // PER_REVISION))
    async with database.engine.connect() as connection:
        for statement in statements(database.url.get_backend_name(), rows, changes):
            await connection.exec_driver_sql(statement)
            await connection.commit()


def _past_masks(database: Database) -> PastMasks:
    class Known:
        async def resolve_ever(self, name: str) -> str:
            return name

    return PastMasks(database, Known(), fixed_clock(datetime(2100, 1, 1, tzinfo=UTC)))  # type: ignore[arg-type]  # no more is asked of it


async def _climbed(database: Database) -> list[Rung]:
    found = []
    while rung := await ladder.climb(database):
        found.append(rung)
    return found


async def _size(database: Database) -> int:
    async with database.reading() as connection:
        return int(await connection.scalar(select(func.sum(func.length(snapshots.c.body)))) or 0)


async def _plain(database: Database, rows: int) -> None:
    async with database.reading() as connection:
        question = f"SELECT element_id, status_type, vo, new, at, binding FROM changes WHERE id <= {rows}"
        assert (await connection.exec_driver_sql(question)).all()


async def _timed(work: Callable[[], Awaitable[T]]) -> tuple[Span, T]:
    started, worked = perf_counter(), process_time()
    done = await work()
    return Span(perf_counter() - started, process_time() - worked), done
