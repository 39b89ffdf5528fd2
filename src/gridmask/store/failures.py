"""What databases say when something goes wrong, in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError, StatementError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from gridmask.domain.errors import GridmaskError, StoreBusy, StoreLost, StoreUnavailable

_SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

_MARIADB_BUSY = ((1020,), (1205,), (1213,))
"""MariaDB's codes for: the record changed since it was read; a lock was waited for too long; a deadlock."""

_POSTGRESQL_BUSY = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL's codes for: the record changed since it was read; a deadlock; a lock was waited for too long."""

_POSTGRESQL_CLOSED = frozenset({"25006", "25P03", "3F000", "42501"})
"""PostgreSQL's codes for: it takes no changes, as a standby; it was left alone; there is no such schema; this user may not."""


@contextmanager
def unavailability() -> Iterator[None]:
    """Turn the loss of the database into an error that says so; what a column type refused is told as it told it."""
    try:
        yield
    except PoolExhausted as error:
        raise StoreUnavailable("No connection to the database became free in time; too much is asked of it at once.") from error
    except StatementError as error:
        if isinstance(error.orig, GridmaskError):
            raise error.orig from None
        if _is_busy(error):
            raise StoreBusy(f"The database is too busy, and nothing was changed: {_told(error)}") from error
        if isinstance(error, DBAPIError) and _is_lost(error):
            raise StoreUnavailable(f"The database does not answer as it should: {_told(error)}") from error
        raise


@contextmanager
def loss_of_all() -> Iterator[None]:
    """Where nothing is committed yet: who loses the connection has lost what was changed, and nothing else."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated and not _is_busy(error):
            raise StoreLost(f"The connection to the database was lost, and nothing was changed: {_told(error)}") from error
        raise


@contextmanager
def loss_in_doubt() -> Iterator[None]:
    """Where something is being committed: who loses the connection does not learn what became of it."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated and not _is_busy(error):
            doubt = "The connection to the database was lost while a change was committed. It may be there or not: look again"
            raise StoreUnavailable(f"{doubt}. {_told(error)}") from error
        raise


def _is_busy(error: StatementError) -> bool:
    """Whether the database gave up this transaction so that others can go on."""
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE_BUSY
    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    return error.orig.args[:1] in _MARIADB_BUSY or _code(error) in _POSTGRESQL_BUSY


def _is_lost(error: DBAPIError) -> bool:
    lost = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    # nothing was asked yet: PostgreSQL's driver refuses options of the URL that there are none of
    unmade = isinstance(error, ProgrammingError) and error.statement is None
    return lost or unmade or _code(error) in _POSTGRESQL_CLOSED


def _code(error: DBAPIError) -> str | None:
    """What PostgreSQL has for a number of the error; None for the errors of others."""
    code: str | None = getattr(error.orig, "sqlstate", None)
    return code


def _told(error: StatementError) -> str:
    """What the database said, in one line."""
    return " ".join(str(error.orig).split())
