"""The figures by which one sees how an installation fares, on every database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert

from gridmask.store import figures, vos, work
from gridmask.store.figures import Queue
from gridmask.store.tables import workers
from gridmask.store.work import Item
from tests.clocks import at
from tests.grid import catch_up, outage, sync

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid

MINUTE = timedelta(minutes=1)


async def test_what_is_due_and_what_was_taken_is_counted(grid: Grid) -> None:
    late = at(hours=2) + MINUTE
    async with grid.open() as made:
        grid.announce(outage("9", "CE2", at(hours=2), at(hours=3)))
        await sync(made)
        async with made.database.reading() as connection:
            assert await figures.due(connection, at()) == Queue(0, None)
            assert (await figures.due(connection, late)).lag(late) == 60
        grid.clock.advance(hours=2)
        await catch_up(made)
        async with made.database.reading() as connection:
            assert await figures.taken(connection, at(hours=1)) == {"all": 1}
            assert await figures.taken(connection, at(hours=2)) == {}
            assert (await vos.masks_changed_at(connection))["cms"] == at(hours=2)
            last = await vos.last_revision(connection)
            assert await vos.made_since(connection, last - 1, last) == [at(hours=2)]
            assert await vos.made_since(connection, -1, last) == []
        await _plan(made)
        async with made.database.reading() as connection:
            assert await figures.queues(connection, at()) == {"read": Queue(1, at() - MINUTE, 1), "tidy": Queue(0, None, 0)}
            assert await figures.at_work(connection, at(), MINUTE) == 1
            assert await figures.held(connection) == 0


async def _plan(made: Installation) -> None:
    """Two sources are due, of which one is read; to tidy up is not due yet."""
    items = [Item("read", name, "all", "", at() - MINUTE) for name in "ab"] + [Item("tidy", "", "all", "", at() + MINUTE)]
    await made.database.note(lambda connection: work.plan(connection, items, ["read", "tidy"]))
    room = {"read": 1}
    await made.database.note(lambda connection: work.claim(connection, "somebody", room, at(), MINUTE))
    seen = [
        {"name": name, "host": "h", "version": "1", "kinds": "", "places": 1, "began_at": at(), "seen_at": at() - ago}
        for name, ago in (("here", timedelta(seconds=5)), ("gone", timedelta(minutes=5)))
    ]
    await made.database.note(lambda connection: connection.execute(insert(workers), seen))
