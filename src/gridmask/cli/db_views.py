"""``gridmask db views``."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.store.dirac_views.keeper import Views

app = typer.Typer()


def register(db: typer.Typer) -> None:
    """Have the commands below ``db``."""
    db.add_typer(app, name="views", help="Views for those who read DIRAC's tables of statuses directly.", no_args_is_help=True)


ComputingType = Annotated[
    str,
    typer.Option(
        "--computing-type",
        metavar="TYPE",
        help="The type of computing elements: `ComputingElement`, as DIRAC calls it, or `ComputeElement`, as DiracX does.",
    ),
]
Schema = Annotated[
    str | None,
    typer.Option("--schema", metavar="NAME", help="On MariaDB another database, on PostgreSQL another schema."),
]
Reader = Annotated[
    str,
    typer.Option(
        "--reader", metavar="ACCOUNT", help="For whom to print what lets an account read the views, and nothing else."
    ),
]


@command(app, "create")
async def create(session: Session, schema: Schema = None, computing_type: ComputingType = "ComputingElement") -> None:
    """Make views that look as DIRAC's tables of statuses do, or make them anew."""
    from gridmask.store.dirac_views import keeper

    _check(schema, computing_type)
    async with _connected(session) as connection:
        made = await keeper.create(connection, schema, computing_type)
        missing = await keeper.left_out(connection)
    if missing:
        session.out.note(
            f"{missing:,} elements are in none of them: their names or types are longer than DIRAC's tables allow."
        )
    session.out.show(lambda: _told([made]), _line(made))


@command(app, "drop")
async def drop(session: Session, schema: Schema = None) -> None:
    """Drop the views that look as DIRAC's tables do: those in one schema, or all. The schema itself stays."""
    from gridmask.domain.errors import NotKnown
    from gridmask.store.dirac_views import keeper

    async with _connected(session) as connection:
        there = await keeper.found(connection)
        dropped = [views for views in there if schema in {None, views.schema}]
        if schema is not None and not dropped:
            raise NotKnown("schema with views", schema, (views.schema for views in there))
        for views in dropped:
            await keeper.drop(connection, views)
    named = ", ".join(views.schema for views in dropped)
    session.out.show(lambda: _told(dropped), f"Dropped the views in {named}." if dropped else "There are none.")


@command(app, "show")
async def show(
    session: Session,
    schema: Schema = None,
    computing_type: ComputingType = "ComputingElement",
    reader: Reader = "dirac_reader",
) -> None:
    """Print the SQL that makes the views, for somebody else to look at and to run. Changes nothing."""
    from gridmask.store.dirac_views import keeper
    from gridmask.store.dirac_views.naming import Kind
    from gridmask.store.dirac_views.rights import reading
    from gridmask.store.dirac_views.script import making, script

    _check(schema, computing_type)
    async with _connected(session) as connection:
        at = await keeper.here(connection)
    where, kind = schema or at.tables, Kind(computing_type, at.on_postgresql)
    made = [] if where == at.tables else [making(kind, where)]
    made += script(kind, at.tables, where)
    granted = list(reading(kind, where, reader, beside_tables=where == at.tables))
    if session.out.as_json:
        session.out.show(lambda: {"schema": where, "statements": made, "grants": granted})
        return
    comment = "-- Who may read them, and nothing else; make the account first:"
    told = [*(f"{statement};\n" for statement in made), comment, *(f"-- {grant};" for grant in granted)]
    session.out.write("".join(f"{one}\n" for one in told).encode())


@asynccontextmanager
async def _connected(session: Session) -> AsyncIterator[AsyncConnection]:
    """A transaction upon the database of ``session``, which has this program's schema."""
    from gridmask.service.in_force import require_something
    from gridmask.store.database import Database
    from gridmask.store.failures import unavailability

    async with Database(session.settings.database) as database:
        require_something(database, session.settings.database)
        await database.check()
        with unavailability():
            async with database.engine.begin() as connection:
                yield connection


def _check(schema: str | None, computing_type: str) -> None:
    from gridmask.domain.errors import NotKnown
    from gridmask.store.dirac_views.script import checked_schema
    from gridmask.store.dirac_views.shape import COMPUTING_TYPES

    if schema is not None:
        checked_schema(schema)
    if computing_type not in COMPUTING_TYPES:
        raise NotKnown("type of computing elements", computing_type, COMPUTING_TYPES)


def _line(views: Views) -> str:
    from gridmask.store.dirac_views.shape import NAMES

    first, *_, last = NAMES
    where, type_ = views.schema, views.kind.computing_type
    return f"The views {first} to {last} are in {where}; computing elements are called {type_} there."


def _told(made: list[Views]) -> dict[str, object]:
    return {"views": [{"schema": views.schema, "computing_type": views.kind.computing_type} for views in made]}
