"""What others do to RSEs, and what is told of that."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.store.audit import Wanted as Entries
from tests.grid import ADMIN
from tests.rucio import begin, drift, put, storage, table

if TYPE_CHECKING:
    from tests.actuated import RucioDouble
    from tests.grid import Grid


async def test_an_rse_that_others_touch_is_set_right_and_that_is_in_the_books(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "WriteAccess")
        await made.dispatcher.deliver()
        rucio.rses["SE1"]["write"] = True
        grid.clock.advance(minutes=11)
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "write"
        entry = (await made.audit.list(ADMIN, Entries(action="actuator wrote")))[0]
        assert entry.details is not None
        assert (entry.details["touched_by"], entry.details["outcome"], entry.vos) == ("others", "kept", ("cms",))


async def test_one_that_forgets_is_written_more_and_more_seldom(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    rucio.forgetful.add("SE1")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "WriteAccess")
        await made.dispatcher.deliver()
        assert await drift(made) == {"SE1": ("forgotten", "")}
        for _ in range(12):
            grid.clock.advance(minutes=10)
            await made.dispatcher.deliver()
        assert 4 <= len(rucio.said("PUT")) <= 8
        rucio.forgetful.clear()
        grid.clock.advance(hours=3)
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), await drift(made)) == ("write", {})


async def test_what_others_switched_off_stays_off_where_only_our_own_is_lifted(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    rucio.rses["SE2"]["write"] = False
    async with grid.open(**table(grid, rucio, lift="own")) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "WriteAccess")
        await made.dispatcher.deliver()
        await put(made, "SE1", Status.ACTIVE, "WriteAccess")
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("", "write")
        assert await drift(made) == {"SE2": ("foreign", "")}


async def test_what_others_switched_on_is_not_ours_to_lift_any_more(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    async with grid.open(**table(grid, rucio, lift="own")) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "WriteAccess")
        await made.dispatcher.deliver()
        rucio.rses["SE1"]["write"] = True
        await put(made, "SE1", Status.ACTIVE, "WriteAccess")
        await made.dispatcher.deliver()
        rucio.rses["SE1"]["write"] = False
        grid.clock.advance(hours=1)
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), await drift(made)) == ("write", {"SE1": ("foreign", "")})


async def test_a_dry_run_tells_and_writes_nothing(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio, dry_run=True)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED)
        await made.dispatcher.deliver()
        await made.actuators.run(ADMIN, "ours", "to see", everything=True)
        assert rucio.said("PUT", "POST", "DELETE") == []
        assert await drift(made) == {"SE1": ("dry-run", "")}


async def test_a_plan_reads_now_and_writes_nothing_anywhere(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        rucio.rses["SE2"]["delete"] = False
        report = await made.actuators.plan(ADMIN, "ours")
        assert [(one.thing, one.state, one.found) for one in report.drift] == [("SE2", "due", {"delete": False})]
        assert (rucio.said("PUT"), await drift(made)) == ([], {})


async def test_looking_while_it_is_at_work_disturbs_nothing(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED)
        await asyncio.gather(made.dispatcher.deliver(), *(made.actuators.plan(ADMIN, "ours") for _ in range(5)))
        assert rucio.off("SE1") == "read,write,delete"
