"""Whole values: what was kept comes back equal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gridmask.domain.decision import Reason, ReasonKind, Verdict
from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import Element, ElementKey, ElementType, RowKey
from gridmask.domain.evidence import Coverage
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.domain.transition import GoodRun, Standing
from gridmask.store import downtimes, elements, sources, statuses, types
from gridmask.store.downtimes import Version
from gridmask.store.sources import Declared
from gridmask.store.tables import downtimes as downtime_table
from tests.clocks import NOW, at
from tests.contract import books

if TYPE_CHECKING:
    from gridmask.store.database import Database

CE = ElementKey("Resource", "ComputingElement", "CE1")
SE = ElementKey("Resource", "StorageElement", "SE \N{TELESCOPE} \\ ' \" % :x")
NOT_ROUND = at().replace(microsecond=123456)

ELEMENT = Element(
    SE,
    site="SITE",
    offered=frozenset({"cms", "atlas"}),
    in_service=False,
    category="storage",
    hosts=("se.example.org", "alias.example.org"),
    aliases=("z", "a"),
    tags=frozenset({"tier2", "%s"}),
    facts={"ownership": {"cms": 70, "(Other)": 30}, "production": True, "group_id": 10**17, "description": "a\nb\\n"},
    source="osg",
)
REASON = Reason(ReasonKind.DOWNTIME, "Power \N{TELESCOPE}", "feed", "1@SE", "https://example.org/1", NOT_ROUND, None)
VERDICT = Verdict("declared-downtimes", "all", Status.BANNED, (REASON, REASON), advisory=True, lasting=False, held=True)
ROW = Row(
    RowKey(SE, "ReadAccess", "cms"),
    Standing(Status.PROBING, NOT_ROUND, owes_probing=True, run=GoodRun(NOT_ROUND, 3, at(hours=1))),
    (REASON,),
    (VERDICT, replace(VERDICT, status=Status.UNKNOWN, reasons=())),
    Status.ERROR,
    Token("somebody", at(days=1)),
    binding=True,
    due=at(hours=2),
    policy_revision="f" * 64,
    revision=2**40,
)
DOWNTIME = Downtime(
    DowntimeKey("feed", "1@CE1"),
    frozenset({CE, SE}),
    Interval(NOT_ROUND, at(days=2)),
    severity="Intermittent Outage",
    scheduling="SCHEDULED",
    description="Power \N{TELESCOPE}\n'work'",
    vo="cms",
    owner="somebody",
    url="https://example.org/1",
    created_at=at(days=-3),
)


async def keep(database: Database, *rows: Row) -> None:
    async with database.writing() as (connection, _):
        await elements.save(connection, {Element(row.key.element, "SITE") for row in rows}, NOW)
        ids = await elements.ids(connection, {row.key.element for row in rows})
        await statuses.save(connection, rows, ids)


async def test_an_element_comes_back_equal(database: Database) -> None:
    async with database.writing() as (connection, _):
        await elements.save(connection, [ELEMENT, Element(CE, "SITE")], NOW)
    async with database.reading() as connection:
        assert await elements.load(connection) == {SE: ELEMENT, CE: Element(CE, "SITE")}
        assert await elements.load(connection, [SE]) == {SE: ELEMENT}


async def test_an_element_that_was_taken_out_keeps_its_number_and_comes_back(database: Database) -> None:
    async with database.writing() as (connection, _):
        await elements.save(connection, [ELEMENT], NOW)
        number = await elements.ids(connection, [SE])
        await elements.take_out(connection, [SE], NOW)
        assert await elements.load(connection) == {}
        await elements.save(connection, [replace(ELEMENT, in_service=True)], at(hours=1))
        assert await elements.load(connection) == {SE: replace(ELEMENT, in_service=True)}
        assert await elements.ids(connection, [SE]) == number


async def test_a_row_comes_back_equal(database: Database) -> None:
    bare = Row(RowKey(CE, "all", "all"), Standing(Status.UNKNOWN, NOW))
    await keep(database, ROW, bare)
    async with database.reading() as connection:
        assert {row.key: row for row in await statuses.load(connection)} == {ROW.key: ROW, bare.key: bare}
        assert await statuses.of_element(connection, SE) == {("ReadAccess", "cms"): ROW}


async def test_a_row_that_changed_replaces_itself(database: Database) -> None:
    later = replace(ROW, standing=Standing(Status.ACTIVE, at(hours=3)), token=None, binding=False, due=None, reasons=())
    await keep(database, ROW)
    await keep(database, later, replace(later, key=ROW.key._replace(vo="all")))
    async with database.reading() as connection:
        assert {row.key.vo: row.status for row in await statuses.load(connection)} == {
            "cms": Status.ACTIVE,
            "all": Status.ACTIVE,
        }
        assert later in await statuses.load(connection)


async def test_rows_are_removed_one_by_one(database: Database) -> None:
    others = [replace(ROW, key=ROW.key._replace(vo=vo)) for vo in ("all", "atlas")]
    await keep(database, ROW, *others)
    async with database.writing() as (connection, _):
        await statuses.remove(connection, [ROW.key, others[0].key], await elements.ids(connection, [SE]))
        assert await statuses.load(connection) == [others[1]]


async def test_every_status_keeps_its_meaning(database: Database) -> None:
    rows = [replace(ROW, key=ROW.key._replace(vo=s.label.lower()), standing=Standing(s, NOW), opinion=s) for s in Status]
    await keep(database, *rows)
    async with database.reading() as connection:
        assert {row.status: row.opinion for row in await statuses.load(connection)} == {s: s for s in Status}


async def test_a_downtime_comes_back_equal(database: Database) -> None:
    open_end = replace(
        DOWNTIME, key=DowntimeKey("feed", "2@CE1"), interval=Interval(NOW), targets=frozenset({CE}), created_at=None
    )
    async with database.writing() as (connection, _):
        await downtimes.save(connection, [DOWNTIME, open_end], NOT_ROUND)
    async with database.reading() as connection:
        assert await downtimes.current(connection, "feed", NOW) == {DOWNTIME.key: DOWNTIME, open_end.key: open_end}
        assert await downtimes.pending(connection, [SE.name], NOW) == [Version(DOWNTIME, NOT_ROUND)]


async def test_each_version_of_a_downtime_is_kept_with_when_it_was_known(database: Database) -> None:
    edited = replace(DOWNTIME, interval=Interval(NOT_ROUND, at(days=3)), targets=frozenset({CE}))
    async with database.writing() as (connection, _):
        await downtimes.save(connection, [DOWNTIME], NOT_ROUND)
        await downtimes.save(connection, [edited], at(hours=1))
        await downtimes.withdraw(connection, [DOWNTIME.key], at(hours=2))
    first = Version(DOWNTIME, NOT_ROUND, at(hours=1), downtimes.EDIT)
    second = Version(edited, at(hours=1), at(hours=2), downtimes.WITHDRAWAL)
    async with database.reading() as connection:
        assert await downtimes.versions(connection, downtime_table.c.source == "feed") == [first, second]
        assert await downtimes.current(connection, "feed", NOW) == {}
        assert await downtimes.pending(connection, None, NOW) == []


async def test_what_is_over_is_not_pending(database: Database) -> None:
    async with database.writing() as (connection, _):
        await downtimes.save(connection, [DOWNTIME], NOW)
        assert await downtimes.pending(connection, [CE.name], at(days=2)) == []
        assert await downtimes.pending(connection, [CE.name], at(days=2, hours=-1)) == [Version(DOWNTIME, NOW)]


async def test_what_is_over_is_known_where_it_is_listed_still(database: Database) -> None:
    async with database.writing() as (connection, _):
        await downtimes.save(connection, [DOWNTIME], NOW)
        assert await downtimes.current(connection, "feed", at(days=2)) == {}
        listed = await downtimes.current(connection, "feed", at(days=2), ["0@CE1", "1@CE1"])
        assert listed == {DOWNTIME.key: DOWNTIME}
        assert await downtimes.current(connection, "other", NOW, ["1@CE1"]) == {}


async def test_thousands_of_downtimes_take_a_handful_of_statements(database: Database) -> None:
    many = [replace(DOWNTIME, key=DowntimeKey("feed", f"{number}@CE1")) for number in range(2000)]
    with books.counted(database) as statements:
        async with database.writing() as (connection, _):
            await downtimes.save(connection, many, NOW)
            await downtimes.save(connection, many, at(hours=1))
            await downtimes.withdraw(connection, [downtime.key for downtime in many], at(hours=2))
    assert len(statements) < 60
    assert await books.counts(database, "downtimes", "downtime_targets") == {"downtimes": 4000, "downtime_targets": 8000}


async def test_coverage_comes_back_equal_once_its_source_answered(database: Database) -> None:
    answered = Coverage("feed", "downtime", NOT_ROUND, at(hours=6), frozenset({"osg"}))
    async with database.writing() as (connection, _):
        await sources.register(connection, [Declared("feed", "osg-downtimes", "downtime", "", answered.inventories)])
        silent = replace(answered, answered_at=None, valid_until=None)
        assert await sources.coverage(connection) == {("feed", "downtime"): silent}
        await sources.save_coverage(connection, answered)
        assert await sources.coverage(connection) == {("feed", "downtime"): answered}


async def test_a_source_that_is_configured_no_longer_covers_nothing_but_is_remembered(database: Database) -> None:
    async with database.writing() as (connection, _):
        declared = Declared("feed", "osg-downtimes", "downtime", "")
        await sources.register(connection, [declared])
        await sources.note_failure(connection, "feed", NOW, "away")
        await sources.register(connection, [])
        assert (await sources.coverage(connection), await sources.load(connection)) == ({}, [])
        await sources.register(connection, [declared])
        assert [(noted.failures, noted.failure) for noted in await sources.load(connection)] == [(1, "away")]


async def test_an_element_type_comes_back_equal_and_the_later_one_counts(database: Database) -> None:
    robot = ElementType("Tape Robot", category="storage", status_types=("WriteAccess", "ReadAccess"))
    async with database.writing() as (connection, _):
        await types.save(connection, [replace(robot, status_types=("all",))])
        await types.save(connection, [robot])
        assert await types.load(connection) == [robot]
