"""What is told to a server about a session of it, in each kind's own words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL, Literal
from sqlalchemy import event

from tests.postgresql import PostgreSQL
from tests.servers import MariaDB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from gridmask.store.database import Database

Server = MariaDB | PostgreSQL

IMPATIENCE = {
    "sqlite": "PRAGMA busy_timeout=0",
    "mysql": "SET SESSION innodb_lock_wait_timeout=1",  # seconds; no less will do
    "postgresql": "SET SESSION lock_timeout='50ms'",
}
"""Has a session give up soon where it has to wait for another."""

WAITING = {
    "mysql": "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%FOR UPDATE' AND db = DATABASE()",
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
}
"""Counts the sessions that wait for another."""


def kill(connection: Connection, server: Server) -> None:
    """Ends the session of ``connection``, as its administrator can, or as the death of a network does."""
    driver: Any = connection.connection.driver_connection
    if isinstance(server, PostgreSQL):
        server.execute(SQL("SELECT pg_terminate_backend({}, 10000)").format(Literal(driver.info.backend_pid)))
    else:
        server.execute(f"KILL {driver.thread_id()}")


@contextmanager
def killed(database: Database, server: Server, number: int) -> Iterator[list[str]]:
    """The session that changes something for the ``number``th time dies just before, once; gives the statement."""
    struck: list[str] = []
    count = 0

    def strike(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        nonlocal count
        count += statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
        if count == number and not struck:
            struck.append(statement)
            kill(connection, server)

    event.listen(database.engine.sync_engine, "before_cursor_execute", strike)
    try:
        yield struck
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", strike)
