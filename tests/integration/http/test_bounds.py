from __future__ import annotations

import gzip
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import TimedOut, TooLarge
from gridmask.http import Client
from tests.integration.http.conftest import LIMITS, NO_PAUSE
from tests.integration.http.server import MIB, bomb, drip, flood, hang, raw, reply, zipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.http.conftest import Clock
    from tests.integration.http.server import Server

SLACK = 3 * MIB


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


async def test_a_body_of_just_the_limit_is_taken(server: Server, client: Client) -> None:
    answer = await client.get(server.on("/feed", reply(200, bytes(MIB))))
    assert answer.provenance.size == LIMITS.max_bytes


async def test_a_body_longer_than_the_limit_is_refused(server: Server, client: Client) -> None:
    with pytest.raises(TooLarge) as error:
        await client.get(server.on("/feed", raw(b"HTTP/1.1 200 OK\r\n\r\n", bytes(MIB + 1))))
    assert error.value.limit == LIMITS.max_bytes
    assert len(server.asked) == 1


async def test_a_body_that_announces_too_much_is_not_waited_for(server: Server, client: Client) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"

    with pytest.raises(TooLarge):
        await client.get(server.on("/feed", raw(head)))


async def test_the_limit_holds_for_the_decompressed_body(server: Server, client: Client) -> None:
    url = server.on("/feed", zipped(gzip.compress(bytes(MIB))), zipped(gzip.compress(bytes(MIB + 1))))
    assert len((await client.get(url)).body) == MIB
    with pytest.raises(TooLarge):
        await client.get(url)


async def test_gzip_that_decompresses_to_nothing_is_bounded_too(server: Server, client: Client) -> None:
    nothing = gzip.compress(b"") * (MIB // 20 + 1)
    with pytest.raises(TooLarge):
        await client.get(server.on("/feed", raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", nothing)))


@pytest.mark.usefixtures("traced")
async def test_100_mb_take_no_more_memory_than_the_limit(server: Server, client: Client) -> None:
    url = server.on("/feed", flood)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    with pytest.raises(TooLarge):
        await client.get(url, limits=replace(LIMITS, max_bytes=8 * MIB))
    assert tracemalloc.get_traced_memory()[1] - before < 8 * MIB + SLACK


@pytest.mark.usefixtures("traced")
async def test_a_gzip_bomb_takes_no_more_memory_than_the_limit(server: Server, client: Client) -> None:
    url = server.on("/feed", zipped(bomb()))
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    with pytest.raises(TooLarge):
        await client.get(url, limits=replace(LIMITS, max_bytes=8 * MIB))
    assert tracemalloc.get_traced_memory()[1] - before < 8 * MIB + SLACK


@pytest.mark.usefixtures("traced")
async def test_a_body_is_held_once_only(server: Server, client: Client) -> None:
    url = server.on("/feed", zipped(gzip.compress(bytes(8 * MIB))))
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    answer = await client.get(url, limits=replace(LIMITS, max_bytes=8 * MIB))
    assert len(answer.body) == 8 * MIB
    assert tracemalloc.get_traced_memory()[1] - before < 8 * MIB + SLACK


async def test_a_server_that_says_nothing_is_given_up(server: Server, client: Client) -> None:
    with pytest.raises(TimedOut, match="nothing came"):
        await client.get(server.on("/feed", hang), limits=replace(LIMITS, timeout=0.05, attempts=2))
    assert len(server.asked) == 2


async def test_a_server_that_drips_meets_the_deadline(server: Server, client: Client) -> None:
    with pytest.raises(TimedOut, match=r"within 0\.1 s"):
        await client.get(server.on("/feed", drip), limits=replace(LIMITS, deadline=0.1))


async def test_the_deadline_holds_for_all_attempts_together(server: Server, client: Client) -> None:
    with pytest.raises(TimedOut, match=r"within 0\.1 s"):
        await client.get(server.on("/feed", reply(503)), limits=replace(LIMITS, deadline=0.1, attempts=1_000_000))


async def test_a_pause_does_not_outlast_the_deadline(server: Server, clock: Clock) -> None:
    async with Client(clock, replace(LIMITS, deadline=0.1), backoff=replace(NO_PAUSE, first=60, longest=60)) as client:
        with pytest.raises(TimedOut):
            await client.get(server.on("/feed", reply(503)))


async def test_endless_headers_are_given_up(server: Server, client: Client) -> None:
    with pytest.raises(Exception, match="broke off, or is not HTTP"):
        await client.get(server.on("/feed", raw(b"HTTP/1.1 200 OK\r\nX: ", b"x" * MIB)))
