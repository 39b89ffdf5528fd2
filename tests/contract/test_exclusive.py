"""Who works on an action by hand has it alone, for as long as that takes, on every database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import Conflict
from gridmask.service import exclusive
from gridmask.service.exclusive import TERM, Exclusive
from gridmask.store import deliveries
from tests.clocks import Clock

if TYPE_CHECKING:
    from gridmask.store.database import Database

NAME = "rucio"


@pytest.fixture
async def clock(database: Database, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """An action is configured; nobody waits for long."""
    monkeypatch.setattr(exclusive, "BEAT", 0.01)
    monkeypatch.setattr(exclusive, "WAITS", 1)
    made = Clock()
    await database.change(lambda connection, _: deliveries.register(connection, {NAME: "rucio"}, made()))
    return made


async def leased_until(database: Database) -> object:
    async with database.reading() as connection:
        [row] = await deliveries.listed(connection)
    return row.leased_until


async def test_however_long_it_takes_nobody_else_has_it(database: Database, clock: Clock) -> None:
    async def long() -> str:
        for _ in range(3):
            clock.advance(seconds=TERM.total_seconds() - 1)
            while await leased_until(database) != clock() + TERM:  # noqa: ASYNC110 - it is in the database
                await asyncio.sleep(0.01)
            with pytest.raises(Conflict, match="at work just now"):
                await Exclusive(database, clock, NAME).do(never)
        return "done"

    assert await Exclusive(database, clock, NAME).do(long) == "done"
    assert await leased_until(database) is None


async def never() -> None:
    raise AssertionError("another one is at work")


async def test_who_stood_still_for_so_long_that_another_has_it_stops(database: Database, clock: Clock) -> None:
    stopped = asyncio.Event()

    async def still() -> None:
        clock.advance(seconds=TERM.total_seconds())
        now = clock()
        assert await database.change(lambda connection, _: deliveries.claim(connection, NAME, "another", now, TERM))
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    with pytest.raises(Conflict, match="stood still"):
        await Exclusive(database, clock, NAME).do(still)
    assert stopped.is_set()
    assert await leased_until(database) == clock() + TERM


async def test_what_goes_wrong_is_told_as_it_is_and_it_is_left(database: Database, clock: Clock) -> None:
    async def wrong() -> None:
        raise Conflict("so it is")

    with pytest.raises(Conflict, match="so it is"):
        await Exclusive(database, clock, NAME).do(wrong)
    assert await leased_until(database) is None
    with pytest.raises(Conflict, match="have no actuator 'fts'"):
        await Exclusive(database, clock, "fts").do(never)
