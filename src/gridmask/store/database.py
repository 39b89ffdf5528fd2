"""The connection to the database, and the two kinds of transaction: one that reads, one that changes."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self, TypeVar

import stamina
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from prometheus_client import Counter
from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import QueuePool

from gridmask import tracing
from gridmask.domain.errors import SchemaMismatch, StoreBusy, StoreLost, StoreUnavailable
from gridmask.store import errands, fences, timing
from gridmask.store.cluster import contend
from gridmask.store.dirac_views.keeper import drop_all, renewed
from gridmask.store.engines import POSTGRESQL, SQLITE, USUAL, WRITER_SILENT, PoolLimits, as_writer, opened, parsed
from gridmask.store.failures import loss_in_doubt, loss_of_all, unavailability
from gridmask.store.tables import counter

if TYPE_CHECKING:
    from sqlalchemy import Connection

EPHEMERAL = "ephemeral"
"""In place of a URL: a database that lasts as long as the process."""

TURN_WITHIN = 60.0
"""Seconds that a change may wait for those of this process before it."""

T = TypeVar("T")
Work = Callable[[AsyncConnection, int], Awaitable[T]]
"""What a transaction does, given its connection and the revision before it."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('gridmask migrations')), set_config('statement_timeout', '0', true)"
"""PostgreSQL: who makes the schema is alone with it, and has all the time that it takes."""

_HURRY = text(f"SET LOCAL idle_in_transaction_session_timeout = '{WRITER_SILENT}s'")
"""PostgreSQL: what MariaDB has a setting for. Others wait for whoever changes something, and not for who only reads."""

GIVEN_UP = Counter(
    "gridmask_transactions_given_up_total",
    "Transactions of which nothing was kept, and that were tried again, by reason.",
    ["reason"],
)

ATTEMPTS = 10
"""How often a transaction is begun before it is told that it cannot be done; with the pauses between, about five seconds."""

_patience = stamina.AsyncRetryingCaller(ATTEMPTS, timeout=None, wait_initial=0.05, wait_max=1.0, wait_jitter=0.2)
_patiently = _patience.on((StoreBusy, StoreLost))


class Database:
    """One database. Use as an async context manager, or call :meth:`close`."""

    def __init__(self, url: str, limits: PoolLimits = USUAL) -> None:
        """Connect lazily to ``url``: ``sqlite:///PATH``, ``mysql://...``, ``postgresql://...``, or :data:`EPHEMERAL`.

        Raises:
            InvalidConfiguration: the URL is none, or of a database that is not supported.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="gridmask-") if url == EPHEMERAL else None
        self.url = parsed(f"sqlite:///{self._folder.name}/gridmask.db" if self._folder else url)
        self.limits = limits
        self.engine, self._watchdog = opened(self.url, limits, durable=self._folder is None)
        self._turn = asyncio.Lock()

    @property
    def is_away(self) -> bool:
        """Whether it is a server, and the last one to try could not reach it."""
        return self._watchdog is not None and self._watchdog.failure is not None

    @property
    def in_use(self) -> int:
        """How many connections are in use."""
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    @property
    def exists(self) -> bool:
        """False for a file that is not there: to connect would make it. What a server has, only it can tell."""
        return self.url.get_backend_name() != SQLITE or Path(self.url.database or "").exists()

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
        with unavailability(), timing.READING.time():
            began = perf_counter()
            async with self.engine.begin() as connection:
                timing.FOR_CONNECTION.observe(perf_counter() - began)
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[tuple[AsyncConnection, int]]:
        """A transaction that changes something, and the revision before it.

        Writers queue for the counter's row. Each sees all that was committed before it, and revisions become visible in the
        order of their numbers, without gaps (promise K3). On SQLite the whole database is that row.

        Raises:
            StoreBusy: the database gave it up, so that others could go on.
            StoreLost: the connection broke before all of it was done.
        """
        async with self._exclusive() as connection:
            with loss_of_all():
                with timing.FOR_OTHERS.time():
                    revision = await connection.scalar(select(counter.c.revision).with_for_update())
                    await contend(connection)
                yield connection, revision or 0

    async def change(self, work: Work[T]) -> T:
        """Do ``work`` in a transaction that changes something; again from its start, if that was sacrificed or cut off.

        Raises:
            StoreBusy: it was sacrificed each of several times.
            StoreLost: it was cut off each of several times.
            StoreUnavailable: the database does not answer.
            StoreInDoubt: nobody knows whether the transaction was committed.
        """
        return await _patiently(self._change_once, work)

    async def _change_once(self, work: Work[T]) -> T:
        errand, fence = errands.current(), fences.current()
        try:
            async with self.writing() as (connection, before):
                if fence:
                    await fences.hold(connection, fence)
                if errand:
                    await errands.note(connection, errand)
                done = await work(connection, before)
            if errand:
                errand.is_done = True
            return done  # noqa: TRY300 - an else would be about what the with has yet to commit
        except (StoreBusy, StoreLost) as error:
            GIVEN_UP.labels(error.reason).inc()
            raise

    async def note(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do ``work`` in a transaction that makes no revision and waits for none: about who does what, not about what is so.

        Raises:
            StoreBusy, StoreLost, StoreUnavailable, StoreInDoubt: as with :meth:`change`.
        """
        return await _patiently(self._note_once, work)

    async def _note_once(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        try:
            # a file has one writer at a time anyway: better to wait for it here
            async with self._exclusive() if self.url.get_backend_name() == SQLITE else self._as_writer() as connection:
                with loss_of_all():
                    return await work(connection)
        except (StoreBusy, StoreLost) as error:
            GIVEN_UP.labels(error.reason).inc()
            raise

    @asynccontextmanager
    async def _exclusive(self) -> AsyncIterator[AsyncConnection]:
        """A transaction beside which this process makes no other that changes something.

        Its writers wait here and not in the database, where each would keep one of the connections that readers need.
        """
        async with self._in_turn():
            with timing.WRITING.time():
                async with self._as_writer() as connection:
                    yield connection

    @asynccontextmanager
    async def _as_writer(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that changes something, beside others."""
        with unavailability():
            began = perf_counter()
            async with self.engine.connect() as connection:
                timing.FOR_CONNECTION.observe(perf_counter() - began)
                await connection.execution_options(**as_writer(self.url))
                transaction = await connection.begin()
                try:
                    if self.url.get_backend_name() == POSTGRESQL:
                        await connection.execute(_HURRY)
                    yield connection
                    with loss_in_doubt(), tracing.part("commit"):
                        await transaction.commit()
                except BaseException:
                    # also where the commit failed: else the connection would go back with what was begun on it.
                    # whoever lost it has nothing to undo, and more to tell
                    with suppress(SQLAlchemyError):
                        await transaction.rollback()
                    raise

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        try:
            with timing.FOR_TURN.time():
                async with asyncio.timeout(TURN_WITHIN):
                    await self._turn.acquire()
        except TimeoutError as error:
            raise StoreUnavailable(
                f"Other changes were not done within {TURN_WITHIN:.0f} s, and this one not begun."
            ) from error
        try:
            yield
        finally:
            self._turn.release()

    async def upgrade(self) -> None:
        """Bring the schema to this program's revision. A SQLite file, and the folder that it is in, are made where needed.

        Raises:
            SchemaMismatch: it is a later program's.
        """
        if not self.exists:
            _make_folder(Path(self.url.database or "").parent)
        # several may start on a new file at once, and SQLite does not wait where two switch its journal
        await _patiently(self._upgrade_once)

    async def _upgrade_once(self) -> None:
        async with self._migrating() as (connection, is_newest), renewed(connection, changing=not is_newest):
            if not is_newest:
                await connection.run_sync(self._migrate, command.upgrade, "head")

    async def downgrade(self, revision: str) -> None:
        """Bring the schema back to ``revision``; ``base`` is nothing at all. Views as DIRAC's tables are dropped."""
        async with self._migrating() as (connection, _):
            await drop_all(connection)
            await connection.run_sync(self._migrate, command.downgrade, revision)

    @asynccontextmanager
    async def _migrating(self) -> AsyncIterator[tuple[AsyncConnection, bool]]:
        """A transaction that changes the schema, and whether that is this program's already."""
        async with self._exclusive() as connection:
            if self.url.get_backend_name() == POSTGRESQL:
                await connection.execute(text(_ALONE))
            found = await connection.run_sync(_revision_of)
            yield connection, found == _needed(found)

    async def schema(self) -> str | None:
        """The schema's revision; None: there is none."""
        async with self.reading() as connection:
            return await connection.run_sync(_revision_of)

    async def check(self) -> None:
        """Check that the schema is this program's.

        Raises:
            SchemaMismatch: it is not.
        """
        found = await self.schema()
        needed = _needed(found)
        if found != needed:
            raise SchemaMismatch(found, needed)

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
            with unavailability():
                await self._connection.start()
                await self._connection.execution_options(**as_writer(self.url))
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

    async def change(self, work: Work[T]) -> T:
        """See :meth:`Database.change`; what is cut off here takes with it all that was tried before, so it is told."""
        return await self._change_once(work)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """See :meth:`Database.reading`; what was changed in the rehearsal is seen."""
        with unavailability():
            yield self._connection

    @asynccontextmanager
    async def _exclusive(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn:
            with unavailability():
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


def _revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _needed(found: str | None) -> str:
    """The schema revision that this program needs, where ``found`` is there.

    Raises:
        SchemaMismatch: it does not know ``found``.
    """
    needed, *earlier = _revisions()
    if found not in {None, needed, *earlier}:
        raise SchemaMismatch(found, needed, known=False)
    return needed


@cache
def _revisions() -> tuple[str, ...]:
    """The schema revisions that this program knows, the newest first."""
    return tuple(migration.revision for migration in ScriptDirectory.from_config(_alembic()).walk_revisions())


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
