"""Streams: server-sent events, from what the use cases tell in bytes.

The format is that of https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gridmask.api import metrics
from gridmask.domain.errors import GridmaskError
from gridmask.service.bookmark import Bookmark

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from starlette.types import Receive, Scope, Send

    from gridmask.access.settings import Limits
    from gridmask.service.masks import News

log = structlog.get_logger()

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent, so that nobody in between takes the stream for dead."""

ASKED_EVERY = 15.0
"""Seconds after which it is asked anew whether the reader may go on reading: what let them in ends, or is revoked."""

PATIENCE = 60.0
"""Seconds that a reader may take to accept an event before it is given up."""

RETRY = (1000, 5000)
"""Milliseconds after which readers come back, chosen for each at random: after a restart they must not all come at once."""

_BEAT = b":\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


_LATER = {"Retry-After": "30"}

Ask = Callable[[], Awaitable[None]]
"""Raises what keeps a reader from reading, once something does."""


async def nobody_asks() -> None:
    """For readers whom nothing could keep from it."""


class Streams:
    """The streams that are open."""

    def __init__(self) -> None:
        self._open: set[asyncio.Future[None]] = set()
        self._of: Counter[str] = Counter()
        self._closed = False

    def require_room(self, whose: str, limits: Limits) -> None:
        """Check that ``whose`` may have another one; if that is empty, nobody is told apart.

        Raises:
            HTTPException: there are as many as there may be.
        """
        if self._closed or len(self._open) >= limits.streams:
            raise HTTPException(503, f"There are {limits.streams:,} streams open, and there may be no more.", _LATER)
        if whose and self._of.get(whose, 0) >= limits.streams_each:
            raise HTTPException(429, f"You have {limits.streams_each:,} streams open, and may have no more.", _LATER)

    @contextmanager
    def holding(self, end: asyncio.Future[None], whose: str) -> Iterator[None]:
        """Count a stream of ``whose``, which ends when ``end`` does."""
        self._open.add(end)
        self._of[whose] += 1
        metrics.STREAMS.inc()
        if self._closed:
            end.cancel()
        try:
            yield
        finally:
            self._open.discard(end)
            self._of[whose] -= 1
            if not self._of[whose]:
                del self._of[whose]
            metrics.STREAMS.dec()

    def close(self) -> None:
        """End all streams, and let no more in."""
        self._closed = True
        for end in self._open:
            end.cancel()


class EventStream(Response):
    """An answer that goes on for as long as there is news, and somebody to hear it who may.

    ``whose``: who hears it, as it is counted. ``ask`` is asked from time to time whether they still may.
    """

    media_type = "text/event-stream"

    def __init__(self, news: AsyncGenerator[News, None], streams: Streams, whose: str = "", ask: Ask = nobody_asks) -> None:
        super().__init__(headers=_HEADERS)
        self._news = news
        self._streams = streams
        self._whose = whose
        self._ask = ask
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        del scope
        end = asyncio.ensure_future(_gone(receive))
        with self._streams.holding(end, self._whose):
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
        coming, now = asyncio.ensure_future(anext(self._news)), asyncio.get_running_loop().time
        asked_at = now()
        try:
            while not end.done():
                async with asyncio.timeout(PATIENCE):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await asyncio.wait((end, coming), timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
                chunk = _BEAT
                if now() - asked_at >= ASKED_EVERY:
                    await self._ask()
                    asked_at = now()
                if coming.done():
                    chunk = frame(coming.result())
                    coming = asyncio.ensure_future(anext(self._news))
        finally:
            await _cancelled(coming)


@lru_cache(32)
def frame(news: News) -> bytes:
    """``news`` as an event. Its lines become lines of data, which readers join again."""
    data = news.data.replace(b"\n", b"\ndata: ")
    place = Bookmark(news.revision, news.mark)
    return b"event: %s\nid: %s\ndata: %s\n\n" % (news.event.encode(), str(place).encode(), data)


async def _gone(receive: Receive) -> None:
    """Wait until the reader hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancelled(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
