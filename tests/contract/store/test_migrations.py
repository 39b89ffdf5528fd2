"""The schema: how it comes, how it goes, and that it is the one which the program believes in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, insert, inspect, select, text

from gridmask.domain.errors import SchemaMismatch
from gridmask.store.database import Database
from gridmask.store.tables import metadata, vos
from tests import osg, quickly
from tests.clocks import NOW
from tests.conftest import POSTGRESQL
from tests.contract import books
from tests.grid import sync

if TYPE_CHECKING:
    from tests.grid import Grid

DAMAGES = {
    "a shorter name": {
        "mysql": "ALTER TABLE elements MODIFY name VARCHAR(100) NOT NULL",
        "postgresql": "ALTER TABLE elements ALTER name TYPE VARCHAR(100)",
    },
    "a text that ends": {
        "mysql": "ALTER TABLE elements MODIFY facts TEXT NOT NULL",
        "postgresql": "ALTER TABLE elements ALTER facts TYPE VARCHAR(65535)",
    },
    "a null where none may be": {
        "mysql": "ALTER TABLE statuses MODIFY binding BOOL NULL",
        "postgresql": "ALTER TABLE statuses ALTER binding DROP NOT NULL",
    },
    "a smaller number": {
        "mysql": "ALTER TABLE counter MODIFY revision INT NOT NULL",
        "postgresql": "ALTER TABLE counter ALTER revision TYPE INT",
    },
    "no index": {
        "mysql": "DROP INDEX ix_statuses_due ON statuses",
        "postgresql": "DROP INDEX ix_statuses_due",
    },
    "a column too many": {
        "mysql": "ALTER TABLE vos ADD COLUMN more INT",
        "postgresql": "ALTER TABLE vos ADD COLUMN more INT",
    },
}


@pytest.fixture(autouse=True)
def _by_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "upgrade", quickly.upgraded)


async def differences(database: Database) -> list[object]:
    """What migrations have made otherwise than the program has it in mind."""
    async with database.reading() as connection:
        return await connection.run_sync(
            lambda c: list(compare_metadata(MigrationContext.configure(c, opts={"compare_type": True}), metadata))
        )


async def tables(database: Database) -> set[str]:
    async with database.reading() as connection:
        return await connection.run_sync(lambda c: set(inspect(c).get_table_names())) - {"alembic_version"}


async def test_migrations_make_the_schema_that_the_program_has_in_mind(database: Database) -> None:
    assert await differences(database) == []


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_a_schema_that_is_another_is_seen(server_url: str, damage: dict[str, str]) -> None:
    async with Database(server_url) as database:
        await database.upgrade()
        async with database.engine.begin() as connection:
            await connection.execute(text(damage[connection.dialect.name]))
        assert await differences(database)


@pytest.mark.mariadb
async def test_on_mariadb_every_time_has_microseconds_and_every_name_its_case(fresh_mariadb: str) -> None:
    kinds = (
        "SELECT DISTINCT data_type, datetime_precision, collation_name FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND table_name != 'alembic_version' "
        "AND (collation_name IS NOT NULL OR datetime_precision IS NOT NULL)"
    )
    engines = "SELECT DISTINCT engine FROM information_schema.tables WHERE table_schema = DATABASE()"
    async with Database(fresh_mariadb) as database:
        await database.upgrade()
        async with database.reading() as connection:
            found = {tuple(row) for row in await connection.execute(text(kinds))}
            assert await connection.scalar(text(engines)) == "InnoDB"
    texts = {(kind, None, "utf8mb4_nopad_bin") for kind in ("varchar", "text", "longtext")}
    assert found == {("datetime", 6, None), *texts}


@pytest.mark.postgresql
async def test_on_postgresql_every_time_has_its_zone_and_every_text_is_sorted_by_character(fresh_postgresql: str) -> None:
    kinds = (
        "SELECT DISTINCT data_type, datetime_precision, collation_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name != 'alembic_version' "
        "AND (character_octet_length IS NOT NULL OR datetime_precision IS NOT NULL)"
    )
    async with Database(fresh_postgresql) as database:
        await database.upgrade()
        async with database.reading() as connection:
            found = {tuple(row) for row in await connection.execute(text(kinds))}
    texts = {(kind, None, "C") for kind in ("character varying", "text")}
    assert found == {("timestamp with time zone", 6, None), *texts}


async def test_every_migration_goes_down_and_up_again_with_data_in_place(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        names = ("elements", "statuses", "changes", "decisions", "audit", "outbox", "counter")
        before = await books.counts(made.database, *names)
        for revision in ("0010", "0007", "0005", "0004", "0003", "0002", "0001"):
            await made.database.downgrade(revision)
            assert await made.database.schema() == revision
            assert await books.counts(made.database, *names) == before
        await made.database.upgrade()
        assert await differences(made.database) == []
        assert await books.counts(made.database, *names) == before


async def test_migrations_go_down_and_up_again_with_data_in_place(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        filled = await books.counts(made.database, "statuses", "changes", "decisions", "downtime_targets", "audit")
        assert all(filled.values())
        await made.database.downgrade("base")
        assert await tables(made.database) == set()
        await made.database.upgrade()
        assert await differences(made.database) == []
        assert set((await books.read(made.database)).pop("counter")) == {(1, 0)}

    async with grid.open() as again:
        assert {name: report.failure for name, report in (await sync(again)).items()} == {"osg": None, "feed": None}
        assert (await again.masks.mask("cms")).revision == 2


async def test_what_was_kept_before_elements_had_other_names_is_found_by_host(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE", FQDN="ce1.example.org")))
    async with grid.open() as made:
        await sync(made)
        await made.database.downgrade("0001")
        assert await books.counts(made.database, "elements", "statuses") == {"elements": 2, "statuses": 2}
        await made.database.upgrade()
        assert await differences(made.database) == []
        assert [row[1] for row in (await books.read(made.database))["element_handles"]] == ["ce1.example.org"]


async def test_an_upgrade_of_what_is_up_to_date_changes_nothing(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = await books.read(made.database)
        await made.database.upgrade()
        assert await books.read(made.database) == before


async def test_a_schema_that_is_missing_or_of_another_program_is_told(database_url: str) -> None:
    async with Database(database_url) as database:
        with pytest.raises(SchemaMismatch, match=r"has no Gridmask schema yet.*gridmask db upgrade"):
            await database.check()
        await database.upgrade()
        await database.check()
        async with database.engine.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        for touch in (database.check, database.upgrade, database.is_set_up):
            with pytest.raises(SchemaMismatch, match=r"is at schema revision 9999.* A later Gridmask made that"):
                await touch()
        async with database.engine.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        with pytest.raises(SchemaMismatch, match=r"is at schema revision 0001.* Run: gridmask db upgrade"):
            await database.check()


@pytest.mark.parametrize("kind", ["sqlite", POSTGRESQL])
async def test_several_processes_can_make_the_schema_at_once(request: pytest.FixtureRequest, kind: str) -> None:
    databases = [Database(request.getfixturevalue(f"fresh_{kind}")) for _ in range(8)]
    await asyncio.gather(*(database.upgrade() for database in databases))
    for database in databases:
        await database.check()
        await database.close()


async def test_names_that_end_in_spaces_are_others_however_the_database_was_made(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.database.downgrade("0005")
        await made.database.upgrade()
        async with made.database.writing() as (connection, _):
            for name in ("lhcb", "lhcb ", "lhcb  ", " lhcb"):
                await connection.execute(insert(vos).values(name=name, known_since=NOW, mask_revision=0))
        async with made.database.reading() as connection:
            assert await connection.scalar(select(func.count()).where(vos.c.name == "lhcb ")) == 1
