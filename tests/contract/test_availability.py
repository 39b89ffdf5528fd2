"""Availability is summed from what was served, on every database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.service.timelines import Wanted
from tests import osg
from tests.clocks import at
from tests.grid import ADMIN, catch_up, outage, sync, written

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.availability import Line, Tally
    from tests.grid import Grid

CES = Wanted({"type": "ComputingElement"})


def hours(tally: Tally) -> list[float]:
    """Usable, excused, unexcused, unknown, absent."""
    spent = (tally.usable, tally.excused, tally.unexcused, tally.unknown, tally.absent)
    return [span / timedelta(hours=1) for span in spent]


async def passes(made: Installation, grid: Grid, *marks: float) -> None:
    """Time passes, from one of these hours to the next, and what is due happens."""
    for mark in marks:
        grid.clock.now = at(hours=mark)
        await sync(made, "feed")
        await catch_up(made)


async def told(made: Installation, hour: float, vo: str = "cms") -> dict[str, list[float]]:
    """The hours of each element until ``hour``, from an hour before anything was known."""
    report = await made.availability.report(vo, at(hours=-1), at(hours=hour), CES)
    return {name(line): hours(line.tallies[0]) for line in report.lines}


def name(line: Line) -> str:
    return line.element.name if line.element else line.site


async def test_an_outage_that_was_announced_before_it_began_excuses_and_nothing_else_does(grid: Grid) -> None:
    grid.announce(
        outage("1", "CE1", at(hours=2), at(hours=5), Class="SCHEDULED"),
        outage("2", "CE3", at(hours=2), at(hours=5), Class="UNSCHEDULED"),
    )
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [RowName(ElementName("CE2"), vo="cms")], Status.BANNED, "It eats jobs.")
        await passes(made, grid, 2, 5, 8)
        found = await told(made, 8)
    assert found == {"CE1": [5, 3, 0, 0, 1], "CE2": [0, 0, 8, 0, 1], "CE3": [5, 0, 3, 0, 1]}


async def test_what_was_announced_too_late_or_made_longer_meanwhile_excuses_nothing(grid: Grid) -> None:
    grid.announce(outage("1", "CE1", at(hours=2), at(hours=4), Class="SCHEDULED"))
    late = at(hours=1), at(hours=6)
    async with grid.open() as made:
        await sync(made)
        await passes(made, grid, 2)
        grid.announce(
            outage("1", "CE1", at(hours=2), at(hours=6), Class="SCHEDULED"),
            outage("2", "CE2", *late, Class="SCHEDULED", CreatedTime=written(at(hours=2))),
            # its author had told of it in time, though it was not heard here
            outage("3", "CE3", *late, Class="SCHEDULED"),
        )
        await passes(made, grid, 3, 6, 8)
        found = await told(made, 8)
    assert found == {"CE1": [4, 2, 2, 0, 1], "CE2": [5, 0, 3, 0, 1], "CE3": [5, 3, 0, 0, 1]}


async def test_for_whom_an_element_was_not_there_it_is_not_counted(grid: Grid) -> None:
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        grid.clock.advance(hours=2)
        atlas_alone = osg.resource("CE1", "CE", extra="<AllowedVOs><VO>ATLAS</VO></AllowedVOs>")
        grid.publish(osg.group("SITE", atlas_alone, osg.resource("CE2", "CE", Active="false")))
        await sync(made, "osg", force=True)
        await passes(made, grid, 6)
        cms, atlas = await told(made, 6), await told(made, 6, "atlas")
        report = await made.availability.report("cms", at(hours=3), at(hours=6), CES)
    assert cms == {"CE1": [2, 0, 0, 0, 5], "CE2": [2, 0, 0, 0, 5], "CE3": [2, 0, 0, 0, 5]}
    assert atlas["CE1"] == [6, 0, 0, 0, 1]
    assert report.lines == ()
