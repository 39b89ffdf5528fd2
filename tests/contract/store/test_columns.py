"""Values: what goes into a database comes out again, or is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from gridmask.domain.element import Element, ElementKey
from gridmask.domain.errors import InvalidRequest
from gridmask.store import elements
from gridmask.store.database import Database
from gridmask.store.tables import audit, sources, vos
from tests.contract import books
from tests.grid import NOW

if TYPE_CHECKING:
    from tests.servers import MariaDB

TELESCOPE = "\N{TELESCOPE}"


async def keep(database: Database, moment: datetime, name: str = "cms") -> None:
    async with database.writing() as (connection, _):
        await connection.execute(insert(vos).values(name=name, known_since=moment, mask_revision=0))


@pytest.mark.parametrize(
    "moment", [NOW.replace(microsecond=1), datetime.max.replace(tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)]
)
async def test_times_come_back_to_the_microsecond_and_aware(database: Database, moment: datetime) -> None:
    await keep(database, moment)
    async with database.reading() as connection:
        found = await connection.scalar(select(vos.c.known_since))
    assert found == moment
    assert found.tzinfo is UTC


async def test_times_elsewhere_are_kept_in_utc(database: Database) -> None:
    await keep(database, NOW.astimezone(timezone(timedelta(hours=5, minutes=45))))
    async with database.reading() as connection:
        assert await connection.scalar(select(vos.c.known_since)) == NOW
        assert await connection.scalar(select(vos.c.name).where(vos.c.known_since == NOW)) == "cms"


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(InvalidRequest, match="has no time zone; times are aware and in UTC"):
        await keep(database, NOW.replace(tzinfo=None))
    assert await books.counts(database, "vos") == {"vos": 0}


async def test_a_name_that_is_too_long_is_refused_and_nothing_written(database: Database) -> None:
    known = [Element(ElementKey("Resource", "ComputingElement", name), "SITE") for name in ("fine", "x" * 256)]
    with pytest.raises(InvalidRequest, match=r"'x{60}'... has 256 characters; 255 are allowed"):
        async with database.writing() as (connection, _):
            await elements.save(connection, known, NOW)
    assert await books.counts(database, "elements") == {"elements": 0}


async def test_a_name_may_have_its_whole_length_in_any_script(database: Database) -> None:
    key = ElementKey("Resource", TELESCOPE * 64, TELESCOPE * 255)
    async with database.writing() as (connection, _):
        await elements.save(connection, [Element(key, TELESCOPE)], NOW)
    async with database.reading() as connection:
        assert await elements.load(connection, [key]) == {key: Element(key, TELESCOPE)}


async def test_names_are_told_apart_by_case_and_accent(database: Database) -> None:
    names = ["CE1", "ce1", "Ce1", "cé1", "ce1\u0301"]
    keys = [ElementKey("Resource", "ComputingElement", name) for name in names]
    async with database.writing() as (connection, _):
        await elements.save(connection, (Element(key, key.name) for key in keys), NOW)
    async with database.reading() as connection:
        assert {key: element.site for key, element in (await elements.load(connection)).items()} == {k: k.name for k in keys}
        assert await elements.load(connection, [keys[1]]) == {keys[1]: Element(keys[1], "ce1")}


async def test_long_texts_are_kept_whole(database: Database) -> None:
    problems = tuple(f"{number} {TELESCOPE * 100}" for number in range(1000))
    told = {"kind": "toml", "evidence": "", "configured": True, "url": "", "inventories": frozenset({"b", "a"})}
    async with database.writing() as (connection, _):
        await connection.execute(insert(sources).values(name="osg", failures=0, problems=problems, records=0, **told))
    async with database.reading() as connection:
        found = (await connection.execute(select(sources.c.problems, sources.c.inventories))).one()
    assert tuple(found) == (problems, frozenset({"a", "b"}))


@pytest.mark.parametrize("prose", ["x" * 16_001, "not \udcff text"], ids=["too long", "no text"])
async def test_prose_that_cannot_be_kept_is_refused(database: Database, prose: str) -> None:
    signed = {"at": NOW, "actor": "admin", "actor_kind": "person", "action": "released"}
    with pytest.raises(InvalidRequest, match=r"16,000 are allowed|cannot be written"):
        async with database.writing() as (connection, _):
            await connection.execute(insert(audit).values(comment=prose, **signed))


async def test_a_name_that_is_no_text_is_refused_even_as_a_question(database: Database) -> None:
    with pytest.raises(InvalidRequest, match="what is at character 3 cannot be written"):
        async with database.reading() as connection:
            await elements.named(connection, "ce\udcff", None, None)


TOO_LONG = "INSERT INTO vos (name, known_since, mask_revision) VALUES (REPEAT('x', 65), NOW(6), 0)"


@pytest.mark.mariadb
async def test_a_mariadb_that_would_cut_is_told_not_to(mariadb: MariaDB, fresh_mariadb: str) -> None:
    usual = mariadb.execute("SELECT @@GLOBAL.sql_mode")
    mariadb.execute("SET GLOBAL sql_mode = ''")
    try:
        async with Database(fresh_mariadb) as database:
            await database.upgrade()
            with pytest.raises(DBAPIError, match="Data too long"):
                async with database.writing() as (connection, _):
                    await connection.execute(text(TOO_LONG))
    finally:
        mariadb.execute(f"SET GLOBAL sql_mode = '{usual}'")
