"""Work that one process does at a time: who has it, and who follows, on every database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.inspection import tenure
from gridmask.inspection.tenure import TERM, Tenure
from gridmask.store import leases
from tests.clocks import Clock

if TYPE_CHECKING:
    from gridmask.store.database import Database


@pytest.fixture
def clock() -> Clock:
    return Clock()


def several(database: Database, clock: Clock, count: int = 2) -> list[Tenure]:
    """As many processes that want the same."""
    return [Tenure(database, clock, "probing") for _ in range(count)]


async def test_of_many_who_ask_at_once_one_has_it(database: Database, clock: Clock) -> None:
    asked = several(database, clock, 8)
    assert sum(await asyncio.gather(*(one.claim() for one in asked))) == 1
    assert sum(one.is_held for one in asked) == 1


async def test_who_says_that_it_goes_on_keeps_it(database: Database, clock: Clock) -> None:
    first, second = several(database, clock)
    for _ in range(5):
        assert (await first.claim(), await second.claim()) == (True, False)
        clock.advance(seconds=20)
    assert first.times == 1


async def test_who_leaves_is_followed_at_once(database: Database, clock: Clock) -> None:
    first, second = several(database, clock)
    await first.claim()
    await first.leave()
    assert (first.is_held, await second.claim()) == (False, True)


async def test_who_dies_is_followed_once_its_term_is_over(database: Database, clock: Clock) -> None:
    first, second = several(database, clock)
    await first.claim()
    clock.advance(seconds=(TERM - timedelta(seconds=1)).total_seconds())
    assert not await second.claim()
    clock.advance(seconds=1)
    assert await second.claim()
    assert not await first.claim()


async def test_who_is_silent_takes_it_for_lost_before_another_can_have_it(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(tenure, "alive", lambda: now)
    [first] = several(database, clock, 1)
    await first.claim()
    now = 19.9
    assert first.is_held
    now = 20.0
    assert not first.is_held


async def test_who_leaves_late_takes_it_from_nobody(database: Database, clock: Clock) -> None:
    first, second = several(database, clock)
    await first.claim()
    clock.advance(minutes=1)
    await second.claim()
    await first.leave()
    assert (await second.claim(), await first.claim()) == (True, False)


async def test_it_is_told_who_has_it(database: Database, clock: Clock) -> None:
    [one] = several(database, clock, 1)

    async def holder() -> str | None:
        async with database.reading() as connection:
            return await leases.holder_of(connection, "probing", clock())

    assert await holder() is None
    await one.claim()
    assert await holder()
    await one.leave()
    assert await holder() is None


async def test_who_is_stopped_leaves_it(database: Database, clock: Clock) -> None:
    first, second = several(database, clock)
    keeping = asyncio.create_task(first.keep())
    await first.begun()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert await second.claim()
