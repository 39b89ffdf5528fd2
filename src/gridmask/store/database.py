"""The connection to the database, and the two kinds of transaction: one that reads, one that changes."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import stamina
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, make_url, select, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from gridmask.domain.errors import GridmaskError, InvalidConfiguration, SchemaMismatch, StoreBusy, StoreUnavailable
from gridmask.store.tables import counter

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection

DRIVERS = {"sqlite": "sqlite+aiosqlite", "mysql": "mysql+asyncmy", "mariadb": "mysql+asyncmy"}
EPHEMERAL = "ephemeral"
"""In place of a URL: a database that lasts as long as the process."""

T = TypeVar("T")
Work = Callable[[AsyncConnection, int], Awaitable[T]]
"""What a transaction does, given its connection and the revision before it."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_WRITES = "gridmask_writes"

# whatever mode the server runs in: what does not fit is refused, never cut
_MARIADB_SESSION = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ENGINE_SUBSTITUTION'"
# what the server warns of beside is no news: that primary keys have no names there
logging.getLogger("asyncmy").setLevel(logging.ERROR)

_MARIADB_BUSY = ((1020,), (1205,), (1213,))
"""MariaDB's codes for: the record changed since it was read; a lock was waited for too long; a deadlock."""

_SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

_patiently = stamina.AsyncRetryingCaller(5, timeout=None, wait_initial=0.05, wait_max=1.0, wait_jitter=0.2).on(StoreBusy)


class Database:
    """One database. Use as an async context manager, or call :meth:`close`."""

    def __init__(self, url: str) -> None:
        """Connect lazily to ``url``: ``sqlite:///PATH``, ``mysql://...``, or :data:`EPHEMERAL`.

        Raises:
            InvalidConfiguration: the URL is none, or of a database that is not supported.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="gridmask-") if url == EPHEMERAL else None
        self.url = _parsed(f"sqlite:///{self._folder.name}/gridmask.db" if self._folder else url)
        self.engine = _engine(self.url, durable=self._folder is None)
        self._turn = asyncio.Lock()

    @property
    def exists(self) -> bool:
        """False for a file that is not there: to connect would make it. What a server has, only it can tell."""
        return self.url.get_backend_name() != "sqlite" or Path(self.url.database or "").exists()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of all connections."""
        await self.engine.dispose()
        if self._folder:
            self._folder.cleanup()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one moment of the database, whatever is committed meanwhile."""
        with _unavailability():
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[tuple[AsyncConnection, int]]:
        """A transaction that changes something, and the revision before it.

        Writers queue for the counter's row. Each sees all that was committed before it, and revisions become visible in the
        order of their numbers, without gaps (promise K3). On SQLite the whole database is that row.
        """
        async with self._exclusive() as connection:
            revision = await connection.scalar(select(counter.c.revision).with_for_update())
            yield connection, revision or 0

    async def change(self, work: Work[T]) -> T:
        """Do ``work`` in a transaction that changes something; again from its start, if the database sacrificed it to another.

        Raises:
            StoreBusy: it was sacrificed each of several times.
        """
        return await _patiently(self._change_once, work)

    async def _change_once(self, work: Work[T]) -> T:
        async with self.writing() as (connection, before):
            return await work(connection, before)

    @asynccontextmanager
    async def _exclusive(self) -> AsyncIterator[AsyncConnection]:
        """A transaction beside which this process makes no other that changes something.

        Its writers wait here and not in the database, where each would keep one of the connections that readers need.
        """
        async with self._turn:
            with _unavailability():
                async with self.engine.connect() as connection:
                    await connection.execution_options(**{_WRITES: True})
                    async with connection.begin():
                        yield connection

    async def upgrade(self) -> None:
        """Bring the schema to this program's revision. A SQLite file, and the folder that it is in, are made where needed."""
        if not self.exists:
            _make_folder(Path(self.url.database or "").parent)
        # several may start on a new file at once, and SQLite does not wait where two switch its journal
        await _patiently(self._upgrade_once)

    async def _upgrade_once(self) -> None:
        async with self._exclusive() as connection:
            await connection.run_sync(self._migrate, command.upgrade, "head")

    async def downgrade(self, revision: str) -> None:
        """Bring the schema back to ``revision``; ``base`` is nothing at all."""
        async with self._exclusive() as connection:
            await connection.run_sync(self._migrate, command.downgrade, revision)

    async def schema(self) -> str | None:
        """The schema's revision; None: there is none."""
        async with self.reading() as connection:
            return await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())

    async def check(self) -> None:
        """Check that the schema is this program's.

        Raises:
            SchemaMismatch: it is not.
        """
        needed = ScriptDirectory.from_config(_alembic()).get_current_head()
        found = await self.schema()
        if found != needed:
            raise SchemaMismatch(found, needed or "none")

    async def is_set_up(self) -> bool:
        """Whether it is there, with this program's schema; to ask makes nothing.

        Raises:
            SchemaMismatch: its schema is of another time.
        """
        if not self.exists or await self.schema() is None:
            return False
        await self.check()
        return True

    @staticmethod
    def _migrate(connection: Connection, run: Any, revision: str) -> None:  # noqa: ANN401 - one of alembic's commands
        config = _alembic()
        config.attributes["connection"] = connection
        run(config, revision)


class Rehearsal(Database):
    """A database in which everything can be tried: what is changed in it can be seen in it, and is gone when it is closed.

    Nobody else can change the database meanwhile, so be quick.
    """

    async def __aenter__(self) -> Self:
        self._connection = self.engine.connect()
        try:
            with _unavailability():
                await self._connection.start()
                await self._connection.execution_options(**{_WRITES: True})
                await self._connection.begin()
                await self._connection.execute(select(counter.c.revision).with_for_update())
        except BaseException:
            await self.close()
            raise
        return self

    async def close(self) -> None:
        """Undo all of it."""
        # to close a connection is to roll back; where it was lost or never there, nothing is left to undo
        with suppress(SQLAlchemyError):
            await self._connection.close()
        await super().close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """See :meth:`Database.reading`; what was changed in the rehearsal is seen."""
        with _unavailability():
            yield self._connection

    @asynccontextmanager
    async def _exclusive(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn:
            with _unavailability():
                async with self._connection.begin_nested():
                    yield self._connection


async def advance(connection: AsyncConnection, revision: int) -> None:
    """Make ``revision`` the last one."""
    await connection.execute(update(counter).values(revision=revision))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"There is no folder {folder} for the database, and it cannot be made: {error.strerror}."
        ) from error


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        driver = DRIVERS[parsed.get_backend_name()]
    except Exception as error:
        kinds = ", ".join(sorted(DRIVERS))
        raise InvalidConfiguration("database", f"not the URL of a supported database ({kinds})") from error
    query = {"charset": "utf8mb4", **parsed.query} if driver.startswith("mysql") else parsed.query
    return parsed.set(drivername=driver, query=query)


def _engine(url: URL, *, durable: bool) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(
            url,
            pool_pre_ping=True,
            pool_recycle=1800,
            isolation_level="REPEATABLE READ",
            connect_args={"init_command": _MARIADB_SESSION},
        )
    engine = create_async_engine(url, connect_args={"timeout": 30})
    pragmas = ("journal_mode=WAL", "foreign_keys=ON", f"synchronous={'FULL' if durable else 'OFF'}")

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _: object) -> None:
        # transactions are begun below; the driver's own way delays them until the first write
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _unavailability() -> Iterator[None]:
    """Turn the loss of the database into an error that says so; what a column type refused is told as it told it."""
    try:
        yield
    except PoolExhausted as error:
        raise StoreUnavailable("No connection to the database became free in time; too much is asked of it at once.") from error
    except StatementError as error:
        if isinstance(error.orig, GridmaskError):
            raise error.orig from None
        if _is_busy(error):
            raise StoreBusy(f"The database is too busy, and nothing was changed: {error.orig}") from error
        if isinstance(error, DBAPIError) and _is_lost(error):
            raise StoreUnavailable(f"The database does not answer as it should: {error.orig}") from error
        raise


def _is_busy(error: StatementError) -> bool:
    """Whether the database gave up this transaction so that others can go on."""
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE_BUSY
    return isinstance(error, DBAPIError) and error.orig is not None and error.orig.args[:1] in _MARIADB_BUSY


def _is_lost(error: DBAPIError) -> bool:
    return isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
