from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import BadStatus, CircuitOpen, TimedOut, TooLarge
from gridmask.http import Breaker, BreakerState, Client, Network
from tests.integration.http.conftest import LIMITS, NO_PAUSE
from tests.integration.http.server import drip, hang, reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.http.conftest import Clock
    from tests.integration.http.server import Server

BREAKER = Breaker(threshold=2, rest=timedelta(minutes=1))
ONCE = replace(LIMITS, attempts=1)


@pytest.fixture
async def client(clock: Clock) -> AsyncIterator[Client]:
    async with Client(clock, ONCE, backoff=NO_PAUSE, breaker=BREAKER, network=Network(per_host=2)) as client:
        yield client


async def fail_twice(client: Client, url: str) -> None:
    for _ in range(2):
        with pytest.raises(BadStatus):
            await client.get(url)


async def test_a_source_that_fails_repeatedly_is_left_alone(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(500))
    await fail_twice(client, url)
    with pytest.raises(CircuitOpen) as error:
        await client.get(url)
    assert error.value.retry_in == 60
    assert len(server.asked) == 2


async def test_it_is_asked_again_when_its_rest_is_over(server: Server, client: Client, clock: Clock) -> None:
    url = server.on("/feed", reply(500), reply(500), reply(200))
    await fail_twice(client, url)
    clock.now += timedelta(minutes=1)
    await client.get(url)
    assert client.breaker(url).state(clock.now) is BreakerState.CLOSED


async def test_after_its_rest_one_at_a_time_may_try(server: Server, client: Client, clock: Clock) -> None:
    url = server.on("/feed", reply(500), reply(500), reply(200))
    await fail_twice(client, url)
    clock.now += timedelta(minutes=1)
    outcomes = await asyncio.gather(client.get(url), client.get(url), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Answer", "CircuitOpen"]


async def test_other_paths_of_the_same_server_go_on(server: Server, client: Client) -> None:
    await fail_twice(client, server.on("/broken", reply(500)))
    await client.get(server.on("/working", reply(200)))


async def test_a_query_does_not_hide_an_endpoint(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(500))
    await fail_twice(client, url + "?at=1")
    with pytest.raises(CircuitOpen):
        await client.get(url + "?at=2")


async def test_a_server_that_answers_wrongly_is_no_dead_server(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(404))
    await fail_twice(client, url)
    await fail_twice(client, url)
    server.on("/feed", reply(200, bytes(2 * LIMITS.max_bytes)))
    for _ in range(3):
        with pytest.raises(TooLarge):
            await client.get(url)


async def test_a_missed_deadline_counts_as_a_failure(server: Server, client: Client) -> None:
    url = server.on("/feed", drip)
    for error in (TimedOut, TimedOut, CircuitOpen):
        with pytest.raises(error):
            await client.get(url, limits=replace(ONCE, deadline=0.05))


async def test_a_caller_who_leaves_is_no_failure(server: Server, client: Client) -> None:
    arrived = asyncio.Event()

    async def keep_waiting(writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await hang(writer)

    url = server.on("/feed", keep_waiting)
    task = asyncio.create_task(client.get(url))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert client.breaker(url) == BREAKER


async def test_no_more_than_so_many_ask_one_host_at_once(server: Server, client: Client) -> None:
    pair = asyncio.Barrier(2)
    at_once = set[int]()

    async def wait_for_the_other(writer: asyncio.StreamWriter) -> None:
        at_once.add(len(server.tasks))
        await pair.wait()
        await reply()(writer)

    url = server.on("/feed", wait_for_the_other)
    await asyncio.gather(*(client.get(url) for _ in range(6)))
    assert max(at_once) == 2
