"""What happens is kept as it came, within bounds, on every database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.element import Element, ElementKey
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.events import EvidenceChanged
from gridmask.domain.measurements import Metric
from gridmask.domain.quantities import Size
from gridmask.domain.status import Status
from gridmask.inspection.housekeeping import Housekeeping
from gridmask.inspection.inspector import Plan
from gridmask.service import recordings
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Recording, Retention
from gridmask.store import recording
from gridmask.store.world import Scope
from gridmask.testing import measured
from tests.clocks import NOW, at
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.bootstrap import Installation

CE1 = ElementKey("Resource", "ComputingElement", "CE1")


async def measure(made: Installation, load: float, *, of: tuple[str, ...] = ("CE1", "CE2"), fails: bool = False) -> None:
    """Everybody's load is measured, now."""
    put = tuple(
        measured(Metric("load", load), Element(CE1._replace(name=name), "SITE"), record=name, at=made.clock()) for name in of
    )

    async def prepare(connection: AsyncConnection, now: datetime) -> Plan:
        del connection, now
        return Plan(EvidenceChanged(put), Scope.meant_by(item.key.about for item in put), "evidence")

    async def fail(_: AsyncConnection, __: datetime) -> Plan:
        raise InvalidRequest("Not so.")

    await made.inspector.happen(prepare, *([fail] if fails else []))


async def loads(made: Installation, since: datetime, until: datetime) -> list[float]:
    """What is recorded of CE1."""
    told = await made.recordings.of(Element(CE1, "SITE"), since, until)
    return [item.value.value for items in told.values() for item in items if isinstance(item.value, Metric)]


async def test_what_was_measured_of_an_element_is_told_as_it_came(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        many = tuple(f"CE{number}" for number in range(1, 200))
        for hour in range(4):
            await measure(made, float(hour), of=many)
            grid.clock.advance(hours=1)
        with pytest.raises(InvalidRequest):
            await measure(made, 9.0, fails=True)
        assert await loads(made, at(), at(1)) == [0.0, 1.0, 2.0, 3.0]
        assert await loads(made, at(hours=8), at(hours=9)) == [2.0, 3.0]  # what was measured last before a time is part of it
        assert await loads(made, at(), at(hours=1)) == [0.0]


async def test_of_very_much_so_much_is_told_that_is_spread_over_the_time(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "MOST_PARTS", 3)
    async with grid.open() as made:
        for minute in range(7):
            await measure(made, float(minute))
            grid.clock.advance(minutes=1)
        assert await loads(made, at(), at(1)) == [0.0, 3.0, 6.0]


async def test_nothing_is_recorded_where_that_is_switched_off(grid: Grid) -> None:
    async with grid.open(recording=Recording(enabled=False)) as made:
        await sync(made)
        await measure(made, 1.0)
        assert (made.worlds, await loads(made, at(), at(1))) == (None, [])
        with pytest.raises(InvalidRequest, match="Nothing is recorded yet"):
            await made.recordings.period(None, at(1))


async def lived(grid: Grid, made: Installation, days: int) -> None:
    """Every day the world is written down, if it is time for that, and something is measured."""
    for day in range(days):
        assert made.worlds is not None
        await made.worlds.keep()
        await measure(made, float(day))
        grid.clock.advance(days=1)


async def kept(made: Installation) -> tuple[list[datetime], int]:
    """Of when worlds are kept, and how many events after the first of them."""
    async with made.database.reading() as connection:
        worlds = await recording.worlds(connection)
        return [place.at for place in worlds], await recording.count(connection, 0, at(99))


async def test_what_is_older_than_it_is_kept_goes_from_world_to_world(grid: Grid) -> None:
    async with grid.open(recording=Recording(worlds=timedelta(days=3), kept=timedelta(days=4))) as made:
        await sync(made)
        await lived(grid, made, 10)
        assert (await kept(made))[0] == [NOW, at(3), at(6), at(9)]
        told = await made.housekeeping.preview()
        assert await made.housekeeping.tidy() == told
        assert await kept(made) == ([at(6), at(9)], 4)
        with pytest.raises(InvalidRequest, match=f"what is kept begins at {at(6):%FT%T}"):
            await made.recordings.period(at(5), at(9))
        period = await made.recordings.period(at(7), at(10))
        assert (period.world.at, len(list(period.lines))) == (at(6), 4)


async def test_what_is_too_much_goes_before_its_time_but_for_the_last(grid: Grid) -> None:
    async with grid.open(recording=Recording(worlds=timedelta(days=3))) as made:
        await sync(made, "osg")
        await lived(grid, made, 10)
        async with made.database.reading() as connection:
            all_of_it = await recording.size(connection)
        for at_most, left in ((all_of_it, 4), (all_of_it * 6 // 10, 2), (1, 1)):
            bounds = Recording(at_most=Size(at_most))
            await Housekeeping(made.database, made.clock, Retention(), bounds).tidy()
            assert len((await kept(made))[0]) == left, at_most


async def test_two_processes_that_see_other_circumstances_each_write_theirs_down(grid: Grid) -> None:
    more = {"Oven": {"status_types": ["all"]}}
    async with grid.open() as one, grid.open(type=more) as another:
        await sync(one)
        for number, made in enumerate((one, one, another, another, one, one)):
            await measure(made, float(number))
        async with one.database.reading() as connection:
            told = [entry async for entry in recording.entries(connection, 0, at(1))][-6:]
        known = [around and "Oven" in around.types.by_name for around in (entry.body.circumstances() for entry in told)]
    assert known == [None, None, True, None, True, None]


async def test_a_replay_does_not_go_on_over_what_is_not_recorded(grid: Grid) -> None:
    async with grid.open() as made:
        assert made.worlds is not None
        await made.worlds.keep()
        await sync(made)
        assert not await made.worlds.keep()
    async with grid.open(recording=Recording(enabled=False)) as made:
        grid.clock.advance(hours=1)
        await made.statuses.set(ADMIN, [RowName(ElementName("CE2"))], Status.BANNED, "unrecorded")
        grid.clock.advance(hours=1)
    async with grid.open() as made:
        assert made.worlds is not None
        assert await made.worlds.keep()
        assert not await made.worlds.keep()
        grid.clock.advance(hours=1)
        await made.statuses.set(ADMIN, [RowName(ElementName("CE2"))], Status.ERROR, "recorded")
        with pytest.raises(InvalidRequest, match="something happened that is not recorded"):
            await made.recordings.period(None, grid.clock())
        assert len(list((await made.recordings.period(at(hours=2.5), grid.clock())).lines)) == 1
