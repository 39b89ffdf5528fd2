"""Pages as answers: made once for all who wait for the same one, off the event loop, and sent only to who lacks it."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from fastapi import Response

from gridmask.conditional import has_it, takes_gzip
from gridmask.portal.frame.assets import POLICY, environment
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.zones import tell_in

if TYPE_CHECKING:
    from fastapi import Request

LEVEL = 4
"""How hard pages are packed: more takes longer than it saves."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "private, no-cache",
    "Vary": "Accept-Encoding, Cookie, Authorization",
    # without a word of whence, browsers do not say either whose page a form is of
    "Referrer-Policy": "same-origin",
}
"""On every page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page in bytes, plain and packed. ``etag`` is another if and only if they are."""

    body: bytes
    zipped: bytes
    etag: str


Make = Callable[[], Awaitable[Page]]


@dataclass(slots=True)
class _Making:
    asked: int = 0
    made: int = 0
    waiting: int = 0
    page: Page | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Pages:
    """Pages that are asked for. When a mask changes, all who look at it come at once: then one page is made for all."""

    def __init__(self) -> None:
        self._makings: defaultdict[Hashable, _Making] = defaultdict(_Making)

    async def get(self, address: Hashable, make: Make) -> Page:
        """The page at ``address``, whose making began after this call did, so that it has whatever was known by then.

        Where a page is not the same for all, whom it is for is part of ``address``.
        """
        making = self._makings[address]
        making.asked += 1
        making.waiting += 1
        wanted = making.asked
        try:
            async with making.lock:
                if making.page is None or making.made < wanted:
                    made = making.asked
                    making.page, making.made = await make(), made
                return making.page
        finally:
            making.waiting -= 1
            if not making.waiting:
                del self._makings[address]


async def answer(request: Request, make: Make) -> Response:
    """The page that ``make`` makes, in answer to ``request``; without it, if the reader has it already."""
    pages: Pages = request.app.state.pages
    page = await pages.get((str(request.url), reader_of(request)), make)
    known, codings = request.headers.get("if-none-match"), request.headers.get("accept-encoding", "")
    # one validator for both packings: a weak one
    headers = {**HEADERS, "ETag": f"W/{page.etag}"}
    if known is not None and has_it(known, page.etag):
        return Response(status_code=304, headers=headers)
    if takes_gzip(codings):
        return Response(page.zipped, headers={**headers, "Content-Encoding": "gzip"}, media_type="text/html")
    return Response(page.body, headers=headers, media_type="text/html")


async def made(template: str, context: Mapping[str, Any]) -> Page:
    """The page of ``template`` about ``context``, in the hours of its ``reader``."""
    return await to_thread.run_sync(_made, template, context)


def _made(template: str, context: Mapping[str, Any]) -> Page:
    tell_in(context["reader"].zone)
    body = environment().get_template(template).render(context).encode(errors="replace")
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return Page(body, gzip.compress(body, LEVEL, mtime=0), f'"{digest}"')
