"""What a process knew, the next one knows: the database is the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from tests.clocks import at
from tests.contract import books
from tests.grid import ADMIN, Grid, catch_up, outage, said, sync, toml_policies

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.bootstrap import Installation

VOS = ("all", "atlas", "cms")


async def served(made: Installation) -> dict[str, tuple[str, int]]:
    return {vo: ((mask := await made.masks.serve(vo)).etag, mask.revision) for vo in VOS}


def kept(grid: Grid, url: str) -> Grid:
    """The same grid on a database that lasts."""
    return Grid(grid.folder, url, grid.clock)


async def test_another_process_serves_the_very_same(grid: Grid, database_url: str) -> None:
    grid = kept(grid, database_url)
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [RowName(ElementName("CE2"))], Status.BANNED, "security", wanted=Wanted(lasting=True))
        before, held = await served(made), await books.read(made.database)
    async with grid.open() as made:
        assert await served(made) == before
        assert await books.read(made.database) == held
        assert {report.revision for report in (await sync(made)).values()} == {None}
        assert await served(made) == before


async def test_another_process_goes_on_where_the_last_one_was(grid: Grid, database_url: str) -> None:
    grid = kept(grid, database_url)
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [RowName(ElementName("CE2"))], Status.BANNED, "security", wanted=Wanted(at(hours=0.5)))
    for hours, expected in ((0.5, "Probing"), (0.75, "Probing"), (1, "Active")):
        grid.clock.now = at(hours=hours)
        async with grid.open() as made:
            await catch_up(made)
            mask = said(await made.masks.mask("cms"))
            assert (mask["CE2"], mask["CE1"]) == (expected, "Banned" if hours == 1 else "Active")


async def test_other_policies_judge_everything_anew_once(grid: Grid, database_url: str) -> None:
    grid = kept(grid, database_url)
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=1)))
    async with grid.open() as made:
        await sync(made)
    milder = '[policy.declared-downtimes]\narguments = { outage = "Degraded" }'
    policies = toml_policies(grid.folder, milder)
    async with grid.open(policies=policies) as made:
        assert said(await made.masks.mask("cms"))["CE1"] == "Degraded"
        before = await books.counts(made.database, "decisions", "changes", "audit")
    async with grid.open(policies=policies) as made:
        assert await books.counts(made.database, "decisions", "changes", "audit") == before
        assert (await made.masks.mask("cms")).revision == 3


async def test_policies_that_were_in_force_before_judge_as_before(grid: Grid, tmp_path: Path) -> None:
    grid = kept(grid, f"sqlite:///{tmp_path / 'gridmask.db'}")
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=1)))
    off = toml_policies(grid.folder, "[policy.declared-downtimes]\nenabled = false")
    seen = []
    async with grid.open() as made:
        await sync(made)
        seen.append(said(await made.masks.mask("cms"))["CE1"])
    for policies in (off, None):
        async with grid.open(policies=policies) as made:
            seen.append(said(await made.masks.mask("cms"))["CE1"])
    assert seen == ["Banned", "Unknown", "Banned"]


async def test_a_source_that_the_settings_name_no_longer_holds_nothing_up(grid: Grid, tmp_path: Path) -> None:
    grid = kept(grid, f"sqlite:///{tmp_path / 'gridmask.db'}")
    async with grid.open() as made:
        await sync(made)
    grid.clock.now = at(days=1)
    async with grid.open(source=grid.settings().source[:1]) as made:
        await made.inspector.sweep(100)
        assert [health.noted.name for health in await made.sources.health()] == ["osg"]
        assert said(await made.masks.mask("cms"))["CE1"] == "Active"


async def test_a_vo_that_is_new_in_the_settings_has_a_mask_at_once(grid: Grid, tmp_path: Path) -> None:
    grid = kept(grid, f"sqlite:///{tmp_path / 'gridmask.db'}")
    async with grid.open() as made:
        await sync(made)
        before = await served(made)
    async with grid.open(vo={"cms": {}, "atlas": {}, "ligo": {}}) as made:
        assert said(await made.masks.mask("LIGO")) == said(await made.masks.mask("cms"))
        assert await served(made) == before


async def test_a_type_that_the_settings_declare_otherwise_has_its_rows_at_once(grid: Grid, tmp_path: Path) -> None:
    grid = kept(grid, f"sqlite:///{tmp_path / 'gridmask.db'}")
    async with grid.open() as made:
        await sync(made)
    async with grid.open(type={"ComputingElement": {"status_types": ["Submit", "Run"]}}) as made:
        entry = next(entry for key, entry in (await made.masks.mask("cms")).entries.items() if key.name == "CE1")
        assert entry.statuses == (("Run", Status.ACTIVE), ("Submit", Status.ACTIVE))
