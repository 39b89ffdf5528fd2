"""Streams: server-sent events, from what the use cases tell in bytes.

The format is that of https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import structlog
from anyio import to_thread
from starlette.exceptions import HTTPException

from gridmask.api import metrics
from gridmask.api.wheel import Wheel
from gridmask.api.wire import Frame, wire
from gridmask.domain.errors import GridmaskError
from gridmask.service.news import Listener, Missed, News
from gridmask.service.newsroom import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Receive, Scope, Send

    from gridmask.access.settings import Limits
    from gridmask.api.wire import Wire

log = structlog.get_logger()

PATIENCE = 60.0
"""Seconds that a reader may take nothing of what it is told before it is cut off."""

LONG = 2**20
"""News of so many bytes are made an event of off the event loop."""

RETRY = (1000, 5000)
"""Milliseconds after which readers come back, chosen for each at random: after a restart they must not all come at once."""

_BEAT = Frame.of(b":\n\n")
_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)
_LATER = {"Retry-After": "30"}

LEFT, BEHIND, STUCK, REFUSED, CLOSED, TROUBLE = "left", "behind", "stuck", "refused", "closed", "trouble"
"""Why streams end: the reader left, is too far behind, takes nothing, or may not read any more; we close, or are in trouble."""

Ask = Callable[[], Awaitable[None]]
"""Raises what keeps a reader from reading, once something does."""

Following = Callable[[Listener], AbstractContextManager[Place]]
"""Gives a listener its place in the news of a mask, for as long as that is needed."""


class Streams:
    """The streams that are open."""

    def __init__(self, wheel: Wheel | None = None) -> None:
        self._wheel = wheel or Wheel()
        self._open: dict[Stream, None] = {}
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
    def holding(self, stream: Stream, whose: str) -> Iterator[None]:
        """Count a stream of ``whose``, and look after it."""
        self._open[stream] = None
        self._of[whose] += 1
        self._wheel.add(stream)
        metrics.STREAMS.inc()
        if self._closed:
            stream.close(CLOSED)
        try:
            yield
        finally:
            self._wheel.remove(stream)
            del self._open[stream]
            self._of[whose] -= 1
            if not self._of[whose]:
                del self._of[whose]
            metrics.STREAMS.dec()

    def close(self) -> None:
        """End all streams, and let no more in."""
        self._closed = True
        for stream in list(self._open):
            stream.close(CLOSED)


class EventStream:
    """An answer that goes on for as long as there is news, and somebody to hear it who may.

    ``whose``: who hears it, as it is counted. ``ask`` is asked from time to time whether they still may; None: they do.
    """

    __slots__ = ("_ask", "_following", "_streams", "_whose")

    def __init__(self, following: Following, streams: Streams, whose: str = "", ask: Ask | None = None) -> None:
        self._following = following
        self._streams = streams
        self._whose = whose
        self._ask = ask

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        stream = Stream(self._ask)
        with self._streams.holding(stream, self._whose), self._following(stream) as place:
            await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
            if scope["method"] != "HEAD":
                await stream.run(place, wire(scope, receive, send))
        if not stream.is_cut:
            await send({"type": "http.response.body", "body": b""})


class Stream:
    """One stream: what it tells is written as it comes, by whoever tells it.

    What takes longer, which is to work out what this reader alone has missed, is done by :meth:`run`.
    """

    __slots__ = ("_ask", "_is_behind", "_is_own", "_is_stirred", "_place", "_waiting", "_why", "_wire", "is_cut")

    def __init__(self, ask: Ask | None = None) -> None:
        self._ask = ask
        self._place: Place | None = None
        self._wire: Wire | None = None
        self._is_stirred = False
        self._waiting: asyncio.Future[None] | None = None
        self._why = ""
        self._is_behind = False
        self._is_own = True
        self.is_cut = False

    async def run(self, place: Place, wire: Wire) -> None:
        """Tell what there is from ``place`` on, by ``wire``, until either side ends it."""
        self._place, self._wire = place, wire
        wire.begin(self)
        wire.write(_retry(random.randint(*RETRY)))  # noqa: S311 - no secret
        self._tell()
        try:
            await self._go_on(place, wire)
        except GridmaskError as error:
            self.close(TROUBLE, error)
        finally:
            await self._finish(wire)

    async def _go_on(self, place: Place, wire: Wire) -> None:
        while not self._why:
            self._is_stirred = False
            if self._is_behind and not wire.is_full:
                await self._catch_up(place, wire)
            if not (self._is_stirred or self._why):
                # an event takes as much memory as all the rest of this
                self._waiting = asyncio.get_running_loop().create_future()
                await self._waiting

    async def _catch_up(self, place: Place, wire: Wire) -> None:
        news = await place.catch_up()
        own = None if news is None else frame(news) if len(news.data) < LONG else await to_thread.run_sync(frame, news)
        self._is_behind, self._is_own = False, own is not None
        if own is not None and not self._why:
            wire.write(own)
        self._tell()

    def _tell(self) -> None:
        """Write what there is, as far as it is taken."""
        if self._wire is None or self._place is None or self._is_behind or self._why:
            return
        try:
            while not self._wire.is_full:
                news = self._place.next()
                if news is None:
                    return
                self._is_own = False
                self._wire.write(frame(news))
        except Missed:
            self._is_behind = True
            self._stir()
            return
        # who still takes what was its own alone may go on with that, and is told what it missed meanwhile
        if not self._is_own and self._place.is_lost:
            self._cut(BEHIND)

    def _stir(self) -> None:
        """Have the loop of this stream see what there is to do."""
        self._is_stirred = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def wake(self) -> None:
        """See :class:`~gridmask.service.news.Listener`."""
        self._tell()

    def end(self, error: GridmaskError) -> None:
        """See :class:`~gridmask.service.news.Listener`."""
        self.close(TROUBLE, error)

    def drained(self) -> None:
        """See :class:`~gridmask.api.wire.Reader`."""
        self._tell()
        if self._is_behind:
            self._stir()

    def lost(self) -> None:
        """See :class:`~gridmask.api.wire.Reader`."""
        self.is_cut = True
        self.close(LEFT)

    def tend(self) -> None:
        """See :class:`~gridmask.api.wheel.Tended`."""
        if self._wire is None or self._why:
            return
        if not self._wire.is_full:
            self._wire.write(_BEAT)
        elif asyncio.get_running_loop().time() - self._wire.moved_at > PATIENCE:
            self._cut(STUCK)

    async def ask(self) -> None:
        """See :class:`~gridmask.api.wheel.Tended`."""
        if self._ask is None or self._why:
            return
        try:
            await self._ask()
        except GridmaskError as error:
            self.close(REFUSED, error)

    def close(self, why: str, error: GridmaskError | None = None) -> None:
        """End it; the reader comes back, if it may, and goes on from where it was."""
        if self._why:
            return
        if error is not None:
            log.info("a stream ended", why=why, problem=str(error))
        self._why = why
        metrics.STREAMS_ENDED.labels(why).inc()
        self._stir()

    def _cut(self, why: str) -> None:
        """End it at once: what was written and not taken is dropped."""
        if not self._why:
            log.info("a reader of a stream was cut off", why=why)
        self.close(why)
        self.is_cut = True

    async def _finish(self, wire: Wire) -> None:
        """Let go of the connection. One that takes nothing cannot be told in good order that this is the end."""
        self.is_cut = self.is_cut or not await wire.finish()
        if self.is_cut:
            await wire.abort()
        wire.end()


@lru_cache(64)
def _retry(milliseconds: int) -> Frame:
    return Frame.of(b"retry: %d\n\n" % milliseconds)


_FRAMES: WeakKeyDictionary[News, Frame] = WeakKeyDictionary()


def frame(news: News) -> Frame:
    """``news`` as an event, made once for all. Its lines become lines of data, which readers join again."""
    made = _FRAMES.get(news)
    if made is None:
        data = news.data.replace(b"\n", b"\ndata: ")
        event = b"event: %s\nid: %s\ndata: %s\n\n" % (news.event.encode(), str(news.at).encode(), data)
        made = _FRAMES[news] = Frame.of(event)
    return made
