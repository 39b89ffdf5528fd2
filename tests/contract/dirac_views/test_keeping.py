"""Views that come, are made anew, and go; and who may do what with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from gridmask.domain.errors import Conflict, InvalidRequest
from gridmask.domain.mask import Holding
from gridmask.store.check import check
from gridmask.store.database import Database
from gridmask.store.dirac_views import keeper, shape
from gridmask.store.dirac_views.naming import Kind
from gridmask.store.dirac_views.rights import reading
from gridmask.store.dirac_views.script import MARKER, place
from gridmask.testing import element, row
from tests.contract.sessions import Server
from tests.dirac_views import Viewed
from tests.postgresql import PostgreSQL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CE = element("ce")
WIDER = {
    "mysql": "ALTER TABLE elements MODIFY name VARCHAR(256) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL",
    "postgresql": "ALTER TABLE elements ALTER name TYPE VARCHAR(256)",
}
ACCOUNT = {"mysql": "reader@'127.0.0.1'", "postgresql": "reader"}


@pytest.fixture
async def beside(server_url: str) -> AsyncIterator[Viewed]:
    """Views beside the tables of a database that a test may spoil, with one row."""
    async with Database(server_url) as database:
        await database.upgrade()
        name = database.url.database or ""
        made = Viewed(database, "public" if database.url.get_backend_name() == "postgresql" else name)
        await made.create()
        await made.add([CE], [row(CE)])
        yield made


def kind_of(viewed: Viewed) -> Kind:
    return Kind(on_postgresql=viewed.database.engine.dialect.name == "postgresql")


async def run(database: Database, *statements: str) -> None:
    async with database.engine.begin() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)


async def test_an_account_may_read_the_views_and_nothing_else(beside: Viewed, server: Server) -> None:
    dialect = beside.database.engine.dialect.name
    made = {"mysql": "CREATE OR REPLACE USER reader@'127.0.0.1'", "postgresql": "DROP ROLE IF EXISTS reader"}
    await run(beside.database, made[dialect], *(["CREATE ROLE reader LOGIN"] if dialect == "postgresql" else []))
    await run(beside.database, *reading(kind_of(beside), beside.schema, ACCOUNT[dialect], beside_tables=True))
    async with Database(beside.database.url.set(username="reader").render_as_string(hide_password=False)) as theirs:
        assert [one["Name"] for one in await Viewed(theirs, beside.schema).rows()] == ["ce"]
        for name in ("elements", "statuses", place(kind_of(beside), beside.schema, MARKER)):
            with pytest.raises(Exception, match="denied"):
                async with theirs.engine.begin() as connection:
                    await connection.exec_driver_sql(f"SELECT * FROM {name}")
        async with theirs.engine.begin() as connection:
            with pytest.raises(InvalidRequest, match="Let its administrator run: CREATE"):
                await keeper.create(connection, "elsewhere", shape.COMPUTING_TYPES[0])
            await connection.rollback()
    # whoever may read them may so after they were made anew
    async with beside.database.engine.begin() as connection, keeper.renewed(connection, changing=True):
        await connection.execute(text(WIDER[dialect]))
    async with Database(beside.database.url.set(username="reader").render_as_string(hide_password=False)) as theirs:
        assert [one["Name"] for one in await Viewed(theirs, beside.schema).rows()] == ["ce"]
    if isinstance(server, PostgreSQL):
        await run(beside.database, "DROP OWNED BY reader", "DROP ROLE reader")


async def test_views_of_another_program_are_told_and_made_anew_by_an_upgrade(beside: Viewed) -> None:
    marker = place(kind_of(beside), beside.schema, MARKER)
    quote = '"' if kind_of(beside).on_postgresql else "`"
    told = ", ".join(
        f"CAST('{value}' AS CHAR(64)) AS {quote}{name}{quote}"
        for name, value in (
            *(("Tables", beside.schema), ("ComputingType", "ComputeElement")),
            *(("Program", "0.0.9"), ("Definition", "other")),
        )
    )
    told = told.replace("CHAR(64)", "VARCHAR(64)") if kind_of(beside).on_postgresql else told
    await run(beside.database, f"DROP VIEW {marker}", f"CREATE VIEW {marker} AS SELECT {told}")
    [finding] = [one for one in await check(beside.database) if one.check == "views"]
    assert finding.text == (
        f"those in {beside.schema} were made by Gridmask 0.0.9, and this one makes others. Run: gridmask db upgrade"
    )
    await beside.database.upgrade()
    assert [one for one in await check(beside.database) if one.check == "views"] == []
    assert (await beside.row("ce"))["ElementType"] == "ComputeElement"


async def test_where_tables_of_these_names_are_none_are_made(beside: Viewed) -> None:
    async with beside.database.engine.begin() as connection:
        [views] = await keeper.found(connection)
        await keeper.drop(connection, views)
        await keeper.drop_all(connection)
    table = place(kind_of(beside), beside.schema, "SiteLog")
    await run(beside.database, f"CREATE TABLE {table} (a INT)")
    with pytest.raises(InvalidRequest, match=r"There is a SiteLog in .* that is not ours.*--schema"):
        await beside.create()
    async with beside.database.engine.begin() as connection:
        assert await keeper.found(connection) == []


async def test_a_schema_that_goes_back_in_time_takes_the_views_with_it(beside: Viewed) -> None:
    await beside.database.downgrade("base")
    async with beside.database.engine.begin() as connection:
        assert await keeper.found(connection) == []
    await beside.database.upgrade()
    await beside.create()
    assert await beside.rows() == []


@pytest.mark.postgresql
async def test_views_of_others_that_are_in_the_way_are_named(made_postgresql: str) -> None:
    async with Database(made_postgresql) as database:
        await run(database, "CREATE VIEW mine AS SELECT name FROM elements")
        with pytest.raises(Conflict, match=r"views of it are in the way: public\.mine of postgres"):
            async with database.engine.begin() as connection, keeper.renewed(connection, changing=True):
                await connection.execute(text(WIDER["postgresql"]))
        await run(database, "INSERT INTO counter VALUES (7, 0)", "DELETE FROM counter WHERE id = 7")


async def test_computing_elements_can_be_called_as_diracx_asks_for_them(viewed: Viewed) -> None:
    await viewed.keep(Holding(CE, {("all", "all"): row(CE)}))
    await viewed.create("ComputeElement")
    assert (await viewed.row("ce"))["ElementType"] == "ComputeElement"
    await viewed.create()
    assert (await viewed.row("ce"))["ElementType"] == "ComputingElement"


async def test_a_file_has_no_room_for_them(fresh_sqlite: str) -> None:
    async with Database(fresh_sqlite) as database:
        await database.upgrade()
        async with database.engine.begin() as connection:
            with pytest.raises(InvalidRequest, match=r"for MariaDB and PostgreSQL.*This is SQLite"):
                await keeper.create(connection, None, shape.COMPUTING_TYPES[0])
            assert await keeper.found(connection) == []
