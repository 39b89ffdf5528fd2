"""How each kind of database is connected to: its driver, its pool, and what is set for each session."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from gridmask.domain.errors import InvalidConfiguration
from gridmask.store import cluster
from gridmask.store.watchdog import CONNECTED_WITHIN, Watchdog

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.ext.asyncio import AsyncEngine

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "mysql": "mysql+asyncmy",
    "mariadb": "mysql+asyncmy",
    "postgresql": "postgresql+psycopg",
}
SQLITE, POSTGRESQL = "sqlite", "postgresql"
"""Kinds of databases, as URLs have them."""

_WRITES = "gridmask_writes"

# whatever mode the server runs in: what does not fit is refused, never cut
WRITER_SILENT = 60
"""Seconds after which who is silent in the middle of a change loses it: all others wait for what it has locked."""

READER_SILENT = 120
"""MariaDB: the same in a transaction that has changed nothing yet, and may have locked something."""

_MARIADB_SESSION = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ENGINE_SUBSTITUTION', "
    f"idle_write_transaction_timeout = {WRITER_SILENT}, idle_readonly_transaction_timeout = {READER_SILENT}"
)
# what the server warns of beside is no news: that primary keys have no names there
logging.getLogger("asyncmy").setLevel(logging.ERROR)

_POSTGRESQL_SESSION = {
    "timezone": "UTC",
    "lock_timeout": "30s",  # then the transaction is given up, and begins again
    "statement_timeout": "5min",
    "idle_in_transaction_session_timeout": "5min",  # a process that hangs does not keep the lock of all writers for ever
    # nor does one whose machine is gone: the server would ask for it after two hours
    "tcp_keepalives_idle": "30s",
    "tcp_keepalives_interval": "10s",
    "tcp_keepalives_count": "3",
}
_POSTGRESQL_DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
"""A server may be told to answer before it has written down what was committed; what Gridmask acknowledges must not be lost."""
_POSTGRESQL_LINK: Mapping[str, Any] = {
    "application_name": "gridmask",
    "client_encoding": "utf8",
    "connect_timeout": int(CONNECTED_WITHIN),  # seconds, as are the next two
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many connections a process has at ``most``, and for how many seconds somebody can ``wait`` for one of them."""

    most: int = 10
    wait: float = 5.0


USUAL = PoolLimits()
"""Where nobody said otherwise."""


class Opened(NamedTuple):
    """The connections to a database, and what watches over them if that is a server."""

    engine: AsyncEngine
    watchdog: Watchdog | None = None


def parsed(url: str) -> URL:
    """``url`` with the driver for its kind of database.

    Raises:
        InvalidConfiguration: it is no URL, or of a database that is not supported.
    """
    try:
        found = make_url(url)
        driver = DRIVERS[found.get_backend_name()]
    except Exception as error:
        kinds = ", ".join(sorted(DRIVERS))
        raise InvalidConfiguration("database", f"not the URL of a supported database ({kinds})") from error
    query = {"charset": "utf8mb4", **found.query} if driver.startswith("mysql") else found.query
    return found.set(drivername=driver, query=query)


def opened(url: URL, limits: PoolLimits, *, durable: bool) -> Opened:
    """The connections to the database at ``url``; where it is not ``durable``, a file is not flushed to the disk."""
    kind = url.get_backend_name()
    if kind == SQLITE:
        return Opened(_sqlite(url, limits, durable=durable))
    return _postgresql(url, limits) if kind == POSTGRESQL else _mariadb(url, limits)


def as_writer(url: URL) -> Mapping[str, Any]:
    """The execution options of a connection whose next transaction changes something."""
    if url.get_backend_name() == POSTGRESQL:
        # it waits for its turn, and must then see what those before it have left: not the moment when it began to wait
        return {_WRITES: True, "isolation_level": "READ COMMITTED"}
    return {_WRITES: True}


def _pool(limits: PoolLimits) -> dict[str, Any]:
    return {"pool_size": limits.most, "max_overflow": 0, "pool_timeout": limits.wait}


def _server(url: URL, limits: PoolLimits, watchdog: Watchdog, link: Mapping[str, Any], **more: object) -> Opened:
    shared = {**_pool(limits), "pool_pre_ping": True, "pool_recycle": 1800, "isolation_level": "REPEATABLE READ"}
    made = create_async_engine(url, connect_args={**link, "async_creator_fn": watchdog.connect}, **shared, **more)
    watchdog.watch(made)
    return Opened(made, watchdog)


def _mariadb(url: URL, limits: PoolLimits) -> Opened:
    import asyncmy  # noqa: PLC0415 - only for those who have such a server
    from asyncmy.errors import OperationalError  # noqa: PLC0415

    watchdog = Watchdog(asyncmy.connect, partial(OperationalError, 2013), _patience(url))  # the server was lost
    opened = _server(url, limits, watchdog, {"init_command": _MARIADB_SESSION})
    cluster.prepare(opened.engine)
    return opened


def _patience(url: URL) -> float:
    """Seconds that it may take to connect: as many for each of the hosts."""
    hosts = url.query.get("host", ())
    each = str(url.query.get("connect_timeout", ""))
    return (float(each) if each.isdecimal() else CONNECTED_WITHIN) * (1 if isinstance(hosts, str) else max(len(hosts), 1))


def _postgresql(url: URL, limits: PoolLimits) -> Opened:
    import psycopg  # noqa: PLC0415 - only for those who have such a server

    ours = " ".join(f"-c {name}={value}" for name, value in _POSTGRESQL_SESSION.items())
    theirs = url.query.get("options", "")  # later ones win
    link = {name: value for name, value in _POSTGRESQL_LINK.items() if name not in url.query}
    options = f"{ours} {theirs if isinstance(theirs, str) else ' '.join(theirs)}".strip()
    # what the driver has for itself comes first, since it tells more
    watchdog = Watchdog(psycopg.AsyncConnection.connect, psycopg.errors.ConnectionTimeout, _patience(url) + 1)
    unasked = {"use_native_hstore": False}  # it would ask each server for that type
    opened = _server(url, limits, watchdog, {**link, "options": options}, **unasked)
    made = opened.engine

    @event.listens_for(made.sync_engine, "connect")
    def examine(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            anew = "make it anew: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0"
            raise InvalidConfiguration(
                "database", f"{url.database!r} keeps texts as {encoding}, which has not all letters; {anew}"
            )
        cursor = connection.cursor()
        cursor.execute(_POSTGRESQL_DURABLE)
        cursor.close()
        connection.commit()

    return opened


def _sqlite(url: URL, limits: PoolLimits, *, durable: bool) -> AsyncEngine:
    is_file = url.database not in {None, "", ":memory:"}  # what is in memory has one connection
    made = create_async_engine(url, connect_args={"timeout": 30}, **(_pool(limits) if is_file else {}))
    pragmas = ("journal_mode=WAL", "foreign_keys=ON", f"synchronous={'FULL' if durable else 'OFF'}")

    @event.listens_for(made.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _: object) -> None:
        # transactions are begun below; the driver's own way delays them until the first write
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(made.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made
