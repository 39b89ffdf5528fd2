"""All or nothing (promise K1), and nothing where there is nothing (promise D7)."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select
from structlog.testing import capture_logs

from gridmask.domain.status import Status
from gridmask.service.downtimes import Declaration
from gridmask.service.selection import ElementName, RowName
from gridmask.store.tables import audit, changes, counter, outbox, statuses
from tests import osg
from tests.clocks import at
from tests.contract import books
from tests.contract.books import Sabotage, sabotaged
from tests.grid import ADMIN, CMS, catch_up, outage, sync

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

CE1 = RowName(ElementName("CE1"))
BOOKS = ("statuses", "changes", "decisions", "audit", "outbox", "downtimes")


async def sets_a_status(made: Installation) -> None:
    await made.statuses.set(ADMIN, [CE1], Status.ERROR, "security", binding=True)


async def declares_a_downtime(made: Installation) -> None:
    declared = Declaration((ElementName("CE1"), ElementName("CE2")), at(), at(hours=1), "OUTAGE", "cooling", "cms")
    await made.downtimes.add(CMS, declared)


async def whatever_fails(made: Installation, happens: Callable[[Installation], Awaitable[None]]) -> int:
    """Lets each changing statement of what ``happens`` fail in turn. Returns how many there are.

    That a source failed is noted with it, and told, afterwards.
    """
    before = await _but_for_sources(made)
    for number in itertools.count(1):
        with sabotaged(made.database, number), capture_logs():
            try:
                await happens(made)
            except Sabotage:
                assert await _but_for_sources(made) == before
            else:
                return number - 1
    raise AssertionError


async def _but_for_sources(made: Installation) -> books.Books:
    found = await books.read(made.database)
    return {**found, "sources": [], "outbox": [row for row in found["outbox"] if row[2] != "source"]}


@pytest.mark.parametrize("happens", [sets_a_status, declares_a_downtime])
async def test_whatever_fails_on_the_way_leaves_nothing_behind(
    grid: Grid, happens: Callable[[Installation], Awaitable[None]]
) -> None:
    async with grid.open() as made:
        await sync(made)
        before = await books.counts(made.database, "changes", "audit", "outbox")
        assert await whatever_fails(made, happens) >= 6
        after = await books.counts(made.database, "changes", "audit", "outbox")
        assert {table: after[table] > before[table] for table in after} == dict.fromkeys(after, True)


async def test_a_source_that_cannot_be_taken_in_whole_is_not_taken_in_at_all(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.publish(osg.group("SITE", *(osg.resource(name, "CE", "GridFtp") for name in ("CE1", "CE2", "CE3", "CE4"))))
        grid.announce(outage("1", "CE1", at(hours=-1), at(hours=2)), outage("2", "CE4", at(), at(hours=2), "GridFtp"))
        for name in ("osg", "feed"):

            async def happens(made: Installation, name: str = name) -> None:
                if (await sync(made, name))[name].failure:
                    raise Sabotage

            assert await whatever_fails(made, happens) >= 8


async def test_a_commit_that_fails_leaves_nothing_behind(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before, engine = await books.read(made.database), made.database.engine.sync_engine

        def strike(_: object) -> None:
            raise Sabotage

        event.listen(engine, "commit", strike)
        with pytest.raises(Sabotage):
            await sets_a_status(made)
        event.remove(engine, "commit", strike)
        assert await books.read(made.database) == before


async def test_a_change_is_in_all_books_under_one_revision(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        outcome, _ = await made.statuses.set(ADMIN, [CE1], Status.ERROR, "broken")
        revision = outcome.revision
        async with made.database.reading() as connection:
            assert await connection.scalar(select(counter.c.revision)) == revision
            signed = (await connection.execute(select(audit).where(audit.c.revision == revision))).one()
            told = (await connection.execute(select(outbox).where(outbox.c.key == f"revision-{revision}"))).one()
            [change] = await connection.execute(select(changes).where(changes.c.revision == revision))
            kept = (await connection.execute(select(statuses).where(statuses.c.revision == revision))).one()
        assert (signed.actor, signed.comment, told.payload) == ("admin", "broken", {"revision": revision})
        assert (change.old, change.new, change.kind, change.token_owner) == (Status.BANNED, Status.ERROR, "status", "admin")
        assert (kept.element_id, kept.status) == (change.element_id, Status.ERROR)


async def test_the_same_answer_again_makes_no_revision_and_no_decision(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = await books.counts(made.database, *BOOKS)
        grid.clock.advance(minutes=10)
        for file in (grid.inventory, grid.feed):
            file.write_bytes(file.read_bytes() + b"<!-- another answer that says the same -->")
        again = await sync(made)
        assert {name: (r.unchanged, r.revision, r.added, r.edited, r.removed) for name, r in again.items()} == {
            "osg": (False, None, 0, 0, 0),
            "feed": (False, None, 0, 0, 0),
        }
        assert await books.counts(made.database, *BOOKS) == before


async def test_the_same_file_again_is_not_even_read(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = await books.counts(made.database, *BOOKS)
        assert {name: (r.unchanged, r.revision) for name, r in (await sync(made)).items()} == {
            "osg": (True, None),
            "feed": (True, None),
        }
        assert await books.counts(made.database, *BOOKS) == before


async def test_a_sweep_over_what_is_as_it_was_leaves_one_mark(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = await books.read(made.database)
        grid.clock.advance(minutes=10)
        assert await made.inspector.sweep(batch=2) == 0
        after = await books.read(made.database)
        [mark] = after.pop("sweeps")
        before.pop("sweeps")
        assert mark[1:] == (grid.clock.now, 4, 0, made.inspector.policies.revision)
        assert after == before


async def test_a_decision_is_kept_when_the_verdicts_are_others_though_the_status_is_not(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = await books.counts(made.database, *BOOKS)
        grid.announce(
            outage("1", "CE1", at(hours=-1), at(hours=1)),
            outage("2", "CE1", at(hours=-1), at(hours=2)),
        )
        assert (await sync(made, "feed"))["feed"].revision is None
        after = await books.counts(made.database, *BOOKS)
        assert after == {**before, "decisions": before["decisions"] + 1, "downtimes": 2}
        grid.clock.now = at(hours=1)
        assert await catch_up(made) == 0
        assert (await books.counts(made.database, "decisions"))["decisions"] == after["decisions"] + 1
