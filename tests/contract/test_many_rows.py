"""What is done to many rows at once is asked of the database together, however many they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from gridmask.domain.errors import NotKnown
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation


def named(*names: str) -> list[RowName]:
    return [RowName(ElementName(name)) for name in names]


async def statements(made: Installation, status: Status, *names: str) -> int:
    """How many statements it takes to set these."""
    seen: list[object] = []

    def note(*told: object) -> None:
        seen.append(told[2])

    event.listen(made.database.engine.sync_engine, "before_cursor_execute", note)
    await made.statuses.set(ADMIN, named(*names), status, "They eat jobs.")
    event.remove(made.database.engine.sync_engine, "before_cursor_execute", note)
    return len(seen)


async def test_several_rows_take_no_more_statements_than_one(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await statements(made, Status.BANNED, "CE1", "CE2", "CE3")
        several = await statements(made, Status.DEGRADED, "CE1", "CE2", "CE3")
        assert several == await statements(made, Status.ACTIVE, "CE1")


async def test_the_one_of_many_that_is_not_known_is_told(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        with pytest.raises(NotKnown, match="CE33"):
            await made.statuses.set(ADMIN, named("CE1", "CE33"), Status.BANNED, "x")
