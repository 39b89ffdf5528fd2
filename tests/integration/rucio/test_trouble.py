"""What a Rucio that fails, in part or altogether, leads to: nothing is concluded from what it does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from gridmask.domain.status import Status
from tests.grid import ADMIN
from tests.rucio import begin, drift, put, storage, table

if TYPE_CHECKING:
    from tests.actuated import RucioDouble
    from tests.grid import Grid


OF_ANOTHER = b'{"rse": "SE2", "availability_read": false, "availability_write": true, "availability_delete": true}'


async def test_an_rse_that_rucio_does_not_know_is_told_and_disturbs_no_other(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE0", "SE1")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        for name in ("SE0", "SE1"):
            await put(made, name, Status.BANNED)
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "read,write,delete"
        assert await drift(made) == {"SE0": ("unknown", "")}
        assert (await made.actuators.list(ADMIN))[0].state == "good"
        with capture_logs() as logs:
            grid.clock.advance(hours=1)
            await made.dispatcher.deliver()
        assert logs == []


@pytest.mark.parametrize("status", [500, 403, 0])
async def test_one_rse_that_fails_does_not_keep_the_others_from_following(grid: Grid, rucio: RucioDouble, status: int) -> None:
    storage(grid, "SE1", "SE2")
    rucio.broken["GET /rses/SE1"] = status
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        for name in ("SE1", "SE2"):
            await put(made, name, Status.BANNED)
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("", "read,write,delete")
        assert await drift(made) == {"SE1": ("failed", "")}
        rucio.broken.clear()
        grid.clock.advance(minutes=3)
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "read,write,delete"
        assert await drift(made) == {}


async def test_a_slow_rse_does_not_either(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    rucio.hanging.add("/rses/SE1")
    async with grid.open(**table(grid, rucio, timeout="0.2s")) as made:
        await begin(made)
        await put(made, "SE2", Status.BANNED)
        await made.dispatcher.deliver()
        assert rucio.off("SE2") == "read,write,delete"


async def test_while_rucio_is_away_nothing_is_concluded_and_then_what_is_true_by_then_is_done(
    grid: Grid, rucio: RucioDouble
) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        rucio.broken["GET"] = 503
        await put(made, "SE1", Status.BANNED)
        await put(made, "SE2", Status.BANNED)
        await made.dispatcher.deliver()
        assert (await made.actuators.list(ADMIN))[0].state == "failing"
        await put(made, "SE2", Status.ACTIVE)
        rucio.broken.clear()
        grid.clock.advance(seconds=30)
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("read,write,delete", "")
        assert (await made.actuators.list(ADMIN))[0].state == "good"


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"<html>", OF_ANOTHER])
async def test_an_answer_that_is_no_rse_frees_nothing(
    grid: Grid, rucio: RucioDouble, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage(grid, "SE1")
    rucio.rses["SE1"]["read"] = False
    monkeypatch.setattr(rucio, "_told", lambda _: body)
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        grid.clock.advance(hours=1)
        await made.dispatcher.deliver()
        assert rucio.said("PUT") == []
        assert await drift(made) == {"SE1": ("failed", "")}


async def test_a_page_that_is_not_there_does_not_mean_that_an_rse_is_not(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    rucio.broken["GET"] = 404
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        assert await drift(made) == {"SE1": ("failed", "")}


async def test_many_are_read_at_once_and_one_that_a_cut_list_lacks_is_asked_for(grid: Grid, rucio: RucioDouble) -> None:
    names = [f"SE{number:02}" for number in range(40)]
    storage(grid, *names)
    rucio.rses.clear()
    rucio.on(*names)
    rucio.rses["SE39"]["read"] = False
    rucio.listed = 35
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        assert "GET /rses/SE00" not in rucio.said("GET")
        assert rucio.off("SE39") == ""


async def test_an_empty_list_changes_nothing(grid: Grid, rucio: RucioDouble) -> None:
    names = [f"SE{number:02}" for number in range(40)]
    storage(grid, *names)
    rucio.on(*names)
    rucio.rses["SE39"]["read"] = False
    rucio.listed = 0
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        assert rucio.said("PUT") == []
        assert set((await drift(made)).values()) == {("failed", "")}


async def test_what_fails_again_and_again_leaves_room_for_the_others(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    rucio.broken["PUT /rses/SE1"] = 500
    async with grid.open(**table(grid, rucio, limits={"changes": 2})) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "ReadAccess")
        for _ in range(5):
            await made.dispatcher.deliver()
            grid.clock.advance(minutes=5)
        await put(made, "SE2", Status.BANNED, "ReadAccess")
        await made.dispatcher.deliver()
        assert (len(rucio.said("PUT")) > 3, rucio.off("SE2")) == (True, "read")
