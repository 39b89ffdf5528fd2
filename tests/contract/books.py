"""What a database holds, table by table."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, func, select

from gridmask.store.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.store.database import Database

Books = dict[str, list[tuple[Any, ...]]]


async def read(database: Database) -> Books:
    """Every record of every table."""
    async with database.reading() as connection:
        return {
            t.name: [tuple(r) for r in await connection.execute(select(t).order_by(*t.primary_key))]
            for t in metadata.sorted_tables
        }


async def counts(database: Database, *tables: str) -> dict[str, int]:
    """How many records there are in ``tables``."""
    async with database.reading() as connection:
        found = {name: await connection.scalar(select(func.count()).select_from(metadata.tables[name])) for name in tables}
    return {name: count or 0 for name, count in found.items()}


class Sabotage(Exception):
    """What :func:`sabotaged` raises."""


@contextmanager
def sabotaged(database: Database, number: int) -> Iterator[None]:
    """The statement that changes something for the ``number``th time fails, before it reaches the database."""
    count = 0

    def strike(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal count
        changes = statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
        count += changes
        if changes and count == number:
            raise Sabotage(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", strike)
    try:
        yield
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", strike)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile; one for many records counts as many as it is sent as."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        bulk = statement.lstrip().upper().startswith("INSERT")
        statements.extend([statement] * (1 if bulk or not isinstance(parameters, list) else len(parameters)))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
