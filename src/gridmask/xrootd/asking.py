"""One question, and its answer."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Protocol

QUERY, PING, STAT = 3001, 3011, 3017
SPACE = 5
"""What of a query asks for space."""

OK, ERROR, REDIRECT, WAIT = 0, 4003, 4004, 4005
LONGEST = 65_536


class Line(Protocol):
    """A connection. What goes wrong on it, it raises as whoever made it wants it."""

    async def send(self, data: bytes) -> None:
        """Send ``data``."""

    async def exactly(self, number: int) -> bytes:
        """The next ``number`` bytes."""


class NotSpoken(Exception):
    """Whoever is there does not speak the protocol as it should, or refuses; the text says what and why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    body: bytes

    @property
    def number(self) -> int:
        """Of an error its code; of a word to go elsewhere the port; of one to wait the seconds."""
        return int(struct.unpack(">i", self.body[:4])[0]) if len(self.body) >= 4 else 0

    @property
    def text(self) -> str:
        """What it says beside that."""
        return self.body[4:].rstrip(b"\0").decode("utf-8", "replace")

    @property
    def host(self) -> str:
        """Where to go, if it says so."""
        return self.text.partition("?")[0]

    def refusal(self, what: str) -> NotSpoken:
        """The error that this is no good answer: ``what`` says what that means."""
        told = f": {self.text}" if self.status == ERROR and len(self.body) >= 4 else f" (status {self.status})"
        return NotSpoken(f"{what}{told}")


async def ask(line: Line, request: int, body: bytes = bytes(16), data: bytes = b"") -> Reply:
    """What is answered to a ``request`` with a ``body`` of 16 bytes, and ``data``.

    Raises:
        NotSpoken: nothing that could be an answer.
    """
    await line.send(struct.pack(">2sH16si", b"\0\1", request, body, len(data)) + data)
    stream, status, length = struct.unpack(">2sHi", await line.exactly(8))
    if stream != b"\0\1" or not 0 <= length <= LONGEST:
        raise NotSpoken("what it answers is not the root protocol")
    return Reply(status, await line.exactly(length))


async def stat(line: Line, path: str) -> Reply:
    """What there is at ``path``.

    Raises:
        NotSpoken: as above.
    """
    return await ask(line, STAT, data=path.encode())


async def space(line: Line, path: str) -> Reply:
    """How much space there is where ``path`` is; its query can name a space.

    Raises:
        NotSpoken: as above.
    """
    return await ask(line, QUERY, struct.pack(">H14x", SPACE), path.encode())
