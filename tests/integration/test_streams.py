"""Streams: what a reader is told, and when, whoever made the change."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests.clocks import at
from tests.grid import ADMIN, Grid, outage, sync

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Coroutine

    from gridmask.bootstrap import Installation
    from gridmask.service.news import News

CE1, CE2 = RowName(ElementName("CE1")), RowName(ElementName("CE2"))
SOON = 3
"""Seconds; a busy machine takes its time, and half of one is what another process's change may take by design."""


@asynccontextmanager
async def followed(made: Installation) -> AsyncIterator[None]:
    """The database is followed, as it is in a server."""
    async with background(made.watch.run()):
        yield


@asynccontextmanager
async def running(made: Installation) -> AsyncIterator[None]:
    """All that a server does by itself."""
    async with background(made.loop.run()), followed(made):
        yield


@asynccontextmanager
async def background(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def following(stream: AsyncGenerator[News, None]) -> News:
    async with asyncio.timeout(SOON):
        return await anext(stream)


async def told_that_ce1_is(status: str, stream: AsyncGenerator[News, None]) -> News:
    """The first news that say so."""
    async with asyncio.timeout(SOON):
        async for news in stream:
            if {"all": status} in [e["status"] for e in json.loads(news.data)["elements"] if e["name"] == "CE1"]:
                return news
    raise AssertionError


async def test_a_reader_is_told_the_mask_and_then_each_change(grid: Grid) -> None:
    async with grid.open() as made, followed(made), aclosing(made.masks.stream("CMS", None)) as stream:
        await sync(made)
        first = await following(stream)
        assert (first.event, first.revision, first.data) == ("mask", 2, (await made.masks.serve("cms")).body)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "security")
        second = await following(stream)
        assert (second.event, second.revision) == ("delta", 3)
        told = json.loads(second.data)
        assert [(e["name"], e["status"]) for e in told["elements"]] == [("CE1", {"all": "Banned"})]
        assert (told["since"], told["gone"]) == (2, [])


async def test_a_reader_that_comes_back_is_told_what_it_missed(grid: Grid) -> None:
    async with grid.open() as made, followed(made):
        await sync(made)
        for row, status in ((CE1, Status.BANNED), (CE2, Status.DEGRADED), (CE1, Status.ERROR)):
            await made.statuses.set(ADMIN, [row], status, "busy day")
        async with aclosing(made.masks.stream("cms", 2)) as stream:
            missed = await following(stream)
        told = {e["name"]: e["status"]["all"] for e in json.loads(missed.data)["elements"]}
        assert (missed.event, missed.revision, told) == ("delta", 5, {"CE1": "Error", "CE2": "Degraded"})


async def test_a_reader_from_the_future_is_told_the_whole_mask(grid: Grid) -> None:
    async with grid.open() as made, followed(made):
        await sync(made)
        async with aclosing(made.masks.stream("cms", 99)) as stream:
            news = await following(stream)
        assert (news.event, news.revision) == ("mask", 2)


async def test_a_change_for_another_vo_is_no_news(grid: Grid) -> None:
    async with grid.open() as made, followed(made), aclosing(made.masks.stream("cms", None)) as stream:
        await sync(made)
        await following(stream)
        await made.statuses.set(ADMIN, [RowName(CE1.element, vo="atlas")], Status.BANNED, "atlas alone")
        await made.statuses.set(ADMIN, [CE2], Status.BANNED, "everyone")
        news = await following(stream)
        assert [e["name"] for e in json.loads(news.data)["elements"]] == ["CE2"]


async def test_a_change_by_another_process_is_told_within_seconds(grid: Grid, database_url: str) -> None:
    grid = Grid(grid.folder, database_url, grid.clock)
    async with grid.open() as made, followed(made), grid.open() as other:
        await sync(other)
        async with aclosing(made.masks.stream("cms", None)) as stream:
            await following(stream)
            outcome, _ = await other.statuses.set(ADMIN, [CE1], Status.BANNED, "security")
            news = await told_that_ce1_is("Banned", stream)
        assert (news.event, news.revision) == ("delta", outcome.revision)


async def test_what_a_source_says_anew_is_told_within_seconds(grid: Grid) -> None:
    often = tuple(source.model_copy(update={"every": timedelta(seconds=0.2)}) for source in grid.settings().source)
    async with grid.open(source=often) as made, running(made), aclosing(made.masks.stream("cms", None)) as stream:
        await told_that_ce1_is("Active", stream)
        grid.announce(outage("1", "CE1", at(hours=-1), at(hours=2)))
        await told_that_ce1_is("Banned", stream)


async def test_what_falls_due_is_told_within_seconds(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        async with running(made), aclosing(made.masks.stream("cms", None)) as stream:
            await told_that_ce1_is("Active", stream)
            grid.clock.now = at(hours=1)
            made.loop.notice()
            await told_that_ce1_is("Banned", stream)
