"""What policies do, on every database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.policies import at_work, inventory_in, said
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings
from gridmask.store import deciding
from gridmask.store.deciding import Deciding
from tests.grid import ADMIN, catch_up, outage, sync

if TYPE_CHECKING:
    import pytest

    from tests.grid import Grid

CE1 = RowName(ElementName("CE1"))


async def test_what_a_policy_governs_says_and_decides_is_counted(grid: Grid) -> None:
    async with grid.open() as operated:
        await sync(operated)
        [record] = (await at_work(operated.database, operated.inspector.policies, grid.clock() - timedelta(days=1))).records
        assert record.rows["all"] == sum(record.verdicts.values()) == record.decides
        assert record.verdicts[Status.BANNED] == 1
        assert record.decided >= record.decides
        await operated.statuses.set(ADMIN, [CE1], Status.ACTIVE, "Tried.")
        [held] = (await at_work(operated.database, operated.inspector.policies, grid.clock() + timedelta(days=1))).records
        assert (held.decides, held.decided) == (record.decides - 1, 0)


async def test_of_very_many_decisions_the_newest_are_counted(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "CHUNK", 2)
    async with grid.open() as operated:
        await sync(operated)
        grid.clock.advance(hours=2)  # the downtime of one is over
        await catch_up(operated)
        async with operated.database.reading() as connection:
            whole = await deciding.counted(connection, grid.clock() - timedelta(days=1))
            late = await deciding.counted(connection, grid.clock())
            some = await deciding.counted(connection, grid.clock() - timedelta(days=1), most=3)
            just = await deciding.counted(connection, grid.clock() - timedelta(days=1), most=sum(whole.times.values()))
    assert (whole.is_whole, late.is_whole, some.is_whole) == (True, True, False)
    assert just == whole
    assert sum(whole.times.values()) > sum(some.times.values()) == 3
    assert dict(late.times) == {Deciding("all", "all", "declared-downtimes"): 1}
    assert grid.clock() - timedelta(hours=2) == some.since


async def test_a_database_without_anything_in_it_has_no_inventory(grid: Grid, upgradable_url: str) -> None:
    async with grid.open() as operated:
        assert await inventory_in(Settings(database=upgradable_url)) is None
        await sync(operated)
        found = await inventory_in(Settings(database=upgradable_url))
    assert found is not None
    assert {element.key.name for element in found.elements} >= {"CE1", "CE2", "CE3"}


async def test_who_takes_a_row_again_within_a_day_has_it_flap(grid: Grid) -> None:
    async with grid.open() as operated:
        grid.announce()
        await sync(operated)
        for number, quiet in enumerate((40, 2, 2)):
            now = grid.clock()
            grid.announce(outage(str(number), "CE1", now, now + timedelta(hours=1), Description="x" * number))
            await sync(operated, "feed", force=True)
            grid.clock.advance(hours=2)
            await catch_up(operated)
            grid.clock.advance(hours=quiet)
        policies = operated.inspector.policies
        whole, late = [
            (await at_work(operated.database, policies, grid.clock() - timedelta(days=days), "cms")).records[0].flaps
            for days in (7, 0)
        ]
    # four hours apart is a flap, forty-two are none
    assert (whole, late) == (1, 0)


async def test_what_a_policy_says_of_each_row_is_told_as_the_vo_reads_it(grid: Grid) -> None:
    async with grid.open() as operated:
        await sync(operated)
        await operated.statuses.set(ADMIN, [RowName(ElementName("CE2"))], Status.DEGRADED, "Tried.")
        policies = operated.inspector.policies
        found = {one.element.key.name: one for one in await said(operated.database, policies, policies.policies[0], "cms")}
        offered = {line.element.key.name for line in (await operated.matrices.of("cms")).lines}
    assert found.keys() == offered
    assert (found["CE1"].status, found["CE1"].decides) == (Status.BANNED, True)
    assert (found["CE2"].status, found["CE2"].decides, found["CE2"].asks) == (Status.DEGRADED, False, True)
    assert (found["CE2"].is_held, found["CE2"].is_guarded) == (True, False)
    assert found["CE2"].verdict is not None
