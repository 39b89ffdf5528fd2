"""A server of no protocol, for those who must get along with servers that fail: it is silent, talks rubbish, or hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

RUBBISH = bytes(range(256)) * 4


@dataclass
class Double:
    """What it does: ``silent`` (takes connections and says nothing), ``rubbish``, or ``closing``."""

    behaviour: str
    port: int = 0
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0
    open: set[asyncio.StreamWriter] = field(default_factory=set)
    server: asyncio.Server | None = None

    def stop(self) -> None:
        """Listen no more, and let go of everybody."""
        assert self.server is not None
        self.server.close()
        for writer in list(self.open):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.open.add(writer)
        try:
            if self.behaviour == "rubbish":
                writer.write(RUBBISH)
            if self.behaviour == "silent":
                while await reader.read(1024):
                    pass
            elif self.behaviour == "rubbish":
                await reader.read(1024)
                writer.write(RUBBISH)
                await writer.drain()
        except OSError:
            pass
        finally:
            self.at_once -= 1
            self.open.discard(writer)
            writer.close()


@asynccontextmanager
async def double(behaviour: str, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Double]:
    """Serve on a free port of loopback."""
    made = Double(behaviour)
    made.server = await asyncio.start_server(made.serve, host, port)
    made.port = made.server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.stop()
        await made.server.wait_closed()
