"""What the check of a database finds, where somebody has tampered with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, literal, select, update

from gridmask.store import consistency
from gridmask.store.check import check
from gridmask.store.database import Database
from gridmask.store.findings import Finding
from gridmask.store.tables import (
    audit,
    changes,
    counter,
    downtimes,
    element_handles,
    outbox,
    policy_layers,
    statuses,
    vos,
)
from tests.clocks import NOW
from tests.grid import sync

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
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
        update(audit).where(audit.c.revision == 1).values(revision=None),
        update(vos).where(vos.c.name == "cms").values(mask_revision=99),
    ],
)
async def test_revisions_that_are_missing_or_beyond_the_counter_are_found(grid: Grid, damage: Any) -> None:  # noqa: ANN401
    assert "revisions" in {finding.check for finding in await found_after(grid, damage)}


async def test_a_revision_that_the_outside_will_never_learn_of_is_found(grid: Grid) -> None:
    [finding] = await found_after(grid, delete(outbox).where(outbox.c.key == "revision-2"))
    assert finding.check == "outbox"


async def test_an_element_without_a_row_of_all_is_named(grid: Grid) -> None:
    found = await found_after(grid, delete(statuses).where(statuses.c.vo == "all", statuses.c.element_id == 1))
    assert {finding.check for finding in found} == {"rows"}
    assert "without a row of 'all': " in found[0].text


async def test_a_row_of_a_vo_that_does_not_exist_is_found(grid: Grid) -> None:
    stray = insert(statuses).from_select(
        [column.name for column in statuses.c],
        statuses.select()
        .with_only_columns(*(literal("nobody") if column.name == "vo" else column for column in statuses.c))
        .where(statuses.c.vo == "all", statuses.c.element_id == 1),
    )
    found = await found_after(grid, stray)
    assert {finding.check for finding in found} == {"rows"}
    assert all("nobody" in finding.text for finding in found)


LAST = changes.c.revision == 2
HALF_CHANGES = {
    "a status without its change": (update(statuses).values(status=0).where(statuses.c.status == 1), "rows"),
    "a row at another revision": (update(statuses).values(revision=1).where(statuses.c.revision == 2), "rows"),
    "a token that no change tells of": (update(statuses).values(token_owner="me").where(statuses.c.element_id == 1), "rows"),
    "a row that is gone": (delete(statuses).where(statuses.c.element_id == 1), "rows"),
    "a change that is gone": (delete(changes).where(LAST), "rows"),
    "a row without history": (delete(changes).where(changes.c.element_id == 1), "rows"),
    "an end that did not come": (update(changes).values(kind="ended").where(LAST), "rows"),
    "another status before": (update(changes).values(old=3).where(LAST), "history"),
    "a change by somebody else": (update(changes).values(actor="me").where(LAST), "audit"),
    "a change that nobody signed for": (update(changes).values(revision=9).where(LAST), "audit"),
    "a term of nobody": (update(statuses).values(token_agreed=True).where(statuses.c.element_id == 1), "tokens"),
    "two versions at a time": (
        insert(downtimes).from_select(
            [column.name for column in downtimes.c if column.name != "id"],
            select(*(column for column in downtimes.c if column.name != "id")),
        ),
        "downtimes",
    ),
    "a host that nobody has": (insert(element_handles).values(element_id=1, handle="stray.example.org"), "handles"),
    "policies that begin in the middle": (
        insert(policy_layers).values(
            {"vo": "cms", "version": 2, "revision": "x", "text": "", "author": "me", "put_at": NOW, "reason": ""}
        ),
        "policies",
    ),
}


async def test_what_is_half_there_is_found(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        missed = [name for name, (damage, check_) in HALF_CHANGES.items() if check_ not in await found_with(made, damage)]
    assert missed == []


async def found_with(made: Installation, damage: Any) -> set[str]:  # noqa: ANN401 - a statement of any kind
    """Which checks find something after ``damage``, which is undone."""
    async with made.database.engine.connect() as connection:
        await connection.execute(damage)
        return {finding.check for examine in consistency.CHECKS async for finding in examine(connection)}
