"""What databases say when something goes wrong, in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError, StatementError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from gridmask.domain.errors import GridmaskError, StoreBusy, StoreInDoubt, StoreLost, StoreRefused, StoreUnavailable

_SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

_MARIADB_BUSY = {1020: "changed meanwhile", 1047: "node not ready", 1205: "lock timeout", 1213: "deadlock"}
"""MariaDB's codes for transactions of which nothing is kept. In a cluster, the last one is also that of what two nodes wanted,
of which one is told when it commits."""

_MARIADB_DOUBTFUL = frozenset({1053, 1180, 1317})
"""MariaDB's codes, of a commit, for: the server ends; something went wrong in it, such as that the node lost the others; it was
interrupted."""

_MARIADB_CLIENT = 2000
"""From here on, a thousand codes are those of MariaDB's clients."""

_MARIADB_GOT = 1030
"""MariaDB's code for: it got an error from where it keeps tables."""

_POSTGRESQL_BUSY = {"40001": "changed meanwhile", "40P01": "deadlock", "55P03": "lock timeout"}
"""PostgreSQL's codes for transactions of which nothing is kept."""

_POSTGRESQL_CLOSED = frozenset({"25006", "25P03", "3F000", "42501"})
"""PostgreSQL's codes for: it takes no changes, as a standby; it was left alone; there is no such schema; this user may not."""

_FULL = "The database's disk is full, and nothing was changed. Make room there; Gridmask goes on by itself then"
_READ_ONLY = "The database is read-only, and nothing was changed"
_TOO_LONG = "The database takes no statement as long as this one, and nothing was changed. Raise its max_allowed_packet"
_CROWDED = "The database has no connection left: too many are open, here or by others"

_SQLITE_REFUSALS = {sqlite3.SQLITE_FULL: _FULL, sqlite3.SQLITE_READONLY: _READ_ONLY}
_MARIADB_REFUSALS = {
    **dict.fromkeys((3, 20, 1021, 1026, 1114), _FULL),  # of a file, twice; of a disk; of a file again; of a table
    **dict.fromkeys((1290, 1792, 1836), _READ_ONLY),  # the server, a transaction, the server otherwise
    1153: _TOO_LONG,
}
_MARIADB_CROWDED = frozenset({1040, 1203, 1226})
"""MariaDB's codes for: too many connections; too many of this user; of this account."""

_POSTGRESQL_REFUSALS = {"53100": _FULL, "25006": _READ_ONLY}
_POSTGRESQL_CROWDED = "53300"
_POSTGRESQL_CROWDED_TOLD = ("too many", "connection slots are reserved")
"""What PostgreSQL says of it, since its driver has no code of what went wrong when it connected."""


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
        if reason := _busy(error):
            raise StoreBusy(f"The database is too busy, and nothing was changed: {_told(error)}", reason) from error
        if refusal := _refusal(error):
            raise StoreRefused(f"{refusal}: {_told(error)}") from error
        if isinstance(error, DBAPIError) and _is_crowded(error):
            raise StoreUnavailable(f"{_CROWDED}: {_told(error)}") from error
        if isinstance(error, DBAPIError) and _is_lost(error):
            raise StoreUnavailable(f"The database does not answer as it should: {_told(error)}") from error
        raise


@contextmanager
def loss_of_all() -> Iterator[None]:
    """Where nothing is committed yet: who loses the connection has lost what was changed, and nothing else."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated and not _busy(error) and not _refusal(error):
            raise StoreLost(f"The connection to the database was lost, and nothing was changed: {_told(error)}") from error
        raise


@contextmanager
def loss_in_doubt() -> Iterator[None]:
    """Where something is being committed: who loses the connection does not learn what became of it."""
    try:
        yield
    except DBAPIError as error:
        if (error.connection_invalidated or _number(error) in _MARIADB_DOUBTFUL) and not _busy(error):
            doubt = "The connection to the database was lost while a change was committed. It may be there or not: look again"
            raise StoreInDoubt(f"{doubt}. {_told(error)}") from error
        raise


def _busy(error: StatementError) -> str | None:
    """Why the database gave up this transaction so that others can go on; None if it did not."""
    if isinstance(error.orig, sqlite3.Error):
        return "locked" if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE_BUSY else None
    if not isinstance(error, DBAPIError) or error.orig is None:
        return None
    return _MARIADB_BUSY.get(_number(error) or 0) or _POSTGRESQL_BUSY.get(_code(error) or "")


def _refusal(error: StatementError) -> str | None:
    """Why the database takes no changes, if that is what it said."""
    if isinstance(error.orig, sqlite3.Error):
        return _SQLITE_REFUSALS.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF)
    if not isinstance(error, DBAPIError) or error.orig is None:
        return None
    code = error.orig.args[0] if error.orig.args else None
    if code == _MARIADB_GOT and "error 28 " in str(error.orig):  # of the system: no space left
        return _FULL
    return _MARIADB_REFUSALS.get(code or 0) or _POSTGRESQL_REFUSALS.get(_code(error) or "")


def _is_crowded(error: DBAPIError) -> bool:
    """Whether the database is there, and has no connection left."""
    if error.orig is None:
        return False
    code = error.orig.args[0] if error.orig.args else None
    said = "FATAL:" in str(error.orig) and any(words in str(error.orig) for words in _POSTGRESQL_CROWDED_TOLD)
    return code in _MARIADB_CROWDED or _code(error) == _POSTGRESQL_CROWDED or said


def is_of_server(error: BaseException) -> bool:
    """Whether a driver's ``error`` is something that a server said, which is there then; else nothing came of it."""
    if getattr(error, "sqlstate", None) is not None or "FATAL:" in str(error):  # connecting, PostgreSQL's has no code
        return True
    code = error.args[0] if error.args else None
    return isinstance(code, int) and not _MARIADB_CLIENT <= code < _MARIADB_CLIENT + 1000


def _is_lost(error: DBAPIError) -> bool:
    lost = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    # nothing was asked yet: PostgreSQL's driver refuses options of the URL that there are none of
    unmade = isinstance(error, ProgrammingError) and error.statement is None
    return lost or unmade or _code(error) in _POSTGRESQL_CLOSED


def _number(error: DBAPIError) -> int | None:
    """What MariaDB has for a number of the error; None for the errors of others."""
    number = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return number if isinstance(number, int) else None


def _code(error: DBAPIError) -> str | None:
    """What PostgreSQL has for a number of the error; None for the errors of others."""
    code: str | None = getattr(error.orig, "sqlstate", None)
    return code


def _told(error: StatementError) -> str:
    """What the database said, in one line."""
    return " ".join(str(error.orig).split())
