"""Makes the views, finds those that there are, makes them anew where the schema or the program changed, and drops them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, inspect, or_, select, text
from sqlalchemy.exc import DBAPIError

from gridmask import __version__
from gridmask.domain.errors import InvalidRequest
from gridmask.store.dirac_views import shape
from gridmask.store.dirac_views.blockers import unobstructed
from gridmask.store.dirac_views.grants import grants
from gridmask.store.dirac_views.naming import Kind
from gridmask.store.dirac_views.rights import refusals
from gridmask.store.dirac_views.script import MARKED, MARKER, fingerprint, making, place, removal, script, selects
from gridmask.store.engines import POSTGRESQL, SQLITE
from gridmask.store.tables import elements

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

_HOLDERS = {
    True: "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'v' AND c.relname = :name AND pg_has_role(c.relowner, 'USAGE') AND has_schema_privilege(n.oid, 'USAGE')",
    False: "SELECT table_schema FROM information_schema.views WHERE table_name = :name",
}
"""Where there are markers: on PostgreSQL or not."""

_HERE = {True: "SELECT current_schema(), quote_ident(current_user)", False: "SELECT DATABASE(), CURRENT_USER()"}


@dataclass(frozen=True, slots=True)
class Views:
    """A set of views that there is.

    Attributes:
        schema: where.
        tables: the schema of the tables that they show.
        kind: what for.
        program: the version of the program that made them.
        is_current: whether this program would make the same.
    """

    schema: str
    tables: str
    kind: Kind
    program: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where our tables are, and who asks: ``user`` as SQL writes it."""

    tables: str
    user: str
    on_postgresql: bool


async def here(connection: AsyncConnection) -> Place:
    """Where ``connection`` is.

    Raises:
        InvalidRequest: that database is a file, which has no room for DIRAC's tables.
    """
    kind = connection.dialect.name
    if kind == SQLITE:
        raise InvalidRequest(
            "Views as DIRAC's tables are for MariaDB and PostgreSQL: who reads those connects to a server. This is SQLite."
        )
    tables, user = (await connection.execute(text(_HERE[kind == POSTGRESQL]))).one()
    if kind != POSTGRESQL:
        name, _, host = user.rpartition("@")
        user = f"'{name}'@'{host}'"
    return Place(tables, user, kind == POSTGRESQL)


async def found(connection: AsyncConnection) -> list[Views]:
    """The views upon the tables to which ``connection`` is, as far as its user has a say about them."""
    if connection.dialect.name == SQLITE:
        return []
    place_ = await here(connection)
    schemas = (await connection.scalars(text(_HOLDERS[place_.on_postgresql]), {"name": MARKER})).all()
    each = [await _read(connection, schema, place_) for schema in sorted(schemas)]
    return [views for views in each if views is not None]


async def _read(connection: AsyncConnection, schema: str, at: Place) -> Views | None:
    marker = place(Kind(on_postgresql=at.on_postgresql), schema, MARKER)
    try:
        told = (await connection.exec_driver_sql(f"SELECT * FROM {marker}")).one()  # noqa: S608 - quoted
    except DBAPIError:
        return None  # another's, who keeps them to himself
    if len(told) != len(MARKED) or told.Tables != at.tables:
        return None
    tables, computing_type, program, definition = tuple(told)
    kind = Kind(computing_type, at.on_postgresql)
    return Views(schema, tables, kind, program, fingerprint(selects(kind, tables)) == definition)


async def create(connection: AsyncConnection, schema: str | None, computing_type: str) -> Views:
    """Make the views in ``schema``, which is made where it is not there; None: beside our tables. What was there is made anew.

    Raises:
        InvalidRequest: the user may not; or there is something else of these names.
    """
    at = await here(connection)
    where, kind = schema or at.tables, Kind(computing_type, at.on_postgresql)
    with refusals(kind, where, at.user):
        if where not in await connection.run_sync(_schemas):
            await connection.exec_driver_sql(making(kind, where))
        if where not in {views.schema for views in await found(connection)}:
            await connection.run_sync(_require_room, where)
        made = Views(where, at.tables, kind, __version__, is_current=True)
        await _make(connection, made, await grants(connection, where))
    return made


async def drop(connection: AsyncConnection, views: Views) -> None:
    """Drop ``views``; the schema stays.

    Raises:
        InvalidRequest: the user may not.
    """
    at = await here(connection)
    with refusals(views.kind, views.schema, at.user):
        for statement in removal(views.kind, views.schema):
            await connection.exec_driver_sql(statement)


@asynccontextmanager
async def renewed(connection: AsyncConnection, *, changing: bool) -> AsyncIterator[None]:
    """Meanwhile our tables become others, if ``changing``; afterwards the views are as this program makes them.

    Who may read them, may so again. On MariaDB they are in nobody's way: where the user may not make them anew, they stay as
    they are.

    Raises:
        Conflict: views that are not ours, or not this user's, are in the way.
    """
    present = [views for views in await found(connection) if changing or not views.is_current]
    given = {views.schema: await grants(connection, views.schema) for views in present}
    for views in present:
        if views.kind.on_postgresql:
            await drop(connection, views)
    async with unobstructed(connection):
        yield
    for views in present:
        with suppress(*(() if views.kind.on_postgresql else (DBAPIError,))):
            await _make(connection, views, given[views.schema])


async def drop_all(connection: AsyncConnection) -> None:
    """Drop all views upon our tables, which go back to a time that this program makes no views of."""
    for views in await found(connection):
        await drop(connection, views)


async def _make(connection: AsyncConnection, views: Views, given: Iterable[str]) -> None:
    for statement in (*script(views.kind, views.tables, views.schema), *given):
        await connection.exec_driver_sql(statement)


def _schemas(connection: Connection) -> list[str]:
    return inspect(connection).get_schema_names()


def _require_room(connection: Connection, schema: str) -> None:
    inspector = inspect(connection)
    there = {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}
    if taken := sorted(there & {*shape.NAMES, MARKER}):
        raise InvalidRequest(
            f"There is a {taken[0]} in {schema!r} that is not ours, maybe DIRAC's own. Choose another schema with --schema."
        )


async def left_out(connection: AsyncConnection) -> int:
    """How many elements in the inventory are in no view, since DIRAC's tables have no room for their names or types."""
    long = or_(func.char_length(elements.c.name) > shape.NAME, func.char_length(elements.c.type) > shape.ELEMENT_TYPE)
    question = select(func.count()).select_from(elements).where(elements.c.taken_out_at.is_(None), long)
    return await connection.scalar(question) or 0
