"""The door: answers where DiracX's clients look for the statuses of resources."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from gridmask.conditional import takes_gzip
from gridmask.diracx_rest.conditional import has_it, last_modified
from gridmask.diracx_rest.reader import named, require
from gridmask.diracx_rest.told import answer
from gridmask.feeds.diracx import MEDIA_TYPE, ROUTES
from gridmask.service.usability import Usability

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from gridmask.bootstrap import Installation
    from gridmask.domain.actor import Actor

Identify = Callable[["Scope"], Awaitable["Actor"]]
"""Tells who sent a request. Whoever may not come in at all is told so by what it raises."""

PREFIX = "/api/rss/"
PATHS: Mapping[str, str] = {f"{PREFIX}{route}": route for route in ROUTES}
"""Where clients look, and for what."""

METHODS = ("GET", "HEAD")

_ALWAYS = [(b"cache-control", b"no-cache"), (b"vary", b"Authorization, Accept-Encoding")]


class DiracXDoor:
    """DiracX's four routes, as an ASGI application."""

    path = f"{PREFIX}{{of}}"
    """What requests are counted as."""

    def __init__(self, gridmask: Installation, identify: Identify) -> None:
        self._gridmask = gridmask
        self._identify = identify

    def takes(self, scope: Scope) -> bool:
        """Whether a request is for it."""
        return scope["path"] in PATHS and self._gridmask.settings.diracx_rest.enabled

    @cached_property
    def _usability(self) -> Usability:
        return Usability(self._gridmask.database, self._gridmask.board, self._gridmask.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification. What goes wrong is raised, for :func:`~gridmask.diracx_rest.told.told` to tell."""
        scope["route"] = self
        if scope["method"] not in METHODS:
            allowed = {"Allow": ", ".join(METHODS)}
            await answer(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed", allowed)(scope, receive, send)
            return
        headers = dict(scope["headers"])
        zipped = b"accept-encoding" in headers and takes_gzip(headers[b"accept-encoding"].decode("latin-1"))
        found = await self._usability.serve(await self._vo(scope), PATHS[scope["path"]], zipped=zipped)
        now = self._gridmask.clock()
        given = [*_ALWAYS, (b"etag", found.etag.encode()), (b"last-modified", last_modified(found.since, now))]
        if has_it(headers, found.etag, found.since, now):
            await _send(send, HTTPStatus.NOT_MODIFIED, given, b"")
            return
        given += [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(found.body))]
        if found.packed:
            given.append((b"content-encoding", b"gzip"))
        await _send(send, HTTPStatus.OK, given, b"" if scope["method"] == "HEAD" else found.body)

    async def _vo(self, scope: Scope) -> str:
        """The VO for which somebody asks, by its canonical name."""
        actor = await self._identify(scope)
        called = named(actor, scope["query_string"], self._gridmask.settings.diracx_rest.vo)
        vo = await self._gridmask.masks.canonical(called)
        require(actor, vo)
        return vo


async def _send(send: Send, status: HTTPStatus, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
