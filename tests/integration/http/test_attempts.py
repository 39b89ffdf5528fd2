from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import BadStatus, FetchFailed, Unreachable
from gridmask.http import Client
from tests.integration.http.conftest import LIMITS, NO_PAUSE
from tests.integration.http.server import hang, raw, reply, reset, running

if TYPE_CHECKING:
    from tests.integration.http.conftest import Clock
    from tests.integration.http.server import Reaction, Server

TRUNCATED = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"only this")
TRUNCATED_CHUNK = raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"64\r\nonly this")
GARBAGE = raw(b"220 mail.example.org ESMTP\r\n")
SILENCE = raw()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_an_error_that_passes_is_waited_out(server: Server, client: Client, status: int) -> None:
    answer = await client.get(server.on("/feed", reply(status), reply(200, b"at last")))
    assert answer.body == b"at last"


@pytest.mark.parametrize("reaction", [reset, TRUNCATED, TRUNCATED_CHUNK, GARBAGE, SILENCE])
async def test_a_broken_connection_is_tried_again(server: Server, client: Client, reaction: Reaction) -> None:
    answer = await client.get(server.on("/feed", reaction, reply(200, b"at last")))
    assert answer.body == b"at last"


@pytest.mark.parametrize("reaction", [reset, TRUNCATED, TRUNCATED_CHUNK, GARBAGE, SILENCE])
async def test_a_connection_that_always_breaks_is_given_up(server: Server, client: Client, reaction: Reaction) -> None:
    with pytest.raises(Unreachable, match="broke off, or is not HTTP"):
        await client.get(server.on("/feed", reaction))
    assert len(server.asked) == LIMITS.attempts


async def test_silence_is_tried_again(server: Server, client: Client) -> None:
    limits = replace(LIMITS, timeout=0.1)
    assert (await client.get(server.on("/feed", hang, reply(200, b"at last")), limits=limits)).body == b"at last"


async def test_a_lasting_error_is_told_after_the_last_attempt(server: Server, client: Client) -> None:
    with pytest.raises(BadStatus) as error:
        await client.get(server.on("/feed", reply(500)))
    assert error.value.status == 500
    assert not error.value.permanent
    assert len(server.asked) == LIMITS.attempts


async def test_one_attempt_can_be_all(server: Server, client: Client) -> None:
    with pytest.raises(BadStatus):
        await client.get(server.on("/feed", reply(500)), limits=replace(LIMITS, attempts=1))
    assert len(server.asked) == 1


async def test_nobody_there_is_unreachable(client: Client) -> None:
    async with running() as gone:
        pass
    with pytest.raises(Unreachable, match="no connection"):
        await client.get(gone.url)


async def test_a_server_that_wants_a_long_pause_is_not_asked_again(server: Server, client: Client) -> None:
    with pytest.raises(BadStatus):
        await client.get(server.on("/feed", reply(503, Retry_After="3600"), reply()))
    assert len(server.asked) == 1


@pytest.mark.parametrize("wish", ["0", "Fri, 21 Aug 2026 16:59:59 GMT", "soon"])
async def test_a_server_that_wants_no_pause_is_asked_again(server: Server, client: Client, wish: str) -> None:
    await client.get(server.on("/feed", reply(503, Retry_After=wish), reply()))
    assert len(server.asked) == 2


async def test_a_pause_that_the_server_wants_is_kept(server: Server, clock: Clock) -> None:
    limits = replace(LIMITS, deadline=0.1)
    async with Client(clock, limits, backoff=replace(NO_PAUSE, longest=5)) as client:
        with pytest.raises(FetchFailed, match=r"within 0\.1 s"):
            await client.get(server.on("/feed", reply(503, Retry_After="1"), reply()))
    assert len(server.asked) == 1
