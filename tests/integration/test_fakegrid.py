from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.clock import fixed_clock
from gridmask.demo import stage
from gridmask.demo.fakegrid import FakeGrid
from gridmask.demo.play import Play
from gridmask.demo.script import Mischief
from gridmask.domain.errors import BadStatus, TimedOut
from gridmask.http import Answer, Limits, NotModified

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.http import Client

SITES = "https://gocdb.example.org/gocdbpi/public/?method=get_site"
DOWNTIMES = "https://topology.example.org/rgdowntime/xml"


@pytest.fixture
def play() -> Play:
    return Play(datetime(2026, 8, 21, 17, 0, 23, tzinfo=UTC))


@pytest.fixture
def grid(play: Play) -> FakeGrid:
    return FakeGrid(play, fixed_clock(play.moment(12)))


@asynccontextmanager
async def reading(grid: FakeGrid, play: Play) -> AsyncIterator[Client]:
    async with stage.client(grid, fixed_clock(play.moment(12))) as client:
        yield client


async def test_it_answers_by_the_real_client(grid: FakeGrid, play: Play) -> None:
    async with reading(grid, play) as client:
        assert b"FJELL-T1" in (await client.get(SITES)).body
        assert b"Prairie-CE1" in (await client.get(DOWNTIMES)).body


async def test_osg_answers_conditionally(grid: FakeGrid, play: Play) -> None:
    async with reading(grid, play) as client:
        first = await client.get(DOWNTIMES)
        assert isinstance(await client.get(DOWNTIMES, first.provenance.validators), NotModified)


async def test_gocdb_has_no_validators(grid: FakeGrid, play: Play) -> None:
    async with reading(grid, play) as client:
        assert not (await client.get(SITES)).provenance.validators


async def test_it_is_unavailable_on_command_and_returns(grid: FakeGrid, play: Play) -> None:
    async with reading(grid, play) as client:
        grid.misbehave("gocdb", Mischief.UNAVAILABLE)
        with pytest.raises(BadStatus, match="503"):
            await client.get(SITES)
        grid.misbehave("gocdb", None)
        assert isinstance(await client.get(SITES), Answer)


async def test_one_registry_fails_without_the_other(grid: FakeGrid, play: Play) -> None:
    grid.misbehave("gocdb", Mischief.UNAVAILABLE)
    async with reading(grid, play) as client:
        assert isinstance(await client.get(DOWNTIMES), Answer)


async def test_silence_lasts_as_long_as_somebody_waits(grid: FakeGrid, play: Play) -> None:
    grid.misbehave("osg", Mischief.SILENT)
    async with reading(grid, play) as client:
        with pytest.raises(TimedOut):
            await client.get(DOWNTIMES, limits=Limits(deadline=0.02, attempts=1))


@pytest.mark.parametrize(
    ("how", "begin"), [(Mischief.HTML, b"<!DOCTYPE html>"), (Mischief.ERROR, b"<error>"), (Mischief.TRUNCATED, b"<?xml")]
)
async def test_a_body_can_be_none(grid: FakeGrid, play: Play, how: Mischief, begin: bytes) -> None:
    async with reading(grid, play) as client:
        good = (await client.get(SITES)).body
        grid.misbehave("gocdb", how)
        bad = (await client.get(SITES)).body
    assert bad.startswith(begin)
    assert b"</results>" in good
    assert b"</results>" not in bad


async def test_it_fails_by_itself_when_the_script_says_so(play: Play) -> None:
    grid = FakeGrid(play, fixed_clock(play.moment(73)))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(grid)) as client:
        assert (await client.get(SITES)).status_code == 503


async def test_it_remembers_what_it_was_asked(grid: FakeGrid, play: Play) -> None:
    async with reading(grid, play) as client:
        await client.get(SITES)
        await client.get(DOWNTIMES)
    assert list(grid.asked) == ["/gocdbpi/public/?method=get_site", "/rgdowntime/xml"]
