"""What happened to one element, and what stands around it, on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.measurements import Metric
from gridmask.domain.status import Status
from gridmask.service.chronicles import Chronicles
from gridmask.service.portrait import Back
from gridmask.service.selection import ElementName, RowName
from gridmask.testing import measured
from tests.clocks import NOW, at
from tests.grid import ADMIN, CMS, outage, sync

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.domain.element import Element
    from gridmask.service.chronicles import Recorded
    from tests.grid import Grid

CE1 = ElementName("CE1")


async def lived(grid: Grid, made: Installation) -> Element:
    """CE1 after a day: its downtime was extended, another withdrawn, and a person had it meanwhile."""
    await sync(made)
    grid.clock.advance(minutes=30)
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=3)), outage("2", "CE1", at(2), at(3)))
    await sync(made, "feed", force=True)
    grid.clock.advance(hours=4)
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=3)))
    await sync(made, "feed", force=True)
    await made.statuses.set(CMS, [RowName(CE1, vo="cms")], Status.BANNED, "looked odd")
    grid.clock.advance(hours=1)
    await made.tokens.release(ADMIN, [RowName(CE1, vo="cms")])
    grid.clock.advance(hours=1)
    return (await made.portraits.of(CE1, "cms")).element


async def test_a_chronicle_has_what_was_seen_announced_and_decided(grid: Grid) -> None:
    async with grid.open() as made:
        element = await lived(grid, made)
        told = await made.chronicles.of(element, "cms", at(hours=-1), at(hours=8))
        (line,) = told.timelines
        assert [s.status for s in line.stretches if s.status is not None][:1] == [Status.BANNED]
        assert (line.stretches[0].start, line.stretches[-1].end) == (at(hours=-1), grid.clock())
        assert all(s.number for s in line.stretches if s.status is not None)
        assert [deed.actor for deed in told.deeds] == ["admin", "shifter"]
        ends = {c.last.key.record: [v.downtime.interval.end for v in c.versions] for c in told.courses}
        assert ends == {"1@CE1": [at(hours=1), at(hours=3)]}
        await from_the_beginning(made, element)


async def from_the_beginning(made: Installation, element: Element) -> None:
    """Everything begins with what is known, and has what was withdrawn."""
    told = await made.chronicles.of(element, "cms", None, at(9))
    assert told.since == NOW
    assert {c.last.key.record: c.withdrawn_at for c in told.courses} == {"1@CE1": None, "2@CE1": at(hours=4.5)}
    changes = (await made.portraits.of(CE1, "cms", Back(limit=1))).changes
    assert len(changes) == 2
    older = (await made.portraits.of(CE1, "cms", Back(changes[0].id, inclusive=True, limit=1))).changes
    assert [change.id for change in older] == [change.id for change in changes]


async def test_what_was_recorded_can_be_plugged_in_and_what_is_around_is_told_the_worst_first(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        element = (await made.portraits.of(CE1, "cms")).element
        asked = []

        async def recorder(about: Element, since: datetime, until: datetime) -> Recorded:
            asked.append((since, until))
            one = measured(Metric("load", 3.0), about)
            return {one.key: (one,)}

        grid.clock.advance(hours=2)
        told = await Chronicles(made.inspector, made.timelines, recorder).of(element, "cms", NOW, at(hours=2))
        assert [len(versions) for versions in told.recorded.values()] == [1]
        assert asked == [(NOW, at(hours=2))]
        await around_it(made)


async def around_it(made: Installation) -> None:
    """Around an element is its site, and what else is there."""
    around = (await made.portraits.of(ElementName("CE2"), "cms")).surroundings
    assert around.site is not None
    assert around.site.element.key.name == "SITE"
    told = [(one.element.key.name, *(row.status for row in one.rows)) for one in around.others]
    assert told == [("CE1", Status.BANNED), ("CE3", Status.ACTIVE)]
    assert (around.upward, around.downward) == ((), ())
