"""Statuses set by people, on every database that is installed: single ones and many in a transaction, and how that grows.

The baseline writes as much of each by plain SQL, on the same connections and with the same durability: it locks the counter,
updates the rows, inserts their changes, an audit record and an outbox entry, and moves the counter on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from random import Random
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import text

from benchmarks.evaluation import NOON
from benchmarks.history import numbers
from benchmarks.past import databases
from gridmask.bootstrap import Installation, installation
from gridmask.clock import fixed_clock
from gridmask.domain.actor import Actor
from gridmask.domain.element import Element, ElementKey
from gridmask.domain.events import InventoryChanged
from gridmask.domain.status import Status
from gridmask.inspection.inspector import Plan
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings
from gridmask.store import tables
from gridmask.store.database import Database
from gridmask.store.engines import as_writer
from gridmask.store.world import Scope

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

VO, TYPE = "vo", "ComputingElement"
AT_ONCE = (1, 10, 100, 1000)
"""So many rows are set in a transaction."""

ENOUGH, FEWEST, MOST = 1.0, 3, 100
"""Seconds after which no more transactions of a kind are timed, and how many are at least and at most."""

ADMIN = Actor.administrator("admin")
_STATUSES = (Status.BANNED, Status.DEGRADED)
_LOCK = {"sqlite": "SELECT revision FROM counter"}
_UPDATE = (
    "UPDATE statuses SET status = :new, since = :at, reasons = :reasons, token_owner = 'admin', revision = :revision "
    "WHERE element_id = :element AND status_type = 'all' AND vo = 'all'"
)
_CHANGE = (
    "INSERT INTO changes (revision, element_id, status_type, vo, kind, old, new, reasons, binding, actor, at, token_agreed) "
    "VALUES (:revision, :element, 'all', 'all', 'status', 4, :new, :reasons, FALSE, 'admin', :at, FALSE)"
)
_AUDIT = (
    "INSERT INTO audit (at, actor, actor_kind, action, comment, revision) "
    "VALUES (:at, 'admin', 'person', 'set', 'It eats jobs.', :revision)"
)
_OUTBOX = "INSERT INTO outbox (created_at, {key}, topic, payload) VALUES (:at, :key, 'plain', '{{}}')"
_ADVANCE = "UPDATE counter SET revision = :revision"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many ``changes`` in a second, ``at_once`` in a transaction, where there are ``rows``; ``plain``: by plain SQL."""

    database: str
    rows: int
    at_once: int
    changes: float
    plain: float


def figures(sizes: Sequence[int], only: str = "") -> Iterator[Rate]:
    """All figures with so many rows, on each kind of database that is installed; or on ``only`` one."""
    with databases() as each:
        for kind, fresh in each:
            for size in sizes if kind.startswith(only) else ():
                yield from asyncio.run(_all(measure(fresh(size), kind, size)))


async def _all(rates: AsyncIterator[Rate]) -> list[Rate]:
    return [rate async for rate in rates]


async def measure(url: str, kind: str, rows: int) -> AsyncIterator[Rate]:
    """All figures for so many rows, in the new database at ``url``."""
    settings = Settings(database=url, vo={VO: {}})
    async with Database(url) as database:
        await database.upgrade()
    async with installation(settings, clock=fixed_clock(NOON)) as made:
        await _fill(made, rows)
        plain, chance, turn = _Plain(made), Random(1), count()

        async def ours(chosen: list[int]) -> None:
            named = [RowName(ElementName(_name(number), TYPE)) for number in chosen]
            await made.statuses.set(ADMIN, named, _STATUSES[next(turn) % 2], "It eats jobs.")

        for at_once in AT_ONCE:
            times: dict[Callable[[list[int]], Awaitable[None]], list[float]] = {plain.set: [], ours: []}
            # in turns, so that whatever else the machine does is the same for both
            while len(times[ours]) < FEWEST or (sum(times[ours]) < ENOUGH and len(times[ours]) < MOST):
                for work, took in times.items():
                    chosen = chance.sample(range(1, rows + 1), at_once)
                    started = perf_counter()
                    await work(chosen)
                    took.append(perf_counter() - started)
            yield Rate(kind, rows, at_once, at_once / median(times[ours]), at_once / median(times[plain.set]))


def _name(number: int) -> str:
    return f"ce{number:07}"


async def _fill(made: Installation, rows: int) -> None:
    """Have so many elements, each with a row and all that is kept about it: one as it came in, the others as its copies."""
    first = Element(ElementKey("Resource", TYPE, _name(1)), "SITE", category="computing", source="inventory")

    async def prepare(_: AsyncConnection, __: datetime) -> Plan:
        return Plan(InventoryChanged("inventory", (first,)), Scope.of([first.key], coming=(first,)), "benchmark")

    await made.inspector.happen(prepare)
    kind = made.database.url.get_backend_name()
    async with made.database.engine.connect() as connection:
        for statement in _copies(kind, rows):
            await connection.exec_driver_sql(statement)
            await connection.commit()


def _copies(kind: str, rows: int) -> Iterator[str]:
    name = "'ce' || substr('000000' || n.i, -7)" if kind == "sqlite" else "CONCAT('ce', LPAD(CAST(n.i AS CHAR(7)), 7, '0'))"
    name = "'ce' || LPAD(n.i::text, 7, '0')" if kind == "postgresql" else name
    others = numbers(kind, 2, rows)
    number = "(SELECT id FROM elements WHERE name = 'ce0000001')"
    columns = ", ".join(_columns(tables.elements, {"id", "name"}))
    yield (
        f"INSERT INTO elements (id, name, {columns}) SELECT n.i, {name}, {columns} "
        f"FROM {others} CROSS JOIN elements WHERE elements.id = {number}"
    )
    for table in (tables.element_versions, tables.statuses, tables.changes):
        columns = ", ".join(_columns(table, {"id", "element_id"}))
        of_first = f"SELECT n.i, {columns} FROM {others} CROSS JOIN {table.name} WHERE {table.name}.element_id = {number}"
        yield f"INSERT INTO {table.name} (element_id, {columns}) {of_first}"
    yield "UPDATE statuses SET due = NULL"
    if kind != "mysql":
        yield "ANALYZE"


def _columns(table: Table, without: set[str]) -> list[str]:
    return [column.name for column in table.columns if column.name not in without]


class _Plain:
    """Does by plain SQL as much as is kept of changes."""

    def __init__(self, made: Installation) -> None:
        self._database = made.database
        self._turn = count(1)
        self._outbox = _OUTBOX.format(key=made.database.engine.dialect.identifier_preparer.quote("key"))
        self._lock = _LOCK.get(made.database.url.get_backend_name(), "SELECT revision FROM counter FOR UPDATE")

    async def set(self, elements: list[int]) -> None:
        """Set the rows of ``elements`` to something."""
        at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
        async with self._database.engine.connect() as connection:
            await connection.execution_options(**as_writer(self._database.url))
            revision = (await connection.scalar(text(self._lock)) or 0) + 1
            told = {"at": at, "revision": revision, "key": f"plain-{revision}", "reasons": _REASONS}
            rows = [{**told, "element": element, "new": 1 + next(self._turn) % 2} for element in elements]
            for statement in (_UPDATE, _CHANGE):
                await connection.execute(text(statement), rows)
            for statement in (_AUDIT, self._outbox, _ADVANCE):
                await connection.execute(text(statement), told)
            await connection.commit()


_REASONS = '[{"kind":"person","text":"It eats jobs.","source":"admin"}]'
