"""What the check of a database finds, where somebody has tampered with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, literal, update

from gridmask.store.check import Finding, check
from gridmask.store.database import Database
from gridmask.store.tables import audit, counter, outbox, statuses, vos
from tests.grid import sync

if TYPE_CHECKING:
    from tests.grid import Grid


async def found_after(grid: Grid, *damage: Any) -> list[Finding]:  # noqa: ANN401 - statements of any kind
    """What the check finds on ``grid`` after its sources were read and ``damage`` was done."""
    async with grid.open() as made:
        await sync(made)
        async with made.database.engine.begin() as connection:
            for statement in damage:
                await connection.execute(statement)
        return await check(made.database)


async def test_nothing_is_found_where_nothing_is_wrong(grid: Grid) -> None:
    assert await found_after(grid) == []


async def test_a_database_without_a_schema_is_told(database_url: str) -> None:
    async with Database(database_url) as database:
        assert [finding.check for finding in await check(database)] == ["schema"]


@pytest.mark.parametrize(
    "damage",
    [
        update(counter).values(revision=counter.c.revision + 1),
        update(counter).values(revision=counter.c.revision - 1),
        delete(audit).where(audit.c.revision == 1),
        update(vos).where(vos.c.name == "cms").values(mask_revision=99),
    ],
)
async def test_revisions_that_are_missing_or_beyond_the_counter_are_found(grid: Grid, damage: Any) -> None:  # noqa: ANN401
    assert "revisions" in {finding.check for finding in await found_after(grid, damage)}


async def test_a_revision_that_the_outside_will_never_learn_of_is_found(grid: Grid) -> None:
    [finding] = await found_after(grid, delete(outbox).where(outbox.c.key == "revision-1"))
    assert finding.check == "outbox"


async def test_an_element_without_a_row_of_all_is_named(grid: Grid) -> None:
    [finding] = await found_after(grid, delete(statuses).where(statuses.c.vo == "all", statuses.c.element_id == 1))
    assert finding.check == "rows"
    assert "all." in finding.text


async def test_a_row_of_a_vo_that_does_not_exist_is_found(grid: Grid) -> None:
    stray = insert(statuses).from_select(
        [column.name for column in statuses.c],
        statuses.select()
        .with_only_columns(*(literal("nobody") if column.name == "vo" else column for column in statuses.c))
        .where(statuses.c.vo == "all", statuses.c.element_id == 1),
    )
    [finding] = await found_after(grid, stray)
    assert "nobody" in finding.text
