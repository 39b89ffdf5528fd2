"""The client's ways to others, for a library that speaks a protocol of its own over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

from gridmask.http.access import ANYBODY

if TYPE_CHECKING:
    from gridmask.http.ways import Ways


class Borrowed(httpx2.AsyncBaseTransport):
    """A transport over ``ways``, whose answers have ``max_bytes`` at most. Closing it closes nothing."""

    def __init__(self, ways: Ways, max_bytes: int) -> None:
        self._ways = ways
        self._max_bytes = max_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """See httpx2."""
        async with self._ways.under(ANYBODY) as routes:
            response = await routes.to(request.url).handle_async_request(request)
            try:
                body = await self._body(response, request)
            finally:
                await response.aclose()
        return httpx2.Response(response.status_code, headers=response.headers, content=body, request=request)

    async def _body(self, response: httpx2.Response, request: httpx2.Request) -> bytes:
        body = bytearray()
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > self._max_bytes:
                raise httpx2.ReadError(f"the answer is longer than {self._max_bytes:,} bytes", request=request)
        return bytes(body)
