"""One attempt over the network: request, redirects, status, body."""

from __future__ import annotations

from contextlib import AbstractContextManager, aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from gridmask import tracing
from gridmask.domain.errors import BadStatus, FetchFailed, TooManyRedirects
from gridmask.http.answer import Validators
from gridmask.http.body import Body
from gridmask.http.decoding import decoder_for
from gridmask.http.failure import Transient, translated
from gridmask.http.received import Received
from gridmask.http.retry import is_recoverable, retry_after

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    import httpx2

    from gridmask.http.inquiry import Inquiry
    from gridmask.http.routes import Routes
    from gridmask.http.ways import Ways

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


async def exchange(ways: Ways, inquiry: Inquiry, clock: Callable[[], datetime]) -> Received:
    """Ask once, following redirects.

    Raises:
        InvalidConfiguration: The files of its access cannot be used.
        FetchFailed: No usable answer, and asking again would not help.
        Transient: No usable answer this time.
    """
    url = inquiry.url
    with translated(inquiry.shown):
        for _ in range(inquiry.limits.max_redirects + 1):
            access = inquiry.access if inquiry.is_home(url) else inquiry.access.abroad()
            with _step(inquiry, url) as asking:
                async with ways.under(access) as routes, _opened(routes, inquiry.request(url)) as response:
                    asking.note({"http.response.status_code": response.status_code})
                    location = response.headers.get("location")
                    if response.status_code not in _REDIRECTS or location is None:
                        return await _received(response, inquiry, clock)
                    url = inquiry.redirected(url, location)
    raise TooManyRedirects(inquiry.shown, f"redirects more than {inquiry.limits.max_redirects} times")


def _step(inquiry: Inquiry, url: httpx2.URL) -> AbstractContextManager[tracing.Step]:
    method = inquiry.content.method if inquiry.content else "GET"
    return tracing.step(method, {"http.request.method": method, "server.address": url.host}, side=tracing.Side.CLIENT)


@asynccontextmanager
async def _opened(routes: Routes, request: httpx2.Request) -> AsyncIterator[httpx2.Response]:
    # The transport itself and not the library's client: that one logs every URL, secrets in the query included,
    # and carries cookies from one source's answers to another's.
    response = await routes.to(request.url).handle_async_request(request)
    try:
        yield response
    finally:
        await response.aclose()


async def _received(response: httpx2.Response, inquiry: Inquiry, clock: Callable[[], datetime]) -> Received:
    validators = Validators.of(response.headers) if inquiry.content is None else Validators()
    if response.status_code == 304 and inquiry.validators:
        return Received(inquiry.validators.renewed(validators), None)
    if response.status_code != inquiry.status:
        raise _refusal(response, inquiry.shown, clock())
    return Received(validators, await _body(response, inquiry))


def _refusal(response: httpx2.Response, url: str, now: datetime) -> BadStatus | Transient:
    error = BadStatus(url, response.status_code)
    if not is_recoverable(response.status_code):
        return error
    return Transient(error, retry_after(response.headers.get("retry-after"), now))


async def _body(response: httpx2.Response, inquiry: Inquiry) -> Body:
    encoding = response.headers.get("content-encoding", "")
    decoder = decoder_for(encoding)
    if decoder is None:
        raise FetchFailed(inquiry.shown, f"the body is encoded as {encoding[:40]!r}; only gzip was asked for")
    body = Body(inquiry.shown, inquiry.limits.max_bytes)
    body.require_room(int(response.headers.get("content-length", 0)))
    received = 0
    async with aclosing(response.aiter_raw()) as stream:
        async for raw in stream:
            received += len(raw)
            body.require_room(received)
            for piece in decoder.feed(raw):
                body.add(piece)
    decoder.finish()
    return body
