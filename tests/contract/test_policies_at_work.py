"""What policies do, on every database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.policies import at_work, inventory_in
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    from tests.grid import Grid

CE1 = RowName(ElementName("CE1"))


async def test_what_a_policy_governs_says_and_decides_is_counted(grid: Grid) -> None:
    async with grid.open() as operated:
        await sync(operated)
        [record] = await at_work(operated.database, operated.inspector.policies, grid.clock() - timedelta(days=1))
        assert record.rows["all"] == sum(record.verdicts.values()) == record.decides
        assert record.verdicts[Status.BANNED] == 1
        assert record.decided >= record.decides
        await operated.statuses.set(ADMIN, [CE1], Status.ACTIVE, "Tried.")
        [held] = await at_work(operated.database, operated.inspector.policies, grid.clock() + timedelta(days=1))
        assert (held.decides, held.decided) == (record.decides - 1, 0)


async def test_a_database_without_anything_in_it_has_no_inventory(grid: Grid, database_url: str) -> None:
    async with grid.open() as operated:
        assert await inventory_in(Settings(database=database_url)) is None
        await sync(operated)
        found = await inventory_in(Settings(database=database_url))
    assert found is not None
    assert {element.key.name for element in found.elements} >= {"CE1", "CE2", "CE3"}
