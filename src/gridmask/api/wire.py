"""Wires: what a stream writes to, without waiting for whoever reads it.

Under our own server that is the connection itself: to write to a thousand of them then takes a fifth of the time that a thousand
tasks of ASGI would. Under any other, it is ASGI's ``send``.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Scope, Send

PIECE = 64 * 1024
"""So many bytes of what is written are handed on at once: a reader that takes nothing keeps twice as much here at most."""

UNSENT = 128 * 1024
"""So many bytes the system keeps for a reader, beside what is under way."""

SILENT = 60_000
"""Milliseconds that the other machine may leave what was sent unconfirmed; then it is taken to be gone."""

EXTENSION = "gridmask.line"
"""By what a scope of ASGI tells of the connection."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What is written to many.

    Attributes:
        plain: the bytes.
        chunk: the same as a chunk of :rfc:`9112`, section 7.1.
    """

    plain: bytes
    chunk: bytes

    @classmethod
    def of(cls, plain: bytes) -> Frame:
        """``plain``, and the chunk that it makes."""
        return cls(plain, b"%x\r\n%b\r\n" % (len(plain), plain))


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

    def abort(self) -> None:
        """End the connection, whatever was not read."""

    def end(self) -> None:
        """Tell the reader nothing any more."""


class Line(Protocol):
    """A connection, as our own server has it."""

    transport: asyncio.Transport
    wire: Direct | None


class Direct:
    """The connection of an answer whose body goes in chunks, once its head was sent."""

    __slots__ = ("_line", "_loop", "_reader", "_rest", "_transport", "moved_at")

    def __init__(self, line: Line) -> None:
        self._line = line
        self._transport = line.transport
        self._loop = asyncio.get_running_loop()
        self._reader: Reader | None = None
        self._rest: memoryview | None = None
        self.moved_at = self._loop.time()

    @property
    def is_full(self) -> bool:
        """See :class:`Wire`."""
        return self._rest is not None

    def begin(self, reader: Reader) -> None:
        """See :class:`Wire`."""
        self._reader = reader
        self._line.wire = self
        bound = self._transport.get_extra_info("socket")
        if bound is not None:
            _bound(bound)

    def write(self, frame: Frame) -> None:
        """See :class:`Wire`."""
        chunk = frame.chunk
        if len(chunk) <= PIECE and not self._transport.get_write_buffer_size():
            self._transport.write(chunk)
            self.moved_at = self._loop.time()
        else:
            self._rest = memoryview(chunk)
            self._hand_on()

    def resume(self) -> None:
        """The transport takes more."""
        self.moved_at = self._loop.time()
        if self._rest is not None:
            self._hand_on()
            if self._rest is None and self._reader is not None:
                self._reader.drained()

    def _hand_on(self) -> None:
        while self._rest is not None and not self._transport.get_write_buffer_size():
            self._transport.write(self._rest[:PIECE])
            self._rest = self._rest[PIECE:] if len(self._rest) > PIECE else None

    def lost(self) -> None:
        """The connection is over."""
        self._rest = None
        if self._reader is not None:
            self._reader.lost()

    def abort(self) -> None:
        """See :class:`Wire`."""
        self._transport.abort()

    def end(self) -> None:
        """See :class:`Wire`."""
        self._reader = self._line.wire = None
