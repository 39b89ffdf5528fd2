"""A line to one server, for those who change something there: each request is made once, and every answer is told."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2

from gridmask import __version__, tracing
from gridmask.domain.errors import BadStatus, TimedOut, TooLarge
from gridmask.http.access import ANYBODY, Access
from gridmask.http.answer import Validators
from gridmask.http.failure import Transient, translated
from gridmask.http.inquiry import Inquiry
from gridmask.http.limits import Limits
from gridmask.http.routes import Network, Routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MOST_BYTES = 64 * 2**20
"""An answer may have so many."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered. ``place``: where, as it can be shown."""

    place: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    def require_success(self) -> Reply:
        """The same.

        Raises:
            BadStatus: it is no success.
        """
        if not self.is_success:
            raise BadStatus(self.place, self.status)
        return self


@dataclass(frozen=True, slots=True)
class Line:
    """To whom, and as whom.

    Attributes:
        url: what comes before each path.
        access: who asks. A token is sent by https alone, or on loopback.
        network: which CAs are trusted; proxies are for reading.
        timeout: how many seconds an answer may take as a whole.
    """

    url: str
    access: Access = ANYBODY
    network: Network = Network()
    timeout: float = 10.0

    def __post_init__(self) -> None:
        self._inquiry(self.url)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OpenLine]:
        """The line, over which something can be said until this ends. It costs nothing before something is."""
        opened = OpenLine(self)
        try:
            yield opened
        finally:
            await opened.aclose()

    async def routes(self) -> Routes:
        """Connections to it.

        Raises:
            InvalidConfiguration: a file of CAs, certificate or key cannot be used.
        """
        if httpx2.URL(self.url).scheme != "https":
            # to load the system's CAs takes longer than anything else here
            return Routes(httpx2.AsyncHTTPTransport(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)))
        return await asyncio.to_thread(Routes.through, self.network, self.access.identity())

    def _inquiry(self, url: str) -> Inquiry:
        return Inquiry.of(url, Validators(), Limits(timeout=self.timeout, deadline=self.timeout), self.access)


class OpenLine:
    """A line that is open."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._routes: Routes | None = None
        self._opening = asyncio.Lock()

    async def aclose(self) -> None:
        """Close all connections."""
        if self._routes is not None:
            await self._routes.aclose()

    async def send(
        self,
        method: str,
        path: str = "",
        *,
        document: object = None,
        content: tuple[str, bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        unread: bool = False,
    ) -> Reply:
        """Ask once; redirects are not followed.

        Args:
            method: of HTTP.
            path: what comes after the line's URL, quoted.
            document: what is sent as JSON.
            content: or else what is sent: its type, and bytes.
            headers: what else is said.
            unread: whether the body of the answer is of no interest: it is not read then, whatever it is.

        Raises:
            FetchFailed: nothing whole was answered.
            InvalidConfiguration: the token, or a file of CAs, certificate or key, cannot be used.
        """
        inquiry = self._line._inquiry(f"{self._line.url}{path}")  # noqa: SLF001 - one noun
        bearing = inquiry.bearing(await asyncio.to_thread(self._line.access.credential))
        kind, body = content or (("application/json", json.dumps(document).encode()) if document is not None else ("", b""))
        said = {"User-Agent": f"gridmask/{__version__}", "Accept": "*/*", **tracing.headers(), **(headers or {})}
        if kind:
            said["Content-Type"] = kind
        if bearing.credential:
            said[bearing.credential[0]] = bearing.credential[1]
        extensions = {"timeout": httpx2.Timeout(self._line.timeout).as_dict()}
        request = httpx2.Request(method, bearing.url, headers=said, content=body, extensions=extensions)
        try:
            async with asyncio.timeout(self._line.timeout):
                return await self._sent(request, bearing.shown, unread=unread)
        except TimeoutError as error:
            raise TimedOut(bearing.shown, f"no complete answer within {self._line.timeout:g} s") from error

    async def _sent(self, request: httpx2.Request, shown: str, *, unread: bool) -> Reply:
        async with self._opening:
            routes = self._routes = self._routes or await self._line.routes()
        try:
            with translated(shown):
                response = await routes.to(request.url).handle_async_request(request)
                try:
                    body = b"" if unread else await _whole(response, shown)
                finally:
                    await response.aclose()
        except Transient as failure:
            raise failure.error from failure.__cause__
        return Reply(shown, response.status_code, dict(response.headers), body)


async def _whole(response: httpx2.Response, shown: str) -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MOST_BYTES:
            raise TooLarge(shown, MOST_BYTES)
    return bytes(body)
