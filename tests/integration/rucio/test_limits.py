"""How much is switched without an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store import outbox
from tests.grid import ADMIN
from tests.rucio import begin, drift, put, storage, table

if TYPE_CHECKING:
    from tests.actuated import RucioDouble
    from tests.grid import Grid


async def test_a_mass_change_is_held_until_an_administrator_lets_it_through(grid: Grid, rucio: RucioDouble) -> None:
    names = [f"SE{number:02}" for number in range(30)]
    rucio.on(*names)
    storage(grid, *names)
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        rows = [RowName(ElementName(name), "WriteAccess") for name in names]
        await made.statuses.set(ADMIN, rows, Status.BANNED, "too much")
        await made.dispatcher.deliver()
        assert rucio.said("PUT") == []
        assert set((await drift(made)).values()) == {("held", "")}
        await put(made, "SE03", Status.BANNED, "ReadAccess")
        await made.dispatcher.deliver()
        assert rucio.off("SE03") == "read,write"
        report = await made.actuators.run(ADMIN, "ours", "looked at", everything=True)
        assert (report.drift, {rucio.off(name) for name in names}) == ((), {"write", "read,write"})
        await put(made, "SE04", Status.BANNED, "ReadAccess")
        await made.dispatcher.deliver()
        assert rucio.off("SE04") == "read,write"


async def test_what_is_held_is_told_the_outside_once(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    told: list[str] = []
    async with grid.open(**table(grid, rucio, limits={"few": 1, "share": 0.1})) as made:
        await begin(made)
        rows = [RowName(ElementName(name), "WriteAccess") for name in ("SE1", "SE2")]
        await made.statuses.set(ADMIN, rows, Status.BANNED, "both")
        for _ in range(3):
            await made.dispatcher.deliver()
            grid.clock.advance(minutes=11)
        async with made.database.reading() as connection:
            told = [row.payload["subject"] for row in await outbox.after(connection, 0, 99) if row.topic == "actuator"]
        assert told == ["actuator ours holds 2 changes for an administrator"]


async def test_no_more_than_the_limit_is_written_in_a_period(grid: Grid, rucio: RucioDouble) -> None:
    names = [f"SE{number:02}" for number in range(20)]
    rucio.on(*names)
    storage(grid, *names)
    async with grid.open(**table(grid, rucio, limits={"changes": 3})) as made:
        await begin(made)
        for name in names[:5]:
            await put(made, name, Status.BANNED, "ReadAccess")
            await made.dispatcher.deliver()
        assert len(rucio.said("PUT")) == 3
        grid.clock.advance(minutes=61)
        await made.dispatcher.deliver()
        assert len(rucio.said("PUT")) == 5


async def test_a_dry_run_tells_what_would_be_held(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(grid, rucio, dry_run=True, limits={"few": 1})) as made:
        await begin(made)
        rows = [RowName(ElementName(name), "WriteAccess") for name in ("SE1", "SE2")]
        await made.statuses.set(ADMIN, rows, Status.BANNED, "both")
        await made.dispatcher.deliver()
        assert set((await drift(made)).values()) == {("held", "")}
        async with made.database.reading() as connection:
            assert [row.topic for row in await outbox.after(connection, 0, 99) if row.topic == "actuator"] == []
