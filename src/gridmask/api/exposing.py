"""Exposing: the metrics of one process, on a port of its own that only this machine reaches.

Where several processes share an address, whoever scrapes that gets now those of the one and now those of the other. So each has
a port of its own beside it; so has a process that serves nothing else.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from gridmask.api import metrics
from gridmask.domain.errors import InvalidConfiguration
from gridmask.loopback import names_loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation

HOST = "127.0.0.1"

PATIENCE = 5.0
"""Seconds that a question may take to arrive, and its answer to be taken."""

_MOST_BYTES = 16_384
_PLAIN = "text/plain; charset=utf-8"


@asynccontextmanager
async def exposed(gridmask: Installation, port: int | None, *, looks: bool = True) -> AsyncIterator[int | None]:
    """Tell the metrics of this process at ``port`` of loopback (0: a free one) until this ends; None: nowhere. Gives the port.

    ``looks``: whether to keep the figures of the installation current meanwhile; who serves it does that anyway.

    Raises:
        InvalidConfiguration: nobody can listen there.
    """
    if port is None:
        yield None
        return
    try:
        server = await asyncio.start_server(partial(_answer, gridmask), HOST, port, limit=_MOST_BYTES)
    except OSError as error:
        raise InvalidConfiguration("--metrics", f"cannot listen on port {port} of {HOST}: {error.strerror}") from error
    looking = [asyncio.create_task(gridmask.checkup.run(), name="checkup")] if looks else []
    try:
        async with server:
            yield int(server.sockets[0].getsockname()[1])
    finally:
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)


async def _answer(gridmask: Installation, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one question, and hang up."""
    with suppress(OSError, TimeoutError, EOFError, asyncio.LimitOverrunError):
        async with asyncio.timeout(PATIENCE):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        status, media_type, body = await _told(gridmask, head[0].split(" ")[:2], fields)
        lines = (f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}", "Connection: close")
        async with asyncio.timeout(PATIENCE):
            writer.write("\r\n".join((*lines, "", "")).encode() + body)
            await writer.drain()
    with suppress(OSError):
        writer.close()


async def _told(gridmask: Installation, asked: list[str], fields: dict[str, str]) -> tuple[str, str, bytes]:
    # a page from elsewhere can have its own name point at this machine
    if not names_loopback(fields.get("host", HOST)):
        return "421 Misdirected Request", _PLAIN, b"This port answers to names of this machine only.\n"
    if asked == ["GET", "/healthz"]:
        return "200 OK", "application/json", b'{"status":"alive"}'
    if asked != ["GET", "/metrics"]:
        return "404 Not Found", _PLAIN, b"There are /metrics and /healthz here.\n"
    media_type, body = await metrics.told(gridmask)
    return "200 OK", media_type, body
