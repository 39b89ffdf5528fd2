"""The ladder changes how long an answer takes, and never the answer."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from sqlalchemy import delete, select, update

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store import ladder, past, snapshots
from gridmask.store.check import check
from gridmask.store.pictures import Picture, State, packed, unpacked
from gridmask.store.snapshots import Rung
from gridmask.store.tables import changes, element_versions
from gridmask.store.tables import snapshots as table
from gridmask.store.versions import Version
from gridmask.store.vos import last_revision
from tests.clocks import at
from tests.contract.test_looking_back import ACTS, COMINGS, SCRIPTS, Script, is_edited, looked_back, played, scripts
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.store.database import Database
    from gridmask.store.past import Scene

EVERYTHING = (*ACTS, *COMINGS, is_edited)


async def replayed(database: Database, revision: int) -> tuple[dict[Any, State], dict[int, Version]]:
    """What there was after ``revision``, by going through all that ever happened, one by one."""
    rows: dict[Any, State] = {}
    listed: dict[int, Version] = {}
    async with database.reading() as connection:
        for change in await connection.execute(select(changes).order_by(changes.c.id)):
            key = (change.element_id, change.status_type, change.vo)
            if not 1 <= change.revision <= revision or not change.status_type:
                continue
            rows[key] = State(change.new, change.at, change.binding)
            if change.new is None:
                del rows[key]
        for version in await connection.execute(select(element_versions).order_by(element_versions.c.revision)):
            if version.revision <= revision:
                listed.pop(version.element_id, None)
                said = (version.site, version.category, version.in_service, version.offered, version.basis)
                listed |= {version.element_id: Version(version.element_id, *said)} if version.listed else {}
    return rows, listed


async def scenes(made: Installation) -> list[Scene]:
    """What there was after each revision."""
    async with made.database.reading() as connection:
        return [await past.scene(connection, number) for number in range(await last_revision(connection) + 1)]


async def climbed(database: Database, step: int) -> list[Rung]:
    """All rungs that are due."""
    found = []
    while rung := await ladder.climb(database, step):
        found.append(rung)
    return found


async def agrees(made: Installation, seed: int) -> None:
    """Every scene is the same without a ladder, with one, and with what is left of one."""
    without = await scenes(made)
    rungs = await climbed(made.database, 3)
    assert await scenes(made) == without
    async with made.database.writing() as (connection, _):
        lost = Random(seed).sample([rung.revision for rung in rungs], len(rungs) // 2)
        await snapshots.drop(connection, lost)
    assert await scenes(made) == without
    assert await check(made.database) == []


async def test_with_and_without_a_ladder_the_past_is_the_same(grid: Grid) -> None:
    async with grid.open() as made:
        play = await played(grid, made, scripts(*EVERYTHING, seed=5, length=25))
        await agrees(made, 5)
        assert await looked_back(play) == (0, 0)


@settings(max_examples=8)
@given(script=SCRIPTS)
async def test_a_snapshot_is_what_all_that_happened_comes_to(tmp_path_factory: pytest.TempPathFactory, script: Script) -> None:
    grid = Grid(tmp_path_factory.mktemp("grid"))
    async with grid.open() as made:
        await played(grid, made, script)
        for rung in await climbed(made.database, 1):
            async with made.database.reading() as connection:
                found = await snapshots.read(connection, rung.revision)
            assert found is not None
            assert (found.rows, found.versions) == await replayed(made.database, rung.revision)
        await agrees(made, len(script))


async def test_no_question_looks_at_more_changes_than_a_step(grid: Grid) -> None:
    async with grid.open() as made:
        await played(grid, made, scripts(*EVERYTHING, seed=6, length=25))
        rungs = await climbed(made.database, 5)
        async with made.database.reading() as connection:
            numbers = list(await connection.scalars(select(changes.c.revision).order_by(changes.c.revision)))
        assert [rung.seen for rung in rungs] == [sum(number <= rung.revision for number in numbers) for rung in rungs]
        for below, above in zip([0, *(rung.revision for rung in rungs)], [rung.revision for rung in rungs], strict=False):
            assert sum(below < number < above for number in numbers) < max(5, *(rung.rows for rung in rungs))


async def test_a_snapshot_that_cannot_be_read_is_passed_over_and_found(grid: Grid) -> None:
    async with grid.open() as made:
        await played(grid, made, scripts(*EVERYTHING, seed=7, length=6))
        without = await scenes(made)
        assert await climbed(made.database, 3)
        for body in (b"nothing", packed(Picture(99))):
            async with made.database.writing() as (connection, _):
                await connection.execute(update(table).values(body=body))
            assert await scenes(made) == without
            assert {finding.check for finding in await check(made.database)} == {"snapshots"}


async def test_a_snapshot_that_is_wrong_is_found(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [RowName(ElementName("CE1"))], Status.BANNED, "smoke")
        [*_, rung] = await climbed(made.database, 1)
        async with made.database.writing() as (connection, _):
            await connection.execute(delete(table))
            await snapshots.keep(connection, rung, packed(Picture(rung.revision)))
        assert {finding.check for finding in await check(made.database)} == {"snapshots"}


async def test_who_comes_second_with_a_snapshot_changes_nothing(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        [rung, *_] = await climbed(made.database, 1)
        async with made.database.writing() as (connection, _):
            assert not await snapshots.keep(connection, rung, b"another")
            assert await snapshots.read(connection, rung.revision) is not None


async def test_what_is_larger_than_a_message_may_be_is_kept_in_parts(database: Database) -> None:
    random = Random(1)
    rows = {(number, f"{random.random()}", "all"): State(1, at(hours=number), binding=False) for number in range(60_000)}
    picture = Picture(7, rows, {1: Version(1, "SITE", "other", in_service=True, offered=frozenset({"cms", "atlas"}))})
    async with database.writing() as (connection, _):
        await snapshots.keep(connection, Rung(7, at(), 60_000, 60_000), packed(picture))
    async with database.reading() as connection:
        assert len((await connection.execute(select(table.c.part))).all()) > 1
        assert await snapshots.nearest(connection, 8) == picture
        assert await snapshots.nearest(connection, 6) == Picture()


def test_what_is_packed_comes_out_again() -> None:
    since = at(hours=1).replace(microsecond=1)
    rows = {(3, "all", "cms"): State(0, since, binding=True), (1, "ReadAccess", "all"): State(5, at(), binding=False)}
    picture = Picture(2, rows, {2: Version(2, "\xe9 ", "", in_service=False, offered=frozenset(), basis="guess")})
    assert unpacked(packed(picture)) == picture
    assert unpacked(packed(picture)[:-1]) is None


def test_old_rungs_are_thinned_out_as_far_as_gaps_stay_small() -> None:
    rungs = [Rung(number, at(days=number), number * 100, 10) for number in range(1, 21)]
    left = [rung for rung in rungs if rung.revision not in ladder.sparse(rungs, at(days=13), step=100)]
    assert [rung.revision for rung in left] == [4, 8, 12, *range(13, 21)]
    assert ladder.sparse(left, at(days=13), step=100) == []
