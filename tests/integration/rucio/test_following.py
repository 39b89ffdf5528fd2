"""RSEs follow the mask: what it says of them, and of which."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.clocks import WallClock
from tests.grid import ADMIN, sync
from tests.integration.test_streams import running
from tests.rucio import begin, drift, put, storage, table

if TYPE_CHECKING:
    from tests.actuated import RucioDouble
    from tests.grid import Grid


async def test_what_the_mask_bans_is_switched_off_and_on_again(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        assert rucio.said("PUT") == []
        await put(made, "SE1", Status.BANNED, "WriteAccess", "RemoveAccess")
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("write,delete", "")
        await put(made, "SE1", Status.ACTIVE, "WriteAccess")
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "delete"
        assert await drift(made) == {}


async def test_only_what_differs_is_written_and_it_is_read_back(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    rucio.rses["SE1"]["write"] = False
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        rucio.asked.clear()
        await put(made, "SE1", Status.BANNED, "ReadAccess")
        await made.dispatcher.deliver()
        (asked,) = [asked for asked in rucio.asked if asked.method == "PUT"]
        assert asked.body == b'{"availability_read": false}'
        assert rucio.said("GET", "PUT") == ["GET /rses/SE1", "PUT /rses/SE1", "GET /rses/SE1"]


async def test_a_row_of_the_vo_counts_for_it_and_not_for_another(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "ReadAccess", vo="cms")
        await put(made, "SE2", Status.BANNED, "ReadAccess", vo="atlas")
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("read", "")


async def test_what_the_mask_does_not_know_is_left_as_it_is(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    rucio.rses["SE2"]["read"] = False
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        rucio.rses["SE2"]["read"] = False
        for name in ("SE1", "SE2"):
            await put(made, name, Status.UNKNOWN)
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("", "read")


async def test_what_the_mask_does_not_know_is_switched_off_where_that_is_wanted(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    async with grid.open(**table(grid, rucio, unknown="off")) as made:
        await begin(made)
        await put(made, "SE1", Status.UNKNOWN)
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "read,write,delete"


async def test_only_what_may_be_touched_of_the_elements_that_match_is(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio, touch=["write"], match={"name": "*2"}, names={"SE2": "SE1"})) as made:
        await begin(made)
        for name in ("SE1", "SE2"):
            await put(made, name, Status.BANNED)
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("write", "")


async def test_an_element_that_leaves_the_mask_is_left_as_it_is(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED)
        await made.dispatcher.deliver()
        storage(grid, "SE2")
        await sync(made, force=True)
        grid.clock.advance(hours=1)
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "read,write,delete"
        assert await drift(made) == {}


async def test_the_mask_reaches_it_within_seconds(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    arrived = asyncio.Event()
    rucio.on_write = lambda _: arrived.set()
    grid.clock = WallClock()
    async with grid.open(**table(grid, rucio)) as made, running(made):
        await sync(made)
        await put(made, "SE1", Status.BANNED, "ReadAccess")
        async with asyncio.timeout(10):
            await arrived.wait()


async def test_of_what_is_no_concern_of_it_rucio_is_not_asked(grid: Grid, rucio: RucioDouble) -> None:
    grid.publish(osg.group("EXAMPLE", osg.resource("SE1", "SRMv2"), osg.resource("CE1", "CE")))
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        rucio.asked.clear()
        await made.statuses.set(ADMIN, [RowName(ElementName("CE1"))], Status.BANNED, "for a test")
        await made.dispatcher.deliver()
        assert rucio.asked == []
