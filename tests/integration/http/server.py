"""A real HTTP server that answers as it is told to, badly if need be."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.integration.http.rooted import HELLO, converse

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

Reaction = Callable[[asyncio.StreamWriter], Awaitable[None]]
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived."""

    target: str
    headers: dict[str, str]
    method: str = "GET"
    body: bytes = b""


@dataclass(slots=True)
class Server:
    """Answers each path, and what is below it, by its reactions, one after the other; the last one for ever."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    reactions: dict[str, list[Reaction]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def on(self, path: str, *reactions: Reaction) -> str:
        """React so to questions for ``path``, and give its URL."""
        self.reactions[path] = list(reactions)
        return self.url + path

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request, react and hang up."""
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        try:
            begun = await reader.readexactly(4)
            if begun == HELLO:
                await converse(reader, writer, lambda asked: self._next_reaction(Asked(asked, {}, "space")))
            else:
                await self._next_reaction(await _asked(begun, reader))(writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client hung up first, or the test is over
        finally:
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self.tasks.discard(task)

    def _next_reaction(self, asked: Asked) -> Reaction:
        self.asked.append(asked)
        path = asked.target.partition("?")[0]
        while path and path not in self.reactions:
            path = path.rpartition("/")[0]
        reactions = self.reactions[path]
        return reactions.pop(0) if len(reactions) > 1 else reactions[0]


async def _asked(begun: bytes, reader: asyncio.StreamReader) -> Asked:
    request, *lines = (begun + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    method, target, _ = request.split()
    headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
    return Asked(target, headers, method, await reader.readexactly(int(headers.get("content-length", 0))))


@asynccontextmanager
async def running(tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server on a free port of loopback."""
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield server
    finally:
        listening.close()
        tasks = tuple(server.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listening.wait_closed()


def raw(*pieces: bytes) -> Reaction:
    """Send these bytes and hang up."""

    async def react(writer: asyncio.StreamWriter) -> None:
        writer.writelines(pieces)

    return react


def reply(status: int = 200, body: bytes = b"", **headers: str) -> Reaction:
    """A proper answer; underscores in the headers' names stand for hyphens."""
    given = {"Content-Length": str(len(body)), "Connection": "close"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return raw(f"HTTP/1.1 {status} So\r\n{lines}\r\n".encode(), body)


def zipped(body: bytes, **headers: str) -> Reaction:
    """A gzip answer; ``body`` is sent as it is."""
    return reply(200, body, Content_Encoding="gzip", **headers)


async def hang(_writer: asyncio.StreamWriter) -> None:
    """Say nothing, ever."""
    await asyncio.Event().wait()


async def drip(writer: asyncio.StreamWriter) -> None:
    """Send a byte now and then, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.01)


async def reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection by force."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def flood(writer: asyncio.StreamWriter) -> None:
    """100 MiB of zeros, without saying so before."""
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(100 * 16):
        writer.write(bytes(MIB // 16))
        await writer.drain()


def bomb() -> bytes:
    """100 MiB of zeros as gzip, made without ever holding them."""
    member = gzip.compress(bytes(MIB), compresslevel=6)
    return member * 100
