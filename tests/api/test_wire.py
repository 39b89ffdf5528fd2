"""The connection itself as a wire: a slow reader costs a bounded part of memory, and nothing gets lost."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import h11

from gridmask.api.wire import EXTENSION, PIECE, Direct, Frame, Relayed, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BIG = b"".join(b"%d " % number for number in range(2_000_000))
"""More than any buffer of the system holds."""


class Line(asyncio.Protocol):
    """A connection, as our server has it."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.wire: Direct | None = None
        self.made = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.made.set()

    def resume_writing(self) -> None:
        if self.wire is not None:
            self.wire.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self.wire is not None:
            self.wire.lost()


class Reader:
    """Who is told how a wire fares; ``more`` is done whenever there is room."""

    def __init__(self, more: Callable[[], None] = lambda: None) -> None:
        self.more = more
        self.is_lost = asyncio.Event()

    def drained(self) -> None:
        self.more()

    def lost(self) -> None:
        self.is_lost.set()


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[Line, socket.socket]]:
    """A connection of ours, and the other end of it, at which nobody reads yet."""
    loop, line = asyncio.get_running_loop(), Line()
    server = await loop.create_server(lambda: line, "127.0.0.1", 0)
    with socket.socket() as there:
        there.settimeout(0)
        await loop.sock_connect(there, server.sockets[0].getsockname())
        async with asyncio.timeout(5):
            await line.made.wait()
        yield line, there
    line.transport.abort()
    server.close()
    await server.wait_closed()


async def received(there: socket.socket, length: int) -> bytes:
    """What comes in chunks until there is so much, as any client reads it."""
    client, body = h11.Connection(h11.CLIENT), bytearray()
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "here")]))
    client.send(h11.EndOfMessage())
    client.receive_data(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert isinstance(client.next_event(), h11.Response)
    while len(body) < length:
        event = client.next_event()
        if event is h11.NEED_DATA:
            client.receive_data(await asyncio.get_running_loop().sock_recv(there, 1 << 20))
        else:
            assert isinstance(event, h11.Data)
            body += event.data
    return bytes(body)


async def test_of_what_a_slow_reader_does_not_take_little_is_kept_and_nothing_lost() -> None:
    async with connected() as (line, there):
        direct, frames = Direct(line), [Frame.of(BIG), Frame.of(b"and this"), Frame.of(BIG)]

        def write() -> None:
            while frames and not direct.is_full:
                direct.write(frames.pop(0))

        direct.begin(Reader(write))
        write()
        assert direct.is_full
        for _ in range(10):
            await asyncio.sleep(0)
            assert line.transport.get_write_buffer_size() <= PIECE
        expected = BIG + b"and this" + BIG
        assert await asyncio.wait_for(received(there, len(expected)), 20) == expected
        assert not frames


async def test_the_system_keeps_little_for_a_slow_reader_either() -> None:
    async with connected() as (line, _):
        direct = Direct(line)
        direct.begin(Reader())
        bound = line.transport.get_extra_info("socket")
        assert bound.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


async def test_who_hangs_up_is_noticed() -> None:
    async with connected() as (line, there):
        direct, reader = Direct(line), Reader()
        direct.begin(reader)
        there.close()
        await asyncio.wait_for(reader.is_lost.wait(), 5)


async def test_who_left_before_the_answer_began_is_noticed() -> None:
    async with connected() as (line, _):
        line.transport.abort()
        await asyncio.sleep(0)
        direct, reader = Direct(line), Reader()
        direct.begin(reader)
        direct.write(Frame.of(b"for nobody"))
        await asyncio.wait_for(reader.is_lost.wait(), 5)
        await asyncio.wait_for(direct.abort(), 5)


async def test_a_connection_can_be_ended_whatever_was_not_read() -> None:
    async with connected() as (line, _):
        direct = Direct(line)
        direct.begin(Reader())
        direct.write(Frame.of(BIG))
        assert not await direct.finish()
        await asyncio.wait_for(direct.abort(), 5)
        assert line.transport.is_closing()


async def test_only_what_goes_in_chunks_is_written_to_the_connection_itself() -> None:
    async def nothing(*_: object) -> None:
        """Neither is called."""

    async with connected() as (line, _):
        kinds = [
            type(wire({"extensions": {EXTENSION: known}, "http_version": version}, nothing, nothing))  # type: ignore[arg-type]  # never called
            for version, known in (("1.1", line), ("1.0", line), ("1.1", None))
        ]
    assert kinds == [Direct, Relayed, Relayed]
