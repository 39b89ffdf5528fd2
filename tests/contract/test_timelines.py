"""Timelines say of every moment what was served then, on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.timelines import Wanted
from tests import osg
from tests.clocks import at
from tests.contract.books import counted
from tests.contract.test_looking_back import ACTS, COMINGS, is_edited, is_renamed, played, scripts, sets
from tests.grid import sync

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.domain.mask import Mask
    from gridmask.domain.timeline import Timeline
    from tests.contract.test_looking_back import Play
    from tests.grid import Grid

Shown = dict[tuple[str, str], Status]
"""By what an element was first called, and its status type."""


def at_moment(timelines: tuple[Timeline, ...], moment: datetime) -> Shown:
    """What timelines say of ``moment``."""
    return {
        (one.element.name.removesuffix("-new"), one.status_type): stretch.status
        for one in timelines
        for stretch in one.stretches
        if stretch.start <= moment < stretch.end and stretch.status is not None
    }


def in_mask(mask: Mask) -> Shown:
    """What a mask says."""
    entries = mask.entries.items()
    return {(key.name.removesuffix("-new"), aspect): status for key, entry in entries for aspect, status in entry.statuses}


async def agree(play: Play, *vos: str) -> int:
    """Whether the timelines of ``vos`` say what was served, moment by moment. Returns how many masks were compared."""
    end = play.grid.clock()
    found = {vo: (await play.made.timelines.page(vo, at(), end)).timelines for vo in vos}
    served = [(moment, mask) for moment, mask in play.served if mask.vo in vos]
    for moment, mask in served:
        assert at_moment(found[mask.vo], moment) == in_mask(mask), (mask.vo, moment)
    return len(served)


async def test_a_timeline_says_of_every_moment_what_was_served(grid: Grid) -> None:
    async with grid.open() as made:
        play = await played(grid, made, scripts(*ACTS, seed=2, length=16))
        assert await agree(play, "all", "cms", "atlas") > 20


async def test_what_comes_goes_is_renamed_or_edited_is_told_by_what_it_was(grid: Grid) -> None:
    async with grid.open() as made:
        play = await played(grid, made, scripts(*ACTS, *COMINGS, is_edited, is_edited, seed=3, length=16))
        assert await agree(play, "all", "cms") > 20


async def test_what_was_renamed_is_one_timeline_under_its_present_name(grid: Grid) -> None:
    async with grid.open() as made:
        play = await played(grid, made, [(sets, "CE1", "all"), (is_renamed, "CE1", ""), (sets, "CE1-new", "all")])
        found = (await made.timelines.page("cms", at(), grid.clock(), Wanted({"type": "ComputingElement"}))).timelines
        assert sorted(one.element.name for one in found) == ["CE1-new", "CE2", "CE3"]
        [renamed] = [one for one in found if one.element.name == "CE1-new"]
        assert (renamed.stretches[0].start, renamed.stretches[-1].end) == (at(), grid.clock())
        assert all(stretch.absence is None for stretch in renamed.stretches)
        assert await agree(play, "cms") == 4


async def test_pages_come_to_the_same_as_one(grid: Grid) -> None:
    async with grid.open() as made:
        await played(grid, made, [(sets, "CE1", "cms")])
        whole = await made.timelines.page("cms", at(), grid.clock())
        parts: list[Timeline] = []
        cursor: int | None = 0
        while cursor is not None:
            page = await made.timelines.page("cms", at(), whole.until, cursor=cursor, limit=1)
            parts, cursor = [*parts, *page.timelines], page.cursor
        assert tuple(parts) == whole.timelines
        assert whole.cursor is None


async def test_more_elements_take_no_more_statements(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        few = await statements(made, grid)
        grid.publish(osg.group("SITE", *(osg.resource(f"CE{number}", "CE") for number in range(1, 40))))
        await sync(made, "osg", force=True)
        assert await statements(made, grid) == few


async def statements(made: Installation, grid: Grid) -> int:
    with counted(made.database) as found:
        await made.timelines.page("cms", at(), grid.clock.advance(minutes=5))
        await made.availability.report("cms", at(), grid.clock())
    return len(found)
