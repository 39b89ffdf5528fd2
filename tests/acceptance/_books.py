"""What is in a database, read with plain SQL in one moment of it. Nothing of Gridmask's is used."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

Row = dict[str, Any]
Books = dict[str, list[Row]]

TABLES = {
    "counter": "",
    "audit": "ORDER BY id",
    "changes": "ORDER BY id",
    "outbox": "ORDER BY id",
    "actions": "",
    "deliveries": "",
    "statuses": "",
    "elements": "",
    "vos": "",
    "evidence": "",
    "downtimes": "ORDER BY id",
    "downtime_targets": "",
    "policy_layers": "ORDER BY id",
    "rulings": "",
}
DRIVERS = {"mysql": "mysql+asyncmy", "mariadb": "mysql+asyncmy", "postgresql": "postgresql+psycopg"}


def read(url: str) -> Books:
    """All records of all tables that matter, by name of the table, as they were at one moment."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed.database or "")
    return asyncio.run(_server(url))


def _sqlite(path: str) -> Books:
    with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        return {table: [_plain(dict(row)) for row in connection.execute(_all(table))] for table in TABLES}


async def _server(url: str) -> Books:
    parsed = make_url(url)
    link = parsed.set(drivername=DRIVERS[parsed.get_backend_name()])
    engine = create_async_engine(link, isolation_level="REPEATABLE READ", poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            if parsed.get_backend_name() != "postgresql":
                await connection.execute(text("SET SESSION wsrep_sync_wait = 1"))  # in a cluster: all that came before
            found = {table: await connection.execute(text(_all(table))) for table in TABLES}
            return {table: [_plain(dict(row._mapping)) for row in rows] for table, rows in found.items()}
    finally:
        await engine.dispose()


def _all(table: str) -> str:
    return f"SELECT * FROM {table} {TABLES[table]}"


def _plain(row: Row) -> Row:
    """A record whose values are alike on every database: moments are texts in UTC, yes and no are numbers."""
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> object:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    return int(value) if isinstance(value, bool) else value
