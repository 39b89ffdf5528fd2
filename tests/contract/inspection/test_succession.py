"""What is judged anew when other policies come into force, and what is left alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqlalchemy import update

from gridmask.store import statuses
from gridmask.store.tables import policy_revisions
from tests.contract import books
from tests.grid import said, sync, toml_policies

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

CE2 = '[policy.two]\ntype = "always"\nmatch = {{ name = "CE2" }}\narguments = {{ status = "{0}" }}\n'
SITES = '[policy.sites]\ntype = "propagation"\nmatch = { family = "Site" }\narguments = { active_share = 1.0 }\n'


def change(folder: Path, tick: int, text: str = "", **vos: str) -> Path:
    """Write the files anew, at another moment than before."""
    policies = toml_policies(folder, text, **vos)
    for path in policies.rglob("*.toml"):
        os.utime(path, ns=(tick, tick))
    return policies


async def judged_by(made: Installation) -> dict[tuple[str, str], str]:
    """The revision by which each row was judged, by name and VO."""
    async with made.database.reading() as connection:
        return {(row.key.element.name, row.key.vo): row.policy_revision for row in await statuses.load(connection)}


async def decisions(made: Installation) -> int:
    return (await books.counts(made.database, "decisions"))["decisions"]


async def test_only_rows_that_a_change_concerns_are_judged_anew(grid: Grid) -> None:
    async with grid.open(policies=change(grid.folder, 1)) as made:
        await sync(made)
        first, before = made.inspector.policies.revision, await decisions(made)
        change(grid.folder, 2, cms=CE2.format("Banned"))
        assert await made.reloading.look()
        revisions = await judged_by(made)
        assert {key for key, revision in revisions.items() if revision != first} == {("CE2", "cms")}
        assert await decisions(made) == before + 1
        assert said(await made.masks.mask("cms"))["CE2"] == "Banned"


async def test_a_sweep_does_not_judge_what_no_change_concerned(grid: Grid) -> None:
    async with grid.open(policies=change(grid.folder, 1)) as made:
        await sync(made)
        change(grid.folder, 2, cms=CE2.format("Banned"))
        await made.reloading.look()
        before = await decisions(made), await judged_by(made)
        await made.inspector.sweep(100)
        assert (await decisions(made), await judged_by(made)) == before


async def test_a_restart_with_the_same_policies_judges_nothing(grid: Grid) -> None:
    async with grid.open(policies=change(grid.folder, 1)) as made:
        await sync(made)
        policies = change(grid.folder, 2, cms=CE2.format("Banned"))
        await made.reloading.look()
        before = await decisions(made), await judged_by(made)
    async with grid.open(policies=policies) as made:
        assert (await decisions(made), await judged_by(made)) == before


async def test_a_restart_with_other_policies_judges_what_they_concern(grid: Grid) -> None:
    async with grid.open(policies=change(grid.folder, 1)) as made:
        await sync(made)
        first = made.inspector.policies.revision
    async with grid.open(policies=change(grid.folder, 2, CE2.format("Degraded"))) as made:
        assert {name for (name, _), revision in (await judged_by(made)).items() if revision != first} == {"CE2"}
        assert said(await made.masks.mask("cms"))["CE2"] == "Degraded"


async def test_where_the_policies_before_cannot_be_read_any_more_every_row_is_judged(grid: Grid) -> None:
    async with grid.open(policies=change(grid.folder, 1)) as made:
        await sync(made)
        gone = {"all": {"policy": {"plugged": {"type": "no-longer-here"}}}}
        await made.database.change(lambda connection, _: connection.execute(update(policy_revisions).values(document=gone)))
    async with grid.open(policies=change(grid.folder, 2, CE2.format("Degraded"))) as made:
        assert set((await judged_by(made)).values()) == {made.inspector.policies.revision}


async def test_what_follows_rows_that_are_concerned_is_judged_with_them(grid: Grid) -> None:
    grid.announce()
    async with grid.open(policies=change(grid.folder, 1, SITES)) as made:
        await sync(made)
        assert await status(made, "SITE") == "Active"
        change(grid.folder, 2, SITES + CE2.format("Banned"))
        await made.reloading.look()
        assert [await status(made, name) for name in ("SITE", "CE1", "CE2")] == ["Banned", "Active", "Banned"]


async def test_what_comes_to_follow_others_sees_all_of_them(grid: Grid) -> None:
    grid.announce()
    async with grid.open(policies=change(grid.folder, 1, CE2.format("Banned"))) as made:
        await sync(made)
        change(grid.folder, 2, SITES + CE2.format("Banned"))
        await made.reloading.look()
        assert await status(made, "SITE") == "Banned"


async def status(made: Installation, name: str) -> str:
    entries = (await made.masks.mask("cms")).entries
    return next(entry.statuses[0][1].label for key, entry in entries.items() if key.name == name)
