"""Reads DIRAC's databases, a page at a time and nothing but reading: they may be in use, and hold millions of records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import URL, column, func, inspect, literal, make_url, select
from sqlalchemy import table as sql_table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from gridmask.dirac_db.layout import detect
from gridmask.dirac_db.record import Record
from gridmask.dirac_db.tables import COLUMNS, Layout, Table
from gridmask.domain.errors import InvalidConfiguration, StoreUnavailable
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

_DRIVERS = {"mysql": "mysql+asyncmy", "mariadb": "mysql+asyncmy", "sqlite": "sqlite+aiosqlite"}
_READ_ONLY = "SET SESSION TRANSACTION READ ONLY"
_AS_FILE = "file:"

PAGE = 10_000
"""So many records are read at once."""


class Source:
    """A database of DIRAC's. Use as an async context manager, or call :meth:`close`."""

    def __init__(self, url: str) -> None:
        """Connect lazily to ``url``, of MariaDB or MySQL; ``sqlite:///PATH`` is one that somebody copied into a file.

        Raises:
            InvalidConfiguration: the URL is none, of no such database, or names none.
        """
        self.url = _parsed(url)
        server: dict[str, Any] = {"connect_args": {"init_command": _READ_ONLY}, "isolation_level": "REPEATABLE READ"}
        self._engine = create_async_engine(self.url, **({} if self.is_file else server))
        self._moment: AsyncConnection | None = None

    @property
    def is_file(self) -> bool:
        """Whether it is a file."""
        return self.url.get_backend_name() == "sqlite"

    def __str__(self) -> str:
        """Where it is; whoever may log in there is not told."""
        if self.is_file:
            return (self.url.database or "").removeprefix(_AS_FILE)
        plain = URL.create(self.url.get_backend_name(), None, None, self.url.host, self.url.port, self.url.database)
        return plain.render_as_string()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of all connections."""
        await self._engine.dispose()

    def beside(self, name: str) -> Source:
        """The database called ``name`` on the same server."""
        plain = self.url.set(drivername=self.url.get_backend_name(), database=name or self.url.database)
        return Source(plain.render_as_string(hide_password=False))

    @asynccontextmanager
    async def one_moment(self) -> AsyncIterator[None]:
        """Read all as of one moment: DIRAC moves records from table to table while it runs."""
        with _unavailability(self):
            connection = await self._engine.connect().start()
        self._moment = connection
        try:
            yield
        finally:
            self._moment = None
            await connection.close()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        with _unavailability(self):
            if self._moment is not None:
                yield self._moment
                return
            async with self._engine.connect() as connection:
                yield connection

    async def layout(self) -> Layout:
        """Which tables there are.

        Raises:
            InvalidRequest: not those of a ResourceStatusDB. StoreUnavailable: it does not answer.
        """
        async with self._reading() as connection:
            return await connection.run_sync(detect)

    async def columns(self) -> dict[str, frozenset[str]]:
        """The columns of each table that there is, by its name in small letters."""

        def told(connection: Any) -> dict[str, frozenset[str]]:  # noqa: ANN401 - what run_sync gives
            looking = inspect(connection)
            names = looking.get_table_names()
            return {name.casefold(): frozenset(one["name"] for one in looking.get_columns(name)) for name in names}

        async with self._reading() as connection:
            return await connection.run_sync(told)

    async def last(self, table: Table) -> int:
        """The last ID of a table; 0 if it is empty."""
        async with self._reading() as connection:
            return await connection.scalar(select(func.max(column("ID"))).select_from(sql_table(table.name))) or 0

    async def journal(self, table: Table, after: int) -> AsyncIterator[list[Record]]:
        """What a table tells of the past after the ID ``after``, in the order of IDs, a page at a time."""
        while records := await self._page(table, after):
            yield records
            after = records[-1].number

    async def _page(self, table: Table, after: int) -> list[Record]:
        number: ColumnElement[int] = column("ID")
        question = _question(table, number).where(number > after).order_by(number).limit(PAGE)
        async with self._reading() as connection:
            return [Record(table, *row) for row in await connection.execute(question)]

    async def current(self, table: Table) -> list[Record]:
        """All that a table says of the present."""
        async with self._reading() as connection:
            return [Record(table, *row) for row in await connection.execute(_question(table, literal(0)))]

    async def element_types(self, table: Table) -> dict[str, str]:
        """By name, a type that a table has for it. It looks at all records."""
        name: ColumnElement[str] = column("Name")
        type_: ColumnElement[str] = column("ElementType")
        question = select(name, func.max(type_)).select_from(sql_table(table.name)).where(type_ != "")
        async with self._reading() as connection:
            return {row[0]: row[1] for row in await connection.execute(question.group_by(name))}

    async def rows(self, name: str, columns: Sequence[str]) -> list[Mapping[str, Any]]:
        """These columns of all of a table that is known to be small."""
        wanted: list[ColumnElement[Any]] = [column(one) for one in columns]
        async with self._reading() as connection:
            found = await connection.execute(select(*wanted).select_from(sql_table(name)))
            return [dict(row._mapping) for row in found]  # noqa: SLF001 - SQLAlchemy's public name for it


def _question(table: Table, number: ColumnElement[int]) -> Select[Any]:
    vo: ColumnElement[str] = column("VO") if table.has_vo else literal(ALL)
    columns: list[ColumnElement[Any]] = [column(name) for name in COLUMNS]
    return select(number, *columns, vo).select_from(sql_table(table.name))


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
        driver = _DRIVERS[parsed.get_backend_name()]
    except Exception as error:
        raise InvalidConfiguration("the URL", "none of MariaDB or MySQL, as mysql://user@host/ResourceStatusDB") from error
    if not parsed.database:
        raise InvalidConfiguration("the URL", "it names no database; DIRAC's is usually called ResourceStatusDB")
    query = {"charset": "utf8mb4", **parsed.query} if driver.startswith("mysql") else {"mode": "ro", "uri": "true"}
    database = parsed.database if driver.startswith("mysql") else f"{_AS_FILE}{parsed.database}"
    return parsed.set(drivername=driver, query=query, database=database)


@contextmanager
def _unavailability(source: Source) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreUnavailable(f"DIRAC's database {source} cannot be read: {getattr(error, 'orig', None) or error}") from error
