"""DIRAC's vector about history, on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    from tests.grid import Grid

A, B, U = Status.ACTIVE, Status.BANNED, Status.UNKNOWN
CE1 = RowName(ElementName("CE1"))


async def test_vector_21_what_is_written_again_is_one_entry_of_history(grid: Grid) -> None:
    """A, A, B, B, A by one owner is A, B, A. Of a row without history, DIRAC keeps the first alone."""
    grid.publish(osg.group("SITE", osg.resource("CE1", "CE")))
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        for status in (A, A, B, B, A):
            grid.clock.advance(minutes=1)
            await made.statuses.set(ADMIN, [CE1], status, "Written.")
        changes = [change for change in reversed(await made.statuses.history(CE1)) if change.kind in {"opened", "status"}]
    assert [Status(change.new) for change in changes] == [U, A, B, A]
    assert [change.actor for change in changes[2:]] == ["admin", "admin"]
