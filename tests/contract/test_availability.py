"""Availability is summed from what was served, on every database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.availability import By
from gridmask.domain.errors import NotKnown
from gridmask.domain.status import Status
from gridmask.service.availability import Per, Sums
from gridmask.service.selection import ElementName, RowName
from gridmask.service.timelines import Wanted
from gridmask.service.tokens import Wanted as Term
from tests import osg
from tests.contract.books import counted
from tests.grid import ADMIN, at, catch_up, outage, sync

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.availability import Line, Tally
    from tests.grid import Grid

CES = Wanted({"type": "ComputingElement"})


def hours(tally: Tally) -> list[float]:
    """Usable, excused, unexcused, unknown, absent."""
    spent = (tally.usable, tally.excused, tally.unexcused, tally.unknown, tally.absent)
    return [span / timedelta(hours=1) for span in spent]


async def passes(made: Installation, grid: Grid, until: datetime) -> None:
    """Time passes, hour by hour, and what is due happens."""
    while grid.clock() < until:
        grid.clock.advance(hours=1)
        await sync(made)
        await catch_up(made)


async def told(made: Installation, hour: float, *, vo: str = "cms", wanted: Wanted = CES) -> dict[str, list[float]]:
    """The hours of each element until ``hour``, from an hour before anything was known."""
    report = await made.availability.report(vo, at(hours=-1), at(hours=hour), wanted)
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
        await made.statuses.set(
            ADMIN, [RowName(ElementName("CE2"), vo="cms")], Status.BANNED, "It eats jobs.", wanted=_until(4)
        )
        await passes(made, grid, at(hours=8))
        found = await told(made, 8)
    assert found["CE1"] == [5, 3, 0, 0, 1]
    assert found["CE3"] == [5, 0, 3, 0, 1]
    assert found["CE2"][1:] == [0, 8 - found["CE2"][0], 0, 1]


def _until(hour: float) -> Term:
    return Term(at(hours=hour))


async def test_what_was_announced_too_late_or_made_longer_meanwhile_excuses_nothing(grid: Grid) -> None:
    async with grid.open() as made:
        grid.announce(outage("1", "CE1", at(hours=2), at(hours=4), Class="SCHEDULED"))
        await sync(made)
        await passes(made, grid, at(hours=3))
        grid.announce(
            outage("1", "CE1", at(hours=2), at(hours=6), Class="SCHEDULED"),
            outage("2", "CE2", at(hours=1), at(hours=6), Class="SCHEDULED"),
        )
        await passes(made, grid, at(hours=8))
        found = await told(made, 8)
    assert found["CE1"] == [4, 2, 2, 0, 1]
    assert found["CE2"][1:4] == [0, 8 - found["CE2"][0], 0]


async def test_for_whom_an_element_was_not_there_it_is_not_counted(grid: Grid) -> None:
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        await passes(made, grid, at(hours=2))
        atlas_alone = osg.resource("CE1", "CE", extra="<AllowedVOs><VO>ATLAS</VO></AllowedVOs>")
        grid.publish(osg.group("SITE", atlas_alone, osg.resource("CE2", "CE", Active="false")))
        await sync(made, "osg", force=True)
        await passes(made, grid, at(hours=6))
        cms, atlas = await told(made, 6), await told(made, 6, vo="atlas")
        report = await made.availability.report("cms", at(hours=3), at(hours=6), CES)
    assert cms == {"CE1": [2, 0, 0, 0, 5], "CE2": [2, 0, 0, 0, 5], "CE3": [2, 0, 0, 0, 5]}
    assert atlas["CE1"] == [6, 0, 0, 0, 1]
    assert report.lines == ()


async def test_sums_by_day_add_up_to_the_total_and_sites_to_their_elements(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await passes(made, grid, at(hours=12))
        period = at(hours=-1), at(hours=12)
        daily = await made.availability.report("cms", *period, CES, Sums(By.DAY))
        [total, *_] = (await made.availability.report("cms", *period, CES)).lines
        sites = await made.availability.report("cms", *period, sums=Sums(per=Per.SITE))
    assert [f"{moment:%d %H}" for moment in daily.bounds] == ["21 16", "22 00", "22 05"]
    first, second = daily.lines[0].tallies
    assert (first + second,) == total.tallies
    [site] = sites.lines
    everything = [line.tallies[0] + line.tallies[1] for line in daily.lines]
    assert (name(site), site.tallies[0]) == ("SITE", sum(everything[1:], everything[0]))


async def test_an_element_is_as_its_strictest_status_type(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("SE1", "WebDAV")))
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        grid.clock.advance(hours=1)
        await made.statuses.set(ADMIN, [RowName(ElementName("SE1"), "WriteAccess")], Status.BANNED, "full")
        grid.clock.advance(hours=3)
        wanted = Wanted({"name": "SE1"})
        each = await made.availability.report("cms", at(), at(hours=4), wanted, Sums(per=Per.STATUS_TYPE))
        [whole] = (await made.availability.report("cms", at(), at(hours=4), wanted)).lines
    assert {line.status_type: hours(line.tallies[0])[0] for line in each.lines} == {
        "CheckAccess": 4,
        "ReadAccess": 4,
        "RemoveAccess": 4,
        "WriteAccess": 1,
    }
    assert hours(whole.tallies[0]) == [1, 0, 3, 0, 0]


async def test_a_vo_counts_from_when_it_came_until_it_left(grid: Grid) -> None:
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        await passes(made, grid, at(hours=1))
        await made.vos.add(ADMIN, "lhcb")
        await passes(made, grid, at(hours=4))
        await made.vos.retire(ADMIN, "lhcb", "over")
        await passes(made, grid, at(hours=6))
        assert (await told(made, 6, vo="LHCb"))["CE1"] == [3, 0, 0, 0, 4]
        with pytest.raises(NotKnown):
            await made.availability.report("ilc", at(), at(hours=6))


async def test_a_report_takes_as_many_statements_for_many_elements_as_for_few(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.clock.advance(hours=1)
        few = await statements(made)
        grid.publish(osg.group("SITE", *(osg.resource(f"CE{number}", "CE") for number in range(1, 40))))
        await sync(made, "osg", force=True)
        assert await statements(made) == few


async def statements(made: Installation) -> int:
    with counted(made.database) as found:
        await made.availability.report("cms", at(), at(hours=1))
    return len(found)
