"""Bells: several processes on one database, which learn of each other's commits, with a real Redis and without."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import structlog

from gridmask.bells import redis as bells
from gridmask.bells.redis import RedisBell, RedisServer
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.status import Status
from gridmask.service import watch
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Server, load
from tests.conftest import where_installed
from tests.grid import ADMIN, Grid, sync
from tests.relay import relay
from tests.services import PASSWORD, redis

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from gridmask.service.news import News
    from tests.services import Service

CE1 = RowName(ElementName("CE1"))
NEVER = 60.0


@pytest.fixture(scope="module")
def a_redis() -> Iterator[Service]:
    with where_installed(), redis() as service:
        yield service


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    return file


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "AGAIN", (0.02, 0.05))


@asynccontextmanager
async def background(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def two(grid: Grid, port: int, password: Path, database: str = "") -> AsyncIterator[tuple[Installation, Installation]]:
    """Two processes, as far as they can know, with a bell at this port."""
    server = Server(redis=f"redis://127.0.0.1:{port}", redis_password_file=password)
    grid.database = database or f"sqlite:///{grid.folder / 'gridmask.db'}"
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(grid.open(server=server))
        await sync(one)
        other = await stack.enter_async_context(grid.open(server=server))
        for made in (one, other):
            await stack.enter_async_context(background(made.watch.run()))
        yield one, other


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not what():  # noqa: ASYNC110 - of several, none of which tells
            await asyncio.sleep(0.005)


async def hears(stream: AsyncGenerator[News, None], status: Status) -> bool:
    """Whether the next news is that CE1 has this status."""
    news = await asyncio.wait_for(anext(stream), 5)
    return [(e["name"], e["status"]) for e in json.loads(news.data)["elements"]] == [("CE1", {"all": status.label})]


def looking_every(seconds: float, with_bell: float, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FOLLOWED", "UNFOLLOWED"):
        monkeypatch.setattr(watch, name, seconds)
    monkeypatch.setattr(watch, "WITH_BELL", with_bell)


def _write(file: Path, text: str) -> None:
    file.write_text(text)


# --- Several processes


async def test_by_a_bell_alone_a_change_in_one_process_reaches_a_stream_of_another(
    grid: Grid, database_url: str, a_redis: Service, password: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking_every(NEVER, NEVER, monkeypatch)
    async with two(grid, a_redis.port, password, database_url) as (one, other):
        await until(lambda: one.watch.hears and other.watch.hears)
        async with aclosing(other.masks.stream("cms", None)) as stream:
            await anext(stream)
            await one.statuses.set(ADMIN, [CE1], Status.BANNED, "security")
            assert await hears(stream, Status.BANNED)


async def test_without_redis_nothing_is_lost_and_once_it_is_back_it_is_heard_again(
    grid: Grid, a_redis: Service, password: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking_every(0.02, NEVER, monkeypatch)
    async with relay(a_redis.port) as way, two(grid, way.port, password) as (one, other):
        await until(lambda: one.watch.hears and other.watch.hears)
        async with aclosing(other.masks.stream("cms", None)) as stream:
            await anext(stream)
            way.cut()
            await until(lambda: not (one.watch.hears or other.watch.hears))
            await one.statuses.set(ADMIN, [CE1], Status.BANNED, "security")
            assert await hears(stream, Status.BANNED)
            way.mend()
            looking_every(NEVER, NEVER, monkeypatch)
            await until(lambda: one.watch.hears and other.watch.hears)
            await one.statuses.set(ADMIN, [CE1], Status.ACTIVE, "over")
            assert await hears(stream, Status.ACTIVE)


async def test_what_others_commit_is_heeded_by_what_goes_on_by_itself(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    looking_every(0.01, NEVER, monkeypatch)
    grid.database = f"sqlite:///{grid.folder / 'gridmask.db'}"
    async with grid.open() as one, grid.open() as other:
        await sync(one)
        heeded: list[int] = []
        other.watch.heeding.append(lambda: heeded.append(other.board.revision))
        async with background(other.watch.run()):
            await until(lambda: other.board.revision == 2)
            await other.statuses.set(ADMIN, [CE1], Status.BANNED, "its own: told at once")
            await until(lambda: other.board.revision == 3)
            own = list(heeded)
            await one.statuses.set(ADMIN, [CE1], Status.ACTIVE, "of the other")
            await until(lambda: heeded[len(own) :] == [4])
    assert own == [2]


# --- The bell


async def test_who_rings_is_heard_by_all_but_itself(a_redis: Service, password: Path) -> None:
    server = RedisServer(f"redis://127.0.0.1:{a_redis.port}", password)
    ringing, listening = RedisBell(server), RedisBell(server)
    own, others = asyncio.Event(), asyncio.Event()
    async with background(ringing.run(own.set)), background(listening.run(others.set)):
        await until(lambda: ringing.is_heard and listening.is_heard)
        own.clear()
        others.clear()
        ringing.ring()
        await asyncio.wait_for(others.wait(), 5)
        listening.ring()
        await asyncio.wait_for(own.wait(), 5)
        own.clear()
        ringing.ring()
        await asyncio.sleep(0.05)
        assert not own.is_set()


async def test_no_password_is_told_when_it_is_wrong(a_redis: Service, password: Path) -> None:
    _write(password, "c4n4ry")
    bell = RedisBell(RedisServer(f"redis://127.0.0.1:{a_redis.port}", password))
    with structlog.testing.capture_logs() as told:
        async with background(bell.run(lambda: None)):
            await until(lambda: bool(told))
    assert "the bell is broken" in str(told)
    assert "c4n4ry" not in f"{told}{bell!r}"


async def test_a_bell_goes_on_when_its_password_is_not_there_for_a_while(a_redis: Service, password: Path) -> None:
    bell = RedisBell(RedisServer(f"redis://127.0.0.1:{a_redis.port}", password))
    _write(password, "")
    with structlog.testing.capture_logs() as told:
        async with background(bell.run(lambda: None)):
            await until(lambda: bool(told))
            _write(password, PASSWORD)
            await until(lambda: bell.is_heard)


@pytest.mark.parametrize("url", ["redis://user:c4n4ry@here:x", "redis://:c4n4ry@here:99999999"])
def test_an_address_that_is_none_is_told_without_its_password(url: str) -> None:
    with pytest.raises(InvalidConfiguration, match=r"server\.redis: is no address of a Redis") as caught:
        RedisBell(RedisServer(url))
    assert "c4n4ry" not in str(caught.value)


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(InvalidConfiguration, match=r"redis is not installed; it comes with gridmask\[redis\]"):
        RedisBell(RedisServer("redis://127.0.0.1:6379"))


# --- Settings


def test_an_address_from_the_environment_replaces_that_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "gridmask.toml"
    file.write_text('[server]\nredis = "redis://here:6379"\nredis_password_file = "secret"\n')
    assert load(file, {}).server.redis_password_file == tmp_path / "secret"
    assert load(file, {"GRIDMASK_REDIS": "rediss://:c4n4ry@there:6380"}).server.redis == "rediss://:c4n4ry@there:6380"
    assert "c4n4ry" not in repr(load(file, {"GRIDMASK_REDIS": "rediss://:c4n4ry@there:6380"}))


@pytest.mark.parametrize("url", ["http://here", "redis://", "here:6379", "unix:///run/redis.sock"])
def test_what_is_no_redis_is_refused_without_being_repeated(tmp_path: Path, url: str) -> None:
    file = tmp_path / "gridmask.toml"
    file.write_text(f'[server]\nredis = "{url}?password=c4n4ry"\n')
    with pytest.raises(InvalidConfiguration, match=r"server\.redis: must be redis://HOST:PORT") as caught:
        load(file, {})
    assert "c4n4ry" not in str(caught.value)
