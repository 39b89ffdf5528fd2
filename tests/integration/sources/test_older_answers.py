"""A server that goes back in time: a mirror that lags, a backup that was restored."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from tests.clocks import at
from tests.integration.http.server import reply
from tests.integration.sources.speaking import CES, site_of
from tests.integration.sources.world import health, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from tests.integration.http.server import Reaction
    from tests.integration.sources.speaking import Records
    from tests.integration.sources.world import World

SITE = site_of(CES[0])
DAYS = [at(days=-3), at(days=-2), at(days=-1)]


def dated(moment: datetime | str) -> Callable[[bytes], Reaction]:
    """The server says that it was modified then."""
    said = moment if isinstance(moment, str) else format_datetime(moment, usegmt=True)
    return lambda body: reply(200, body, Last_Modified=said)


def adding(number: int) -> Callable[[Records], Records]:
    """So many elements more than at first."""
    more = [f'[[resource]]\nname = "new{each}"\nsite = "{SITE}"\ntype = "FTS"\n' for each in range(number)]
    return lambda records: {**records, next(iter(records)): [*next(iter(records.values())), *more]}


async def says(world: World, made: Installation, number: int, moment: datetime | str, *, minutes: float = 10) -> str | None:
    """Some time later, the server says that, and when that was. Returns why it is not taken."""
    world.clock.advance(minutes=minutes)
    world.changed["inventory"], world.mangled["inventory"] = adding(number), dated(moment)
    return (await read(made, "inventory"))["inventory"].failure


async def test_what_is_older_than_what_was_said_last_is_no_news(world: World) -> None:
    async with world.open() as made:
        assert await says(world, made, 2, DAYS[1]) is None
        there = (await health(made, "inventory")).in_force
        failure = await says(world, made, 1, DAYS[0])
        assert "dates from 2026-08-18T17:00:00Z, and the last one from 2026-08-19T17:00:00Z: it is no news" in (failure or "")
        assert ((await health(made, "inventory")).in_force, (await health(made, "inventory")).state) == (there, "failing")
        assert await says(world, made, 3, DAYS[2]) is None
        assert (await health(made, "inventory")).in_force == there + 1


async def test_who_says_nothing_newer_for_as_long_as_answers_count_has_gone_back_for_good(world: World) -> None:
    async with world.open() as made:
        assert await says(world, made, 2, DAYS[1]) is None
        assert await says(world, made, 1, DAYS[0], minutes=119)
        assert await says(world, made, 1, DAYS[0], minutes=1) is None


async def test_what_is_older_can_be_forced(world: World) -> None:
    async with world.open() as made:
        assert await says(world, made, 2, DAYS[1]) is None
        assert await says(world, made, 1, DAYS[0])
        [source] = made.sources.chosen(["inventory"])
        assert (await made.intake.collect(source, force=True)).failure is None


@pytest.mark.parametrize("odd", ["yesterday", "", "Fri, 32 Aug 2026 17:00:00 GMT"])
async def test_a_date_that_cannot_be_read_says_nothing(world: World, odd: str) -> None:
    async with world.open() as made:
        assert await says(world, made, 1, DAYS[1]) is None
        assert await says(world, made, 2, odd) is None
        assert await says(world, made, 3, DAYS[0]) is None


async def test_a_date_in_the_future_says_nothing(world: World) -> None:
    async with world.open() as made:
        assert await says(world, made, 1, at(days=1)) is None
        assert await says(world, made, 2, DAYS[0]) is None


async def test_the_same_again_is_no_older_whatever_the_date(world: World) -> None:
    async with world.open() as made:
        assert await says(world, made, 1, DAYS[1]) is None
        assert await says(world, made, 1, DAYS[0]) is None
