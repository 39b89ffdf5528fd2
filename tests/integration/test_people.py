"""What people set: for everyone, for one VO, and bindingly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import Forbidden, InvalidRequest
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.service.statuses import Filter
from gridmask.service.tokens import Wanted
from tests.clocks import at
from tests.contract import books
from tests.grid import ADMIN, CMS, catch_up, outage, said, sync, toml_policies

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid

VOS = ("all", "atlas", "cms")


def ce1(vo: str = "all") -> RowName:
    return RowName(ElementName("CE1"), vo=vo)


async def masks(made: Installation) -> list[str]:
    """What each of :data:`VOS` is told of CE1."""
    await catch_up(made)
    return [said(await made.masks.mask(vo))["CE1"] for vo in VOS]


async def test_what_is_set_for_everyone_is_everyones(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [ce1()], Status.BANNED, "security")
        assert await masks(made) == ["Banned"] * 3


async def test_what_a_vo_sets_is_its_own(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = {vo: (await made.masks.serve(vo)).etag for vo in VOS}
        await made.statuses.set(CMS, [ce1("cms")], Status.BANNED, "our jobs fail there")
        assert await masks(made) == ["Active", "Active", "Banned"]
        assert {vo for vo in VOS if (await made.masks.serve(vo)).etag != before[vo]} == {"cms"}


async def test_a_binding_ban_outranks_every_vos_row_until_it_is_released(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(CMS, [ce1("cms")], Status.ACTIVE, "it works for us", wanted=Wanted(lasting=True))
        await made.statuses.set(ADMIN, [ce1()], Status.BANNED, "security", binding=True, wanted=Wanted(lasting=True))
        assert await masks(made) == ["Banned"] * 3
        await made.statuses.set(CMS, [ce1("cms")], Status.DEGRADED, "it works for us, really", wanted=Wanted(lasting=True))
        assert await masks(made) == ["Banned"] * 3
        await made.tokens.release(ADMIN, [ce1()], "cleared")
        assert await masks(made) == ["Probing", "Probing", "Degraded"]


async def test_a_binding_ban_ends_with_its_token(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(CMS, [ce1("cms")], Status.ACTIVE, "it works for us", wanted=Wanted(lasting=True))
        await made.statuses.set(ADMIN, [ce1()], Status.BANNED, "security", binding=True, wanted=Wanted(at(hours=0.5)))
        grid.clock.now = at(hours=0.5)
        assert await masks(made) == ["Probing", "Probing", "Active"]


async def test_only_an_administrator_binds_and_only_everyone(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = await books.read(made.database)
        with pytest.raises(Forbidden):
            await made.statuses.set(CMS, [ce1()], Status.BANNED, "security", binding=True)
        with pytest.raises(Forbidden):
            await made.statuses.set(CMS, [ce1("atlas")], Status.BANNED, "rivalry")
        with pytest.raises(InvalidRequest, match="Only a row of 'all' can be binding"):
            await made.statuses.set(ADMIN, [ce1("cms")], Status.BANNED, "security", binding=True)
        assert await books.read(made.database) == before


async def test_what_was_asked_of_several_rows_happens_to_all_or_none(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        with pytest.raises(Forbidden):
            await made.statuses.set(CMS, [ce1("cms"), ce1("atlas")], Status.BANNED, "too much")
        assert await masks(made) == ["Active"] * 3


async def test_a_vos_row_that_ends_frees_nothing(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(CMS, [ce1("cms")], Status.BANNED, "our jobs fail there", wanted=Wanted(at(hours=0.25)))
        grid.clock.now = at(hours=0.25)
        assert await masks(made) == ["Active", "Active", "Probing"]
        grid.clock.now = at(hours=0.75)
        assert await masks(made) == ["Active"] * 3
        page = await made.statuses.page(Filter(name="CE1"))
        assert [seen.row.key.vo for seen in page.rows] == ["all"]


async def test_a_vo_with_a_policy_of_its_own_decides_for_itself(grid: Grid) -> None:
    policies = toml_policies(grid.folder, cms="[policy.declared-downtimes]\nenabled = false")
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=1)))
    async with grid.open(policies=policies) as made:
        await sync(made)
        assert await masks(made) == ["Banned", "Banned", "Unknown"]
