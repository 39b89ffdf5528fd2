"""The FakeGrid: GOCDB and OSG Topology in one ASGI application, with nothing behind it but a play.

The demonstration reads it in its own process, by ``httpx2.ASGITransport``; a test can do so too, or serve it on a port. It
misbehaves where the script says so, or on command.
"""

from __future__ import annotations

from collections import deque
from hashlib import sha256
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from gridmask.demo.gocdb import PAGE, PATH, Gocdb
from gridmask.demo.osg import DOWNTIMES, SUMMARY, Topology
from gridmask.demo.script import Mischief

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from gridmask.clock import Clock
    from gridmask.demo.play import Play
    from gridmask.demo.script import Registry

XML = "application/xml"
REMEMBERED = 1000

_PAGE_OF_HTML = b"<!DOCTYPE html>\n<html><head><title>Please log in</title></head><body><h1>Please log in</h1></body></html>\n"
_ERROR = b"<error>An unexpected error has occurred. Please contact the administrators.</error>\n"


class FakeGrid:
    """An ASGI application that answers as registries do.

    Args:
        play: what they list, and when they fail.
        clock: where the time comes from.
        page: how many records a page of GOCDB has at most.

    Attributes:
        asked: path and query of the latest requests that came, in order.
    """

    def __init__(self, play: Play, clock: Clock, *, page: int = PAGE) -> None:
        self._play = play
        self._clock = clock
        self._gocdb = Gocdb(play, page)
        self._topology = Topology(play)
        self._commanded: dict[Registry, Mischief | None] = {}
        self.asked: deque[str] = deque(maxlen=REMEMBERED)
        routes = [
            Route(PATH, self._at_gocdb),
            Route(SUMMARY, self._at_osg_summary),
            Route(DOWNTIMES, self._at_osg_downtimes),
        ]
        self._app = Starlette(routes=routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        await self._app(scope, receive, send)

    def misbehave(self, registry: Registry, how: Mischief | None) -> None:
        """Let ``registry`` fail from now on, or behave (None), whatever the script says."""
        self._commanded[registry] = how

    async def _at_gocdb(self, request: Request) -> Response:
        address = str(request.url.replace(query="", fragment=""))
        return await self._answer("gocdb", request, lambda: self._gocdb.answer(request.query_params, self._clock(), address))

    async def _at_osg_summary(self, request: Request) -> Response:
        return await self._answer("osg", request, self._topology.summary)

    async def _at_osg_downtimes(self, request: Request) -> Response:
        return await self._answer("osg", request, lambda: self._topology.downtimes(request.query_params, self._clock()))

    async def _answer(self, registry: Registry, request: Request, make: Callable[[], bytes]) -> Response:
        self.asked.append(f"{request.url.path}?{request.url.query}".rstrip("?"))
        match self._mischief(registry):
            case Mischief.UNAVAILABLE:
                return Response("Service Unavailable", 503)
            case Mischief.SILENT:
                return await _silence(request)
            case Mischief.HTML:
                return Response(_PAGE_OF_HTML, media_type="text/html")
            case Mischief.ERROR:
                return Response(_ERROR, media_type=XML)
            case Mischief.TRUNCATED:
                body = make()
                return Response(body[: len(body) // 2], media_type=XML)
        return _conditional(request, make()) if registry == "osg" else Response(make(), media_type=XML)

    def _mischief(self, registry: Registry) -> Mischief | None:
        if registry in self._commanded:
            return self._commanded[registry]
        return self._play.mischief(registry, self._clock())


async def _silence(request: Request) -> Response:
    """Nothing, for as long as somebody waits for it."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response(status_code=503)


def _conditional(request: Request, body: bytes) -> Response:
    """``body``, or just that it is the same as before: OSG has validators, GOCDB has none."""
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    return Response(body, media_type=XML, headers={"ETag": etag})
