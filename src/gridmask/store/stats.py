"""How large a database is, how fast it grows, and what in it is slow just now."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from gridmask.store.tables import changes, metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.store.database import Database

DAYS = 30
"""Growth is that of so many days."""

Figures = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table: its rows, its bytes without indexes, and those of each index. None: this database does not tell."""

    name: str
    rows: int
    bytes: int | None
    indexes: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Stats:
    """What there is to tell.

    Attributes:
        kind: of the database: ``sqlite``, ``mysql``, ``postgresql``.
        schema: its revision.
        tables: the largest first.
        per_day: changes of rows, by day, of the last :data:`DAYS` days on which there were any.
        oldest: when the first change was that is kept.
        newest: when the last one was.
        figures: what this kind of database tells of itself now.
    """

    kind: str
    schema: str | None
    tables: tuple[TableSize, ...]
    per_day: Mapping[str, int]
    oldest: datetime | None
    newest: datetime | None
    figures: Figures


async def stats(database: Database, now: datetime) -> Stats:
    """Look at ``database``; this reads all of it, and changes nothing.

    Raises:
        SchemaMismatch, StoreUnavailable: it cannot be looked at.
    """
    await database.check()
    kind = database.url.get_backend_name()
    async with database.reading() as connection:
        sizes, figures = await _SIZES[kind](connection), await _FIGURES[kind](connection)
        tables = [await _table(connection, name, sizes) for name in sorted(metadata.tables)]
        oldest, newest = (await connection.execute(select(func.min(changes.c.at), func.max(changes.c.at)))).one()
        per_day = await _per_day(connection, now)
    if kind == "sqlite":
        figures = {**figures, "write-ahead log bytes": _bytes_of(f"{database.url.database}-wal")}
    largest = sorted(tables, key=lambda table: (-(table.bytes or 0), -table.rows))
    return Stats(kind, await database.schema(), tuple(largest), per_day, oldest, newest, figures)


async def _table(connection: AsyncConnection, name: str, sizes: Figures) -> TableSize:
    rows = await connection.scalar(select(func.count()).select_from(metadata.tables[name])) or 0
    names = await connection.run_sync(_index_names, name)
    return TableSize(name, rows, sizes.get(name), {index: sizes.get(f"{name}.{index}") for index in names})


def _index_names(connection: Connection, table: str) -> list[str]:
    return sorted(index["name"] for index in inspect(connection).get_indexes(table) if index["name"])


async def _per_day(connection: AsyncConnection, now: datetime) -> dict[str, int]:
    """The times are cut to days here: each kind of database has other words for it."""
    counted: dict[str, int] = {}
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for ago in range(DAYS - 1, -1, -1):
        begin = today - timedelta(days=ago)
        asked = select(func.count()).where(changes.c.at >= begin, changes.c.at < begin + timedelta(days=1))
        if count := await connection.scalar(asked):
            counted[f"{begin:%F}"] = count
    return counted


# --- SQLite

_SQLITE_SIZES = "SELECT name, SUM(pgsize) FROM dbstat WHERE aggregate = TRUE GROUP BY name"
_SQLITE_INDEXES = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index'"


async def _sqlite_sizes(connection: AsyncConnection) -> Figures:
    sizes: dict[str, int] = {}
    with suppress(DBAPIError):  # not every SQLite can tell
        found = {name: int(size) for name, size in await connection.execute(text(_SQLITE_SIZES))}
        owners = {name: owner for owner, name in await connection.execute(text(_SQLITE_INDEXES))}
        sizes = {f"{owners[name]}.{name}" if name in owners else name: size for name, size in found.items()}
    return sizes


async def _sqlite_figures(connection: AsyncConnection) -> Figures:
    pages, free, size = [int(await connection.scalar(text(f"PRAGMA {name}")) or 0) for name in _PRAGMAS]
    return {"bytes": pages * size, "pages": pages, "free pages": free, "page bytes": size}


_PRAGMAS = ("page_count", "freelist_count", "page_size")


def _bytes_of(path: str) -> int:
    return Path(path).stat().st_size if Path(path).exists() else 0


# --- MariaDB

_MARIADB_SIZES = "SELECT table_name, data_length FROM information_schema.tables WHERE table_schema = DATABASE()"
_MARIADB_INDEXES = """
    SELECT table_name, index_name, stat_value * @@innodb_page_size FROM mysql.innodb_index_stats
    WHERE database_name = DATABASE() AND stat_name = 'size'
"""
_MARIADB_FIGURES = {
    "connections": "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'THREADS_CONNECTED'",
    "connections at most": "SELECT @@max_connections",
    "oldest transaction seconds": "SELECT MAX(TIMESTAMPDIFF(SECOND, trx_started, NOW())) FROM information_schema.innodb_trx",
    "transactions waiting for a lock": "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
    "longest statement accepted bytes": "SELECT @@max_allowed_packet",
}


async def _mariadb_sizes(connection: AsyncConnection) -> Figures:
    sizes = {name: int(size) for name, size in await connection.execute(text(_MARIADB_SIZES)) if size is not None}
    with suppress(DBAPIError):  # not everybody may look there
        found = await connection.execute(text(_MARIADB_INDEXES))
        sizes |= {f"{table}.{index}": int(size) for table, index, size in found}
    return sizes


async def _mariadb_figures(connection: AsyncConnection) -> Figures:
    return await _each(connection, _MARIADB_FIGURES)


# --- PostgreSQL

_POSTGRESQL_SIZES = """
    SELECT relname, pg_table_size(relid) FROM pg_statio_user_tables WHERE schemaname = current_schema()
    UNION ALL
    SELECT relname || '.' || indexrelname, pg_relation_size(indexrelid) FROM pg_statio_user_indexes
    WHERE schemaname = current_schema()
"""
_POSTGRESQL_FIGURES = {
    "bytes": "SELECT pg_database_size(current_database())",
    "connections": "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'",
    "connections at most": "SELECT setting::int FROM pg_settings WHERE name = 'max_connections'",
    "oldest transaction seconds": "SELECT extract(epoch FROM max(now() - xact_start))::int FROM pg_stat_activity",
    "transactions waiting for a lock": "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    "dead rows": "SELECT coalesce(sum(n_dead_tup), 0)::bigint FROM pg_stat_user_tables",
}


async def _postgresql_sizes(connection: AsyncConnection) -> Figures:
    return {name: int(size) for name, size in await connection.execute(text(_POSTGRESQL_SIZES))}


async def _postgresql_figures(connection: AsyncConnection) -> Figures:
    return await _each(connection, _POSTGRESQL_FIGURES)


async def _each(connection: AsyncConnection, asked: Mapping[str, str]) -> Figures:
    """What each question is answered with; without those that this user may not ask."""
    figures: dict[str, int] = {}
    for name, question in asked.items():
        with suppress(DBAPIError):
            async with connection.begin_nested():
                figures[name] = int(await connection.scalar(text(question)) or 0)
    return figures


_SIZES = {"sqlite": _sqlite_sizes, "mysql": _mariadb_sizes, "postgresql": _postgresql_sizes}
_FIGURES = {"sqlite": _sqlite_figures, "mysql": _mariadb_figures, "postgresql": _postgresql_figures}
