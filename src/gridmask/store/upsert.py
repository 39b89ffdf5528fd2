"""Insert, and insert-or-update, in bulk; the latter in each database's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert
from sqlalchemy.dialects import mysql, postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

_BATCH = 1000


async def insert_all(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``, however many they are."""
    for start in range(0, len(rows), _BATCH):
        await connection.execute(insert(table), rows[start : start + _BATCH])


async def upsert(
    connection: AsyncConnection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    keep: Sequence[str] = (),
) -> None:
    """Insert ``rows``; where one with the same ``key`` is there, overwrite the columns given, but for ``keep``."""
    if not rows:
        return
    # with nothing to overwrite, one part of the key is overwritten with itself
    given = [name for name in rows[0] if name not in key and name not in keep] or list(key[:1])
    for start in range(0, len(rows), _BATCH):
        await connection.execute(_statement(connection.dialect.name, table, given, key), rows[start : start + _BATCH])


def _statement(dialect: str, table: Table, given: Sequence[str], key: Sequence[str]) -> Any:  # noqa: ANN401 - three kinds of insert
    if dialect in {"mysql", "mariadb"}:
        statement = mysql.insert(table)
        return statement.on_duplicate_key_update({name: statement.inserted[name] for name in given})
    insertion = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    return insertion.on_conflict_do_update(index_elements=list(key), set_={name: insertion.excluded[name] for name in given})
