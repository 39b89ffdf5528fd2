"""Many writers, many readers: no update is lost, and revisions become visible in order (promises K2 and K3)."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from asyncmy.errors import OperationalError as MariaDBError
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import StaleWrite
from gridmask.domain.status import Status
from gridmask.domain.vo import VoRegistry
from gridmask.inspection.inspector import Inspector
from gridmask.service.selection import ElementName, RowName
from gridmask.service.statuses import Statuses
from gridmask.service.tokens import Wanted
from gridmask.service.vos import Vos
from gridmask.store.database import Database
from gridmask.store.tables import audit, changes, counter
from tests.clocks import at
from tests.contract import books
from tests.grid import ADMIN, CMS, catch_up, said, sync

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid

CE1, CE2 = RowName(ElementName("CE1")), RowName(ElementName("CE2"))
WRITERS, WRITES, READERS = 8, 6, 3


def another_process(made: Installation, database: Database) -> Statuses:
    """The use cases around statuses, as another process on the same database has them."""
    inspector = Inspector(
        database, made.inspector.policies, TypeRegistry(), VoRegistry(frozenset({"cms"})), made.clock, lambda _: None
    )
    return Statuses(inspector, Vos(inspector, inspector.registry))


async def write(statuses: Statuses, writer: int) -> list[int]:
    """Sets rows of two elements, each time until another time. Returns the revisions that it made."""
    made = []
    for number in range(WRITES):
        until, reason = at(days=writer + 1, hours=number), f"writer {writer}, write {number}"
        outcome, _ = await statuses.set(ADMIN, [CE1, CE2], Status.BANNED, reason, wanted=Wanted(until))
        assert outcome.revision
        made.append(outcome.revision)
    return made


async def watch(database: Database, last: int) -> list[int]:
    """Looks until revision ``last`` is there. Returns the revisions in the order in which they could be seen."""
    seen: list[int] = []
    while not seen or seen[-1] < last:
        async with database.reading() as connection:
            current = await connection.scalar(select(counter.c.revision)) or 0
            [(number, latest)] = await connection.execute(select(func.count(audit.c.revision), func.max(audit.c.revision)))
            changed = await connection.scalar(select(func.max(changes.c.revision)))
        assert (number, latest, changed) == (current, current, current)
        seen.append(current)
    return seen


async def test_revisions_become_visible_in_order_and_without_gaps(grid: Grid) -> None:
    async with grid.open() as made, AsyncExitStack() as stack:
        await sync(made)
        first, last = 3, 2 + WRITERS * WRITES
        databases = [await stack.enter_async_context(Database(grid.database)) for _ in range(WRITERS + READERS)]
        writers = [write(another_process(made, database), n) for n, database in enumerate(databases[:WRITERS])]
        readers = [watch(database, last) for database in databases[WRITERS:]]
        results = await asyncio.gather(*writers, *readers)
        assert sorted(revision for made_by in results[:WRITERS] for revision in made_by) == list(range(first, last + 1))
        for seen in results[WRITERS:]:
            assert seen == sorted(seen)
        async with made.database.reading() as connection:
            written = set(await connection.scalars(select(audit.c.comment).where(audit.c.revision >= first)))
            told = select(changes.c.revision, changes.c.reasons).where(changes.c.revision >= first)
            kept = {(record.revision, record.reasons[0].text) for record in await connection.execute(told)}
        assert written == {f"writer {w}, write {n}" for w in range(WRITERS) for n in range(WRITES)}
        assert len(kept) == WRITERS * WRITES


async def test_the_second_of_two_who_saw_the_same_is_told_what_is_there_now(grid: Grid) -> None:
    async with grid.open() as made, Database(grid.database) as database:
        await sync(made)
        seen = (await made.masks.mask("all")).revision
        first, second = made.statuses, another_process(made, database)
        await first.set(ADMIN, [CE2], Status.BANNED, "security", seen=seen)
        before = await books.read(database)
        with pytest.raises(StaleWrite, match=r"changed in revision 3 \(it is Banned now\) after you saw it in revision 2"):
            await second.set(ADMIN, [CE1, CE2], Status.ACTIVE, "works again", seen=seen)
        assert await books.read(database) == before


async def test_of_many_who_saw_the_same_one_gets_through(grid: Grid) -> None:
    async with grid.open() as made, AsyncExitStack() as stack:
        await sync(made)
        databases = [await stack.enter_async_context(Database(grid.database)) for _ in range(4)]
        tries = (
            another_process(made, database).set(ADMIN, [CE2], Status(number), "mine", seen=2)
            for number, database in enumerate(databases)
        )
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(result, StaleWrite) for result in results) == 3
        assert (await made.masks.mask("all")).revision == 3


async def test_a_vo_that_saw_the_row_of_all_is_told_when_that_changed(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        seen = (await made.masks.mask("cms")).revision
        await made.statuses.set(ADMIN, [CE2], Status.BANNED, "security", seen=seen)
        with pytest.raises(StaleWrite, match="it is Banned now"):
            await made.statuses.set(CMS, [RowName(CE2.element, vo="cms")], Status.ACTIVE, "works for us", seen=seen)
        assert said(await made.masks.mask("cms"))["CE2"] == "Banned"


async def test_a_token_that_ended_is_a_change_too(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        outcome, _ = await made.statuses.set(ADMIN, [CE2], Status.ACTIVE, "mine for a day")
        grid.clock.advance(days=1)
        await catch_up(made)
        with pytest.raises(StaleWrite):
            await made.statuses.set(ADMIN, [CE2], Status.BANNED, "still mine", seen=outcome.revision)


async def test_an_event_that_the_database_gave_up_happens_once(grid: Grid) -> None:
    async with grid.open() as made:
        struck: list[str] = []

        def strike(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("INSERT INTO outbox") and not struck:
                struck.append(statement)
                raise OperationalError(statement, (), MariaDBError(1213, "Deadlock found"))

        event.listen(made.database.engine.sync_engine, "before_cursor_execute", strike)
        report = (await sync(made, "osg"))["osg"]
        assert (len(struck), report.revision, report.added) == (1, 1, 4)
        assert await books.counts(made.database, "statuses", "changes", "outbox") == {"statuses": 4, "changes": 8, "outbox": 1}
