"""Of the past, a VO is told what it saw: what became of an element while that was not offered to it stays with the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store.audit import Wanted
from tests import osg
from tests.clocks import at
from tests.contract.test_vos_apart import operator
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation

CE = ElementName("CE1")
CMS_ALONE = "<AllowedVOs><VO>CMS</VO></AllowedVOs>"
PARTS = ("private", "shared", "private again")


async def offered(made: Installation, grid: Grid, extra: str) -> None:
    """Let the inventory offer it so."""
    grid.clock.advance(minutes=5)
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE", extra=extra), osg.resource("CE2", "CE")))
    await sync(made, "osg", force=True)


async def test_what_was_done_while_an_element_was_not_offered_to_a_vo_is_not_told_to_it(grid: Grid) -> None:
    grid.publish(osg.group("SITE", osg.resource("CE2", "CE")))
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        for said, vos in zip(
            PARTS, ("<AllowedVOs><VO>CMS</VO></AllowedVOs>", "", "<AllowedVOs><VO>CMS</VO></AllowedVOs>"), strict=True
        ):
            await offered(made, grid, vos)
            status = Status.BANNED if said == "shared" else Status.DEGRADED
            # whatever it is called, the row of another element has it told to atlas
            rows = [RowName(CE), RowName(ElementName("CE2"), vo="atlas")]
            await made.statuses.set(ADMIN, rows, status, said)
        told = {vo: [c.reasons[0].text for c in await made.statuses.history(RowName(CE, vo=vo))] for vo in ("atlas", "cms")}
        assert [text for text in told["cms"] if text in PARTS] == list(PARTS[::-1])
        assert [text for text in told["atlas"] if text in PARTS] == ["shared"]
        records = await made.audit.list(operator("atlas"), Wanted(vo="atlas", actor=ADMIN.name))
        named = {record.comment: {change.name for change in record.changes} for record in records}
        assert named == {"private": {"CE2"}, "shared": {"CE1", "CE2"}, "private again": {"CE2"}}
        seen = (await made.portraits.of(CE, "cms")).element
        chronicle = await made.chronicles.of(seen, "atlas", at(hours=-1), grid.clock())
        assert [deed.reasons[0].text for deed in chronicle.deeds] == ["shared"]
