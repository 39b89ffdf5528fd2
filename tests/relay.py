"""A relay before a server, which a test can cut, freeze and mend."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass
class Relay:
    """Passes on what is said between whoever connects to ``port`` and the server at ``beyond``, as long as it is whole."""

    beyond: int
    port: int = 0
    whole: bool = True
    _lines: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """As if the server were gone: all connections end, and new ones do at once."""
        self.whole = False
        for line in self._lines:
            line.transport.abort()

    def mend(self) -> None:
        """It is back."""
        self.whole = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.beyond)
        self._lines |= {writer, back}
        with suppress(OSError):
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        self._lines -= {writer, back}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(65536):
            writer.write(said)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def relay(beyond: int) -> AsyncIterator[Relay]:
    """One before the server at the port ``beyond``."""
    made = Relay(beyond)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.cut()
        server.close()
        await server.wait_closed()
