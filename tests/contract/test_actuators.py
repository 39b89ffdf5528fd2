"""What an actuator remembers and enters in the books, on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.actions.actuating.memory import recollected
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store.audit import Wanted
from tests import osg
from tests.actuated import FtsDouble, listening
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from pathlib import Path


async def test_what_was_done_is_remembered_and_in_the_books(database_url: str, tmp_path: Path) -> None:
    grid = Grid(tmp_path, database_url)
    grid.publish(osg.group("EXAMPLE", osg.resource("SE1", "SRMv2", FQDN="se1.example.org")))
    grid.announce()
    async with listening(FtsDouble(jobs=["jöb"])) as fts:
        table = {"name": "fts", "url": fts.url, "vo": "cms"}
        async with grid.open(fts3=(table,)) as made:
            await sync(made)
            rows = [RowName(ElementName("SE1"), aspect) for aspect in ("ReadAccess", "WriteAccess")]
            await made.statuses.set(ADMIN, rows, Status.BANNED, "out of disk, déjà vu")
            await made.dispatcher.deliver()
        async with grid.open(fts3=(table,)) as made:
            async with made.database.reading() as connection:
                memory = await recollected(connection, "fts")
            (entry,) = await made.audit.list(ADMIN, Wanted(action="actuator wrote"))
            await made.statuses.set(ADMIN, rows, Status.ACTIVE, "mended")
            await made.dispatcher.deliver()
    assert memory.written["davs://se1.example.org"].states == {"transfers": False}
    assert entry.details is not None
    assert (entry.details["answer"], entry.vos, fts.bans) == ("1 jobs affected: jöb", ("cms",), {})
