"""Wires: what a stream writes to, without waiting for whoever reads it.

Under our own server that is the connection itself: to write to a thousand of them takes half of the time that a thousand
tasks of ASGI would. Under any other, it is ASGI's ``send``.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

PIECE = 64 * 1024
"""So many bytes of what is written are handed on at once: a reader that takes nothing keeps twice as much here at most."""

UNSENT = 128 * 1024
"""So many bytes the system keeps for a reader, beside what is under way."""

SILENT = 60_000
"""Milliseconds that the other machine may leave what was sent unconfirmed; then it is taken to be gone."""

TAKEN_WITHIN = 1.0
"""Seconds within which ASGI has to have taken what was written, for the answer to end in good order."""

_CHUNK_ENDS = b"\r\n"

EXTENSION = "gridmask.line"
"""By what a scope of ASGI tells of the connection."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What is written to many, made once: as a chunk of :rfc:`9112`, section 7.1, whose head is so many bytes long."""

    chunk: bytes
    head: int

    @classmethod
    def of(cls, plain: bytes) -> Frame:
        """The chunk that ``plain`` makes."""
        head = b"%x\r\n" % len(plain)
        return cls(b"".join((head, plain, _CHUNK_ENDS)), len(head))

    @property
    def plain(self) -> bytes:
        """What is in it."""
        return self.chunk[self.head : -len(_CHUNK_ENDS)]


class Reader(Protocol):
    """Who is told how a wire fares."""

    def drained(self) -> None:
        """All that was written is on its way: there may be more."""

    def lost(self) -> None:
        """Nobody reads any more."""


class Wire(Protocol):
    """What a stream writes to."""

    moved_at: float
    """When it last took anything, by the loop's clock."""

    @property
    def is_full(self) -> bool:
        """Whether what was written before is not on its way yet; then nothing may be written."""

    def begin(self, reader: Reader) -> None:
        """Tell ``reader`` how it fares from now on."""

    def write(self, frame: Frame) -> None:
        """Have it read."""

    async def finish(self) -> bool:
        """Whether all that was written is on its way, so that more may be said by ASGI's own means."""

    async def abort(self) -> None:
        """End the connection, whatever was not read."""

    def end(self) -> None:
        """Tell the reader nothing any more."""


class Line(Protocol):
    """A connection, as our own server has it."""

    transport: asyncio.Transport
    wire: Direct | None


class Direct:
    """The connection of an answer whose body goes in chunks, once its head was sent."""

    __slots__ = ("_gone", "_line", "_loop", "_reader", "_rest", "_transport", "moved_at")

    def __init__(self, line: Line) -> None:
        self._line = line
        self._transport = line.transport
        self._loop = asyncio.get_running_loop()
        self._reader: Reader | None = None
        self._rest: memoryview | None = None
        self._gone: asyncio.Future[None] | None = None
        self.moved_at = self._loop.time()

    @property
    def is_full(self) -> bool:
        """See :class:`Wire`."""
        return self._rest is not None or self._transport.get_write_buffer_size() > 0

    def begin(self, reader: Reader) -> None:
        """See :class:`Wire`."""
        self._reader = reader
        if self._transport.is_closing():
            # whoever asked left before the answer began, and nobody tells that again
            self._loop.call_soon(self.lost)
            return
        self._line.wire = self
        # then whatever the system does not take pauses us, and we go on once all of it was taken
        self._transport.set_write_buffer_limits(high=0)
        _set_bounds(self._transport.get_extra_info("socket"))

    def write(self, frame: Frame) -> None:
        """See :class:`Wire`."""
        self.moved_at = self._loop.time()
        if len(frame.chunk) <= PIECE:
            self._transport.write(frame.chunk)
        else:
            self._rest = memoryview(frame.chunk)
            self._hand_on()

    def resume(self) -> None:
        """The transport takes more."""
        self.moved_at = self._loop.time()
        self._hand_on()
        if not self.is_full and self._reader is not None:
            self._reader.drained()

    def _hand_on(self) -> None:
        while self._rest is not None and not self._transport.get_write_buffer_size():
            piece, left = self._rest[:PIECE], self._rest[PIECE:]
            self._rest = left if len(left) else None
            self._transport.write(piece)

    def lost(self) -> None:
        """The connection is over."""
        self._rest = self._line.wire = None
        if self._gone is not None:
            self._gone.set_result(None)
        elif self._reader is not None:
            self._reader.lost()

    async def finish(self) -> bool:
        """See :class:`Wire`."""
        return not self.is_full

    async def abort(self) -> None:
        """See :class:`Wire`."""
        if self._line.wire is self:
            self._gone = self._loop.create_future()
            self._transport.abort()
            # our server takes an answer without an end for a fault, unless it knows that nobody is there any more
            await self._gone

    def end(self) -> None:
        """See :class:`Wire`."""
        self._reader = self._line.wire = None
        self._transport.set_write_buffer_limits()


class Relayed:
    """What ASGI has for answers that go on."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._reader: Reader | None = None
        self._pending: deque[bytes] = deque()
        self._written = asyncio.Event()
        self._idle = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.moved_at = self._loop.time()

    @property
    def is_full(self) -> bool:
        """See :class:`Wire`."""
        return bool(self._pending)

    def begin(self, reader: Reader) -> None:
        """See :class:`Wire`."""
        self._reader = reader
        self._tasks = [asyncio.create_task(work) for work in (self._watch(), self._hand_on())]

    def write(self, frame: Frame) -> None:
        """See :class:`Wire`."""
        self._pending.append(frame.plain)
        self._written.set()

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if self._reader is not None:
            self._reader.lost()

    async def _hand_on(self) -> None:
        with suppress(OSError):  # by which some servers tell that nobody is there any more
            while True:
                await self._written.wait()
                self._written.clear()
                while self._pending:
                    await self._send({"type": "http.response.body", "body": self._pending[0], "more_body": True})
                    self._pending.popleft()
                    self.moved_at = self._loop.time()
                self._idle.set()
                if self._reader is not None:
                    self._reader.drained()
        if self._reader is not None:
            self._reader.lost()

    async def finish(self) -> bool:
        """See :class:`Wire`."""
        if self._pending:
            self._idle.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), TAKEN_WITHIN)
        return not self._pending

    async def abort(self) -> None:
        """See :class:`Wire`. ASGI has no way to; its server ends a connection whose answer has no end."""

    def end(self) -> None:
        """See :class:`Wire`."""
        self._reader = None
        for task in self._tasks:
            task.cancel()


def wire(scope: Scope, receive: Receive, send: Send) -> Wire:
    """What to write the body of an answer to, whose head was sent."""
    line: Line | None = scope.get("extensions", {}).get(EXTENSION)
    return Direct(line) if line is not None and scope["http_version"] == "1.1" else Relayed(receive, send)


def _set_bounds(bound: socket.socket | None) -> None:
    if bound is not None:
        # not every system has them, and a stream does without
        for option, value in ((_UNSENT, UNSENT), (_CONFIRMED, SILENT)):
            with suppress(OSError):
                bound.setsockopt(socket.IPPROTO_TCP, option, value)


_UNSENT = getattr(socket, "TCP_NOTSENT_LOWAT", 25)
_CONFIRMED = getattr(socket, "TCP_USER_TIMEOUT", 18)
