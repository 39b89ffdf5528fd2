"""Values: what goes into a database comes out again, or is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from gridmask.domain.element import Element, ElementKey
from gridmask.domain.errors import InvalidConfiguration, InvalidRequest
from gridmask.store import elements, policy_layers
from gridmask.store import sources as known_sources
from gridmask.store.database import Database
from gridmask.store.tables import audit, sources, vos
from tests.clocks import NOW
from tests.contract import books

if TYPE_CHECKING:
    from tests.postgresql import PostgreSQL
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


NO_TEXT = {"what is no letter": "ce\udcff", "a null": "ce\0"}
REFUSED = r"what is at character 3 (cannot be written|is a null character)"


@pytest.mark.parametrize("prose", ["x" * 16_001, *NO_TEXT.values()], ids=["too long", *NO_TEXT])
async def test_prose_that_cannot_be_kept_is_refused(database: Database, prose: str) -> None:
    signed = {"at": NOW, "actor": "admin", "actor_kind": "person", "action": "released"}
    with pytest.raises(InvalidRequest, match=f"16,000 are allowed|{REFUSED}"):
        async with database.writing() as (connection, _):
            await connection.execute(insert(audit).values(comment=prose, **signed))


@pytest.mark.parametrize("name", NO_TEXT.values(), ids=NO_TEXT)
async def test_a_name_that_is_no_text_is_refused_even_as_a_question(database: Database, name: str) -> None:
    with pytest.raises(InvalidRequest, match=REFUSED):
        async with database.reading() as connection:
            await elements.named(connection, name, None, None)


@pytest.mark.parametrize("written", NO_TEXT.values(), ids=NO_TEXT)
async def test_a_long_text_that_is_none_is_refused(database: Database, written: str) -> None:
    version = policy_layers.Version("cms", 1, "0" * 64, "admin", NOW)
    with pytest.raises(InvalidRequest, match=REFUSED):
        async with database.writing() as (connection, _):
            await policy_layers.add(connection, policy_layers.Layer(version, written))


async def test_why_a_source_failed_is_kept_whatever_it_said(database: Database) -> None:
    async with database.writing() as (connection, _):
        await known_sources.register(connection, [known_sources.Declared("osg", "toml", "", "")])
        await known_sources.note_failure(connection, "osg", NOW, "'a\0b\udcff' is no JSON")
    async with database.reading() as connection:
        assert await connection.scalar(select(sources.c.failure)) == r"'a\x00b\udcff' is no JSON"


STRANGE = (
    "",
    "%",
    "_",
    "'; DROP TABLE vos; --",
    "\\",
    "\\x00",
    "{}",
    "$1",
    ":name",
    "%(name)s",
    "\t\n\x1f\x7f",
    "\ufeff\uffff",
)


async def test_strange_names_come_back_as_they_were_and_are_found(database: Database) -> None:
    keys = [ElementKey("Resource", "ComputingElement", name) for name in STRANGE]
    async with database.writing() as (connection, _):
        await elements.save(connection, (Element(key, key.name) for key in keys), NOW)
    async with database.reading() as connection:
        for key in keys:
            assert await elements.named(connection, key.name, None, None) == [Element(key, key.name)]
            assert key in await elements.beginning(connection, {"name": [key.name]})


async def test_names_are_sorted_by_character_on_every_database(database: Database) -> None:
    names = ["CE10", "CE2", "Ce1", "a-b", "a_b", "ab", "b", "ce1", "\xe9", "\u4e2d", TELESCOPE]
    assert names == sorted(names)
    for name in reversed(names):
        await keep(database, NOW, name)
    async with database.reading() as connection:
        assert list(await connection.scalars(select(vos.c.name).order_by(vos.c.name))) == names
        later = select(vos.c.name).where(vos.c.name > "a_b").order_by(vos.c.name.desc())
        assert list(await connection.scalars(later)) == names[:4:-1]


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


@pytest.mark.postgresql
async def test_a_postgresql_database_in_another_encoding_is_refused(postgresql: PostgreSQL) -> None:
    postgresql.execute("CREATE DATABASE latin ENCODING LATIN1 LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0")
    async with Database(f"{postgresql.url}/latin") as database:
        with pytest.raises(InvalidConfiguration, match=r"'latin' keeps texts as LATIN1.* make it anew: CREATE DATABASE"):
            await database.upgrade()


@pytest.mark.postgresql
async def test_sessions_on_postgresql_are_in_utc_and_wait_for_nothing_for_ever(fresh_postgresql: str) -> None:
    asked = ("TimeZone", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "search_path")
    url = f"{fresh_postgresql}?options=-c search_path=grid -c lock_timeout=1s"
    async with Database(url) as database, database.reading() as connection:
        found = [await connection.scalar(text(f"SHOW {name}")) for name in asked]
    assert found == ["UTC", "1s", "5min", "5min", "grid"]
