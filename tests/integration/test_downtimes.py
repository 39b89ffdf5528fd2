"""Downtimes of feeds, and those of people, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import Forbidden, InvalidRequest, NotKnown
from gridmask.service.downtimes import Declaration, When
from gridmask.service.selection import ElementName
from gridmask.service.statuses import Filter
from tests import osg
from tests.clocks import at
from tests.grid import ADMIN, CMS, catch_up, outage, said, sync

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.actor import Actor
    from tests.grid import Grid

MANY = [outage(str(number), "CE1", at(hours=-1), at(hours=number)) for number in range(1, 9)]


async def declare(made: Installation, actor: Actor = ADMIN, name: str = "CE2", **more: str) -> str:
    """Declares an outage of the next hour. Returns its record."""
    declared = Declaration((ElementName(name),), at(), at(hours=1), "OUTAGE", "cooling", **more)  # type: ignore[arg-type]  # those of a declaration
    _, downtime = await made.downtimes.add(actor, declared)
    return downtime.key.record


async def masks(made: Installation) -> dict[str, str]:
    """What each VO is told of CE2."""
    await catch_up(made)
    return {vo: said(await made.masks.mask(vo))["CE2"] for vo in ("all", "atlas", "cms")}


async def test_a_feed_that_takes_everything_back_at_once_is_not_believed(grid: Grid) -> None:
    grid.announce(*MANY)
    async with grid.open() as made:
        await sync(made)
        before = await made.masks.serve("cms")
        grid.announce()
        report = (await sync(made, "feed"))["feed"]
        assert report.failure == (
            "feed: this answer would take out 8 of 8 (100%), more than the 20% allowed. All stays as it was, and the answer is "
            "kept in quarantine. To see what it would change: gridmask source quarantine feed"
        )
        [feed, _] = await made.sources.health()
        assert (feed.state, feed.noted.failure, feed.noted.failures) == ("quarantined", report.failure, 1)
        assert await made.masks.serve("cms") == before


async def test_a_feed_that_is_forced_is_believed(grid: Grid) -> None:
    grid.announce(*MANY)
    async with grid.open() as made:
        await sync(made)
        grid.announce()
        await sync(made, "feed")
        assert (await sync(made, "feed", force=True))["feed"].removed == 8
        [feed, _] = await made.sources.health()
        assert (feed.state, feed.noted.failure, feed.noted.failures) == ("good", None, 0)
        assert said(await made.masks.mask("cms"))["CE1"] == "Active"


async def test_a_feed_that_is_not_believed_is_asked_again_and_again(grid: Grid) -> None:
    grid.announce(*MANY)
    async with grid.open() as made:
        await sync(made)
        grid.announce()
        for failures in (1, 2):
            assert (await sync(made, "feed"))["feed"].failure
            assert (await made.sources.health())[0].noted.failures == failures
        grid.announce(*MANY[1:])
        report = (await sync(made, "feed"))["feed"]
        assert (report.failure, report.removed) == (None, 1)


async def test_what_is_over_may_leave_a_feed_in_any_number(grid: Grid) -> None:
    grid.announce(*MANY)
    async with grid.open() as made:
        await sync(made)
        grid.clock.now = at(hours=9)
        grid.announce()
        report = (await sync(made, "feed"))["feed"]
        assert (report.failure, report.removed) == (None, 0)


async def test_what_a_person_declared_no_feed_takes_back(grid: Grid) -> None:
    grid.announce(*MANY)
    async with grid.open() as made:
        await sync(made)
        await declare(made)
        for announced in (MANY[:7], [outage("9", "CE2", at(hours=5), at(hours=6))], []):
            grid.announce(*announced)
            await sync(made, "feed", force=True)
            assert (await masks(made))["cms"] == "Banned"
        assert [v.downtime.owner for v in await made.downtimes.list(When.ONGOING)] == ["admin"]


async def test_a_feed_that_calls_a_record_as_a_person_did_is_another_source(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        record = await declare(made)
        grid.announce(outage("1", "CE1", at(hours=1), at(hours=2)))
        await sync(made, "feed")
        assert {v.downtime.key for v in await made.downtimes.list()} == {("manual", record), ("feed", "1@CE1")}


async def test_a_downtime_of_one_vo_moves_that_vos_mask_alone(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = {vo: await made.masks.serve(vo) for vo in ("all", "atlas", "cms")}
        await declare(made, CMS, vo="cms")
        assert await masks(made) == {"all": "Active", "atlas": "Active", "cms": "Banned"}
        after = {vo: await made.masks.serve(vo) for vo in ("all", "atlas", "cms")}
        assert {vo for vo in after if after[vo] != before[vo]} == {"cms"}


async def test_a_downtime_of_one_vo_ends_for_that_vo_and_leaves_no_row_behind(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = (await made.masks.revisions())["atlas"]
        await declare(made, CMS, vo="cms")
        grid.clock.now = at(hours=1)
        assert (await masks(made))["cms"] == "Active"
        page = await made.statuses.page(Filter(name="CE2"))
        assert [seen.row.key.vo for seen in page.rows] == ["all"]
        # CE1's downtime, which begins now, is everyone's
        assert (await made.masks.revisions())["atlas"] == before + 2


async def test_a_downtime_of_everyone_is_one_of_each_vo(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await declare(made, CMS, vo="cms")
        await declare(made)
        assert await masks(made) == {"all": "Banned", "atlas": "Banned", "cms": "Banned"}


async def test_a_downtime_that_was_cancelled_is_over_and_remembered(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        record = await declare(made)
        grid.clock.advance(minutes=10)
        await made.downtimes.cancel(ADMIN, record, "done early")
        assert (await masks(made))["cms"] == "Active"
        [version] = await made.downtimes.list(When.ALL, source="manual", versions=True)
        assert (version.known_from, version.known_to, version.ended_by) == (at(), grid.clock.now, "withdrawal")
        with pytest.raises(NotKnown):
            await made.downtimes.cancel(ADMIN, record, "again")


async def test_only_who_may_declares_and_cancels(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        for vo in ("all", "atlas"):
            with pytest.raises(Forbidden):
                await declare(made, CMS, vo=vo)
        record = await declare(made)
        with pytest.raises(Forbidden, match="may not cancel downtimes for all"):
            await made.downtimes.cancel(CMS, record, "no")
        with pytest.raises(NotKnown, match="no element called 'CE9'"):
            await declare(made, name="CE9")
        with pytest.raises(InvalidRequest, match="is over already"):
            await made.downtimes.add(ADMIN, Declaration((ElementName("CE1"),), at(-2), at(-1), "OUTAGE", "late"))


async def test_a_downtime_reaches_what_comes_into_the_inventory_later(grid: Grid) -> None:
    grid.announce(outage("1", "CE5", at(hours=-1), at(hours=2)))
    async with grid.open() as made:
        await sync(made)
        assert set(said(await made.masks.mask("cms")).values()) == {"Active"}
        grid.publish(osg.group("SITE", *(osg.resource(f"CE{number}", "CE") for number in range(1, 6))))
        await sync(made, "osg")
        assert said(await made.masks.mask("cms"))["CE5"] == "Banned"


async def test_what_leaves_the_inventory_and_comes_back_goes_on_where_it_was(grid: Grid) -> None:
    resources = [osg.resource(f"CE{number}", "CE") for number in range(1, 11)]
    grid.publish(osg.group("SITE", *resources))
    grid.announce(outage("1", "CE10", at(hours=-1), at(hours=9)))
    async with grid.open() as made:
        await sync(made)
        before = (await made.masks.mask("cms")).entries
        grid.publish(osg.group("SITE", *resources[:-1]))
        await sync(made, "osg")
        assert "CE10" not in said(await made.masks.mask("cms"))
        grid.publish(osg.group("SITE", *resources))
        await sync(made, "osg")
        mask = await made.masks.mask("cms")
        assert (mask.revision, mask.entries) == (4, before)
