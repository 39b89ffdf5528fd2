from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gridmask.domain.guard import Batch, BatchState, Cause
from gridmask.store import guard, vos
from gridmask.store.database import Database, advance
from gridmask.store.glance import Glance, glance
from tests.clocks import at

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncConnection

    Work = Callable[[AsyncConnection], Awaitable[None]]

BATCH = Batch("b1", Cause("source", "feed"), at(), at(hours=4), 3, frozenset({"cms"}))


async def seen(database: Database) -> Glance:
    async with database.reading() as connection:
        return await glance(connection)


async def shows(database: Database, work: Work) -> bool:
    """Whether a glance after ``work`` is another than before."""
    before = await seen(database)
    await database.change(lambda connection, _: work(connection))
    return await seen(database) != before


async def test_a_glance_shows_whatever_can_be_news(database: Database) -> None:
    decided = replace(BATCH, state=BatchState.DROPPED, decided_at=at(hours=1), decided_by="admin")
    news: list[Work] = [
        lambda connection: advance(connection, 1),
        lambda connection: vos.register(connection, ["cms"], 1, at()),
        lambda connection: vos.retire(connection, ["cms"], at()),
        lambda connection: guard.save(connection, [BATCH]),
        lambda connection: guard.save(connection, [replace(BATCH, rows=4)]),
        lambda connection: guard.save(connection, [decided]),
    ]
    assert [await shows(database, work) for work in news] == [True] * len(news)


async def test_where_nothing_is_new_a_glance_is_the_same(database: Database) -> None:
    assert await seen(database) == await seen(database)
