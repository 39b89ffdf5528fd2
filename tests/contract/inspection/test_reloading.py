"""Policy files that change while everything runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.contract import books
from tests.contract.books import Sabotage, sabotaged
from tests.grid import said, sync, toml_policies

if TYPE_CHECKING:
    from pathlib import Path

    from tests.grid import Grid

BANNED = '[policy.closed]\ntype = "always"\narguments = { status = "Banned" }\n'


def change(folder: Path, text: str, tick: int, **vos: str) -> None:
    """Write the files anew, at another moment than before."""
    for path in [*toml_policies(folder, text, **vos).rglob("*.toml")]:
        os.utime(path, ns=(tick, tick))


async def test_files_that_change_are_in_force_at_the_next_look(grid: Grid) -> None:
    change(grid.folder, "", 1)
    async with grid.open(policies=grid.folder / "policies") as made:
        await sync(made)
        assert not await made.reloading.look()
        change(grid.folder, "", 2, cms=BANNED)
        assert await made.reloading.look()
        assert set(said(await made.masks.mask("cms")).values()) == {"Banned"}
        assert set(said(await made.masks.mask("atlas")).values()) == {"Active", "Banned"}
        assert not await made.reloading.look()


async def test_files_that_are_wrong_are_refused_whole_and_told(grid: Grid) -> None:
    change(grid.folder, "", 1)
    async with grid.open(policies=grid.folder / "policies") as made:
        await sync(made)
        before = said(await made.masks.mask("cms"))
        change(grid.folder, BANNED, 2, cms="[policy.x]\ntyp = 'always'\n")
        assert not await made.reloading.look()
        assert "cms.toml" in (made.reloading.problem or "")
        assert said(await made.masks.mask("cms")) == before
        change(grid.folder, "", 3, cms="")
        await made.reloading.look()
        assert made.reloading.problem is None


async def test_each_revision_is_kept_with_its_author(grid: Grid) -> None:
    change(grid.folder, "", 1)
    async with grid.open(policies=grid.folder / "policies") as made:
        change(grid.folder, BANNED, 2)
        await made.reloading.look()
        kept = (await books.read(made.database))["policy_revisions"]
        assert len(kept) == 2
        assert all(row[-1] for row in kept)


async def test_what_is_written_otherwise_and_means_the_same_changes_nothing(grid: Grid) -> None:
    change(grid.folder, "", 1)
    async with grid.open(policies=grid.folder / "policies") as made:
        await sync(made)
        change(grid.folder, "# a remark\n", 2)
        assert not await made.reloading.look()


async def test_files_that_could_not_be_put_into_force_are_tried_again_at_the_next_look(grid: Grid) -> None:
    change(grid.folder, "", 1)
    async with grid.open(policies=grid.folder / "policies") as made:
        await sync(made)
        await made.reloading.look()
        change(grid.folder, BANNED, 2)
        with sabotaged(made.database, 1), pytest.raises(Sabotage):
            await made.reloading.look()
        assert await made.reloading.look()
