"""How large a database is, and how fast it grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store.stats import stats
from tests.contract import books
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    from tests.grid import Grid


async def test_each_table_is_told_with_its_rows_and_the_days_with_their_changes(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.clock.advance(days=1)
        await made.statuses.set(ADMIN, [RowName(ElementName("CE2"))], Status.BANNED, "security")
        found = await stats(made.database, grid.clock())
        rows = {table.name: table.rows for table in found.tables}
        assert rows == await books.counts(made.database, *rows)
    assert found.per_day["2026-08-22"] == 1
    assert sum(found.per_day.values()) == rows["changes"]
    assert (str(found.oldest), str(found.newest)) == ("2026-08-21 17:00:00+00:00", "2026-08-22 17:00:00+00:00")


async def test_sizes_are_told_where_the_database_can_tell(grid: Grid) -> None:
    async with grid.open() as made:
        found = await stats(made.database, grid.clock())
    changes = next(table for table in found.tables if table.name == "changes")
    assert changes.bytes
    assert changes.indexes
    assert all(changes.indexes.values())
    assert all(value >= 0 for value in found.figures.values())
    assert len(found.figures) >= 5
