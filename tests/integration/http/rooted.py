"""The root protocol, as far as a source speaks it: what an answer over HTTP would be, as an answer to a question for space."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import asyncio

    from tests.integration.http.server import Reaction

HELLO = bytes(4)
"""How a client of this protocol begins, and none of HTTP."""

PROTOCOL, LOGIN, STAT, QUERY = 3006, 3007, 3017, 3001
OK, ERROR = 0, 4003
MOST = 60_000
GREETED = struct.pack(">2sHi", bytes(2), OK, 8) + struct.pack(">ii", 0x511, 1)
AGREED, LOGGED_IN = struct.pack(">iI", 0x511, 1), bytes(16)


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, react: Callable[[str], Reaction]) -> None:
    """Let who said hello in, and answer each question for space by ``react``, until one is not answered as it should be."""
    await reader.readexactly(16)
    writer.write(GREETED)
    while True:
        _, request, _, length = struct.unpack(">2sH16si", await reader.readexactly(24))
        asked = (await reader.readexactly(length)).decode()
        if request != QUERY:
            said = {PROTOCOL: AGREED, LOGIN: LOGGED_IN, STAT: b"1 4096 19 0\0"}[request]
            writer.write(_head(OK, len(said)) + said)
            continue
        framed = _Framed(writer)
        await react(asked)(cast("asyncio.StreamWriter", framed))
        if framed.missing or writer.is_closing():
            return


def _head(status: int, length: int) -> bytes:
    return struct.pack(">2sHi", b"\0\1", status, length)


class _Framed:
    """What is written to gives the head of an answer over HTTP as one of the root protocol."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._begun = b""
        self._in_body = False
        self.missing = 1

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever it is there
        return getattr(self._writer, name)

    def writelines(self, pieces: Iterable[bytes]) -> None:
        self.write(b"".join(pieces))

    def write(self, data: bytes) -> None:
        if self._in_body:
            self._writer.write(data)
            self.missing -= len(data)
            return
        self._begun += data
        head, found, body = self._begun.partition(b"\r\n\r\n")
        if found:
            self._begin(head.decode())
            self.write(body)

    def _begin(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        good = first.split()[1].startswith("2")
        length = min(next(int(line.split(": ")[1]) for line in lines if line.startswith("Content-Length")), MOST)
        number = b"" if good else struct.pack(">i", 3000)
        self._writer.write(_head(OK if good else ERROR, length + len(number)) + number)
        self._in_body, self.missing = True, length
