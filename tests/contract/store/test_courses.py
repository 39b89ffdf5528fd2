"""The last version of each downtime, and how often it had changed, on every database."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import ElementKey
from gridmask.store import downtimes
from tests.clocks import NOW, at
from tests.contract import books

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.store.database import Database

CE = ElementKey("Resource", "ComputingElement", "CE1")
DOWNTIME = Downtime(DowntimeKey("feed", "1"), frozenset({CE}), Interval(at(), at(hours=3)), "Outage")
OTHER = replace(DOWNTIME, key=DowntimeKey("other", "1"), interval=Interval(at(), None))


async def save(database: Database, hours: float, *saved: Downtime) -> None:
    async with database.writing() as (connection, _):
        await downtimes.save(connection, saved, at(hours=hours))


async def withdraw(database: Database, hours: float, *withdrawn: Downtime) -> None:
    async with database.writing() as (connection, _):
        await downtimes.withdraw(connection, (one.key for one in withdrawn), at(hours=hours))


async def latest(database: Database, since: datetime = NOW) -> list[tuple[Downtime, str | None, int]]:
    async with database.reading() as connection:
        found = await downtimes.latest(connection, since)
    return [(version.downtime, version.ended_by, changes) for version, changes in found]


async def test_every_edit_withdrawal_and_return_counts(database: Database) -> None:
    edited = replace(DOWNTIME, description="Longer")
    await save(database, 0, DOWNTIME, OTHER)
    assert await latest(database) == [(DOWNTIME, None, 0), (OTHER, None, 0)]
    await save(database, 1, edited)
    assert (edited, None, 1) in await latest(database)
    await withdraw(database, 2, edited)
    assert (edited, "withdrawal", 2) in await latest(database)
    await save(database, 3, DOWNTIME)
    assert await latest(database) == [(OTHER, None, 0), (DOWNTIME, None, 3)]


async def test_what_was_over_or_gone_by_then_is_left_out(database: Database) -> None:
    await save(database, 0, DOWNTIME, OTHER)
    await withdraw(database, 1, OTHER)
    assert len(await latest(database, at(hours=0.5))) == 2
    assert await latest(database, at(hours=1)) == [(DOWNTIME, None, 0)]
    assert await latest(database, at(hours=3)) == []


async def test_many_downtimes_cost_few_questions(database: Database) -> None:
    many = [replace(DOWNTIME, key=DowntimeKey("feed", str(number))) for number in range(300)]
    await save(database, 0, *many)
    with books.counted(database) as statements:
        assert len(await latest(database)) == 300
    assert len([one for one in statements if one.startswith("SELECT")]) == 5


async def test_whatever_happens_to_a_downtime_moves_the_mark(database: Database) -> None:
    async def mark() -> downtimes.Mark:
        async with database.reading() as connection:
            return await downtimes.mark(connection)

    marks = [await mark()]
    for saved in (DOWNTIME, OTHER, replace(DOWNTIME, description="Longer")):
        await save(database, 0, saved)
        marks.append(await mark())
    for gone in (DOWNTIME, OTHER):
        await withdraw(database, 0, gone)
        marks.append(await mark())
    assert len(set(marks)) == 6
