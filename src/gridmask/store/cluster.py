"""Galera: several MariaDB servers that agree on each transaction when it is committed, and lock nothing for each other before.

Two nodes can both lock the counter's row, each for itself. So each transaction that changes anything also changes that row:
of two that overlap, one then fails when it is to be committed, and begins again. Without that, only those that make a revision
would notice each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import event, update

from gridmask.store.tables import counter

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
    from sqlalchemy.pool import ConnectionPoolEntry

_IS_NODE = "gridmask_is_node"

_CAUSALLY = "SET SESSION wsrep_sync_wait = 1"
"""Each transaction first waits for all that was committed on any node before it began."""


def prepare(engine: AsyncEngine) -> None:
    """Have each session of ``engine`` know whether it is one of a cluster."""

    @event.listens_for(engine.sync_engine, "connect")
    def ask(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        cursor: Any = connection.cursor()
        cursor.execute("SHOW GLOBAL VARIABLES LIKE 'wsrep_on'")
        found = cursor.fetchone()
        record.info[_IS_NODE] = found is not None and found[1] == "ON"
        if record.info[_IS_NODE]:
            cursor.execute(_CAUSALLY)
        cursor.close()


async def contend(connection: AsyncConnection) -> None:
    """Where there are other nodes, have them notice this transaction, which has the counter's row."""
    if connection.info.get(_IS_NODE):
        # there and back again: a row that is other than it was before counts as changed, even if only for a moment
        for difference in (1, -1):
            await connection.execute(update(counter).values(revision=counter.c.revision + difference))
