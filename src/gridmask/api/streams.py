"""Streams: server-sent events, from what the use cases tell in bytes.

The format is that of https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

from __future__ import annotations

import asyncio
import random
import re
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gridmask.api import metrics
from gridmask.domain.errors import GridmaskError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from starlette.types import Receive, Scope, Send

    from gridmask.service.masks import News

log = structlog.get_logger()

MOST_STREAMS = 10_000
"""How many streams may be open at once."""

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that nobody in between takes the stream for dead."""

PATIENCE = 60.0
"""Seconds that a reader may take to accept an event before it is given up."""

RETRY = (1000, 5000)
"""Milliseconds after which readers come back, chosen for each at random: after a restart they must not all come at once."""

_BEAT = b":\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Full(HTTPException):
    """There are as many streams as there may be."""

    def __init__(self, most: int) -> None:
        super().__init__(503, f"There are {most:,} streams open, and there may be no more.", {"Retry-After": "30"})


class Streams:
    """The streams that are open."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._most = most
        self._open: set[asyncio.Future[None]] = set()
        self._closed = False

    @property
    def full(self) -> bool:
        """Whether there may be no more."""
        return self._closed or len(self._open) >= self._most

    @contextmanager
    def holding(self, end: asyncio.Future[None]) -> Iterator[None]:
        """Count a stream, which ends when ``end`` does."""
        self._open.add(end)
        metrics.STREAMS.inc()
        if self._closed:
            end.cancel()
        try:
            yield
        finally:
            self._open.discard(end)
            metrics.STREAMS.dec()

    def close(self) -> None:
        """End all streams, and let no more in."""
        self._closed = True
        for end in self._open:
            end.cancel()


class EventStream(Response):
    """An answer that goes on for as long as there is news, and somebody to hear it."""

    media_type = "text/event-stream"

    def __init__(self, news: AsyncGenerator[News, None], streams: Streams) -> None:
        super().__init__(headers=_HEADERS)
        self._news = news
        self._streams = streams
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        del scope
        end = asyncio.ensure_future(_gone(receive))
        with self._streams.holding(end):
            try:
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await self._tell(end, send)
            except (TimeoutError, GridmaskError) as error:
                # the reader comes back, and goes on from where it was
                log.info("a stream ended", problem=str(error) or "the reader takes nothing any more")
            finally:
                await _cancelled(end)
                await self._news.aclose()
        await send({"type": "http.response.body", "body": b""})

    async def _tell(self, end: asyncio.Future[None], send: Send) -> None:
        chunk = b"retry: %d\n\n" % random.randint(*RETRY)  # noqa: S311 - no secret
        coming = asyncio.ensure_future(anext(self._news))
        try:
            while not end.done():
                async with asyncio.timeout(PATIENCE):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await asyncio.wait((end, coming), timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
                chunk = _BEAT
                if coming.done():
                    chunk = frame(coming.result())
                    coming = asyncio.ensure_future(anext(self._news))
        finally:
            await _cancelled(coming)


@lru_cache(32)
def frame(news: News) -> bytes:
    """``news`` as an event. Its lines become lines of data, which readers join again."""
    data = news.data.replace(b"\n", b"\ndata: ")
    return b"event: %s\nid: %d\ndata: %s\n\n" % (news.event.encode(), news.revision, data)


def revision_of(event_id: str) -> int | None:
    """The revision that an event's id names; None if it names none."""
    return int(event_id) if re.fullmatch("[0-9]{1,18}", event_id) else None


async def _gone(receive: Receive) -> None:
    """Wait until the reader hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancelled(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
