"""The connection to the database, and the two kinds of transaction: one that reads, one that changes."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, make_url, select, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from gridmask.domain.errors import InvalidConfiguration, SchemaMismatch, StoreUnavailable
from gridmask.store.tables import counter

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection

DRIVERS = {"sqlite": "sqlite+aiosqlite", "mysql": "mysql+asyncmy", "mariadb": "mysql+asyncmy"}
EPHEMERAL = "ephemeral"
"""In place of a URL: a database that lasts as long as the process."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_WRITES = "gridmask_writes"


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
        with _unavailability():
            async with self.engine.connect() as connection:
                await connection.execution_options(**{_WRITES: True})
                async with connection.begin():
                    revision = await connection.scalar(select(counter.c.revision).with_for_update())
                    yield connection, revision or 0

    async def upgrade(self) -> None:
        """Bring the schema to this program's revision."""
        with _unavailability():
            async with self.engine.begin() as connection:
                await connection.run_sync(self._migrate, command.upgrade, "head")

    async def downgrade(self, revision: str) -> None:
        """Bring the schema back to ``revision``; ``base`` is nothing at all."""
        with _unavailability():
            async with self.engine.begin() as connection:
                await connection.run_sync(self._migrate, command.downgrade, revision)

    async def check(self) -> None:
        """Check that the schema is this program's.

        Raises:
            SchemaMismatch: it is not.
        """
        needed = ScriptDirectory.from_config(_alembic()).get_current_head()
        async with self.reading() as connection:
            found = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
        if found != needed:
            raise SchemaMismatch(found, needed or "none")

    @staticmethod
    def _migrate(connection: Connection, run: Any, revision: str) -> None:  # noqa: ANN401 - one of alembic's commands
        config = _alembic()
        config.attributes["connection"] = connection
        run(config, revision)


async def advance(connection: AsyncConnection, revision: int) -> None:
    """Make ``revision`` the last one."""
    await connection.execute(update(counter).values(revision=revision))


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
        return create_async_engine(url, pool_pre_ping=True, pool_recycle=1800, isolation_level="REPEATABLE READ")
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
    """Turn the loss of the database into an error that says so."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
            raise StoreUnavailable(f"The database does not answer as it should: {error.orig}") from error
        raise
