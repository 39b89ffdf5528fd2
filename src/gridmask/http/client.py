"""The client through which every source is read."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, overload

import httpx2

from gridmask.domain.errors import TimedOut
from gridmask.http import files
from gridmask.http.access import ANYBODY, Access
from gridmask.http.answer import Answer, NotModified, Provenance, Validators
from gridmask.http.body import Body
from gridmask.http.borrowed import Borrowed
from gridmask.http.breaker import Breaker
from gridmask.http.circuits import Circuits
from gridmask.http.conversation import Partner, spoken
from gridmask.http.exchange import exchange
from gridmask.http.failure import Transient
from gridmask.http.inquiry import Content, Inquiry
from gridmask.http.limits import Backoff, Limits
from gridmask.http.received import Received
from gridmask.http.redaction import redacted
from gridmask.http.retry import retrying
from gridmask.http.routes import Network, Routes
from gridmask.http.ways import Ways

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
    from datetime import datetime
    from types import TracebackType

    from gridmask.http.circuits import Watched
    from gridmask.http.conversation import Spoken

_LIMITS = Limits()
_BACKOFF = Backoff()
_CLOSED = Breaker()
_NETWORK = Network()


class Client:
    """Reads http, https and file URLs, and lends connections to those who speak otherwise.

    One for a process; an async context manager, safe for many tasks of one loop.

    Args:
        clock: The time of day, aware and UTC.
        limits: For questions that bring none of their own.
        backoff: Pauses between attempts.
        breaker: A closed breaker, of which each endpoint gets its own.
        network: CAs, proxies, and how many questions at once.
        transport: Takes the place of CAs and proxies, for instance ``httpx2.ASGITransport(app)``; closed with the client.

    Raises:
        InvalidConfiguration: The CA bundle or a proxy cannot be used.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        limits: Limits = _LIMITS,
        *,
        backoff: Backoff = _BACKOFF,
        breaker: Breaker = _CLOSED,
        network: Network = _NETWORK,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._backoff = backoff
        self._circuits = Circuits(clock, breaker)
        self._turns = defaultdict[httpx2.Origin, asyncio.Semaphore](partial(asyncio.Semaphore, network.per_host))
        self._network = network
        self._ways = Ways(network, Routes(transport) if transport else None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._ways.aclose()

    @overload
    async def get(
        self, url: str, validators: None = None, *, limits: Limits | None = None, access: Access = ANYBODY
    ) -> Answer: ...

    @overload
    async def get(
        self, url: str, validators: Validators | None, *, limits: Limits | None = None, access: Access = ANYBODY
    ) -> Answer | NotModified: ...

    async def get(
        self, url: str, validators: Validators | None = None, *, limits: Limits | None = None, access: Access = ANYBODY
    ) -> Answer | NotModified:
        """Read ``url`` whole.

        Args:
            url: May hold user and password (sent as Basic authentication to its own origin only).
            validators: Those of the last good answer; only with them the result can be ``NotModified``.
            limits: Instead of the client's own.
            access: Certificate and token to ask with; a file is read without.

        Raises:
            FetchFailed: One of its kinds, see ``gridmask.domain.errors``; ``CircuitOpen`` without asking.
            InvalidConfiguration: ``url`` cannot be asked for, or not with this access.
        """
        started, given, known = monotonic(), limits or self._limits, validators or Validators()
        if files.is_file(url):
            received = await _unpacked(self._ask_file(url, known, given))
        else:
            received = await _unpacked(self._ask_server(Inquiry.of(url, known, given, access)))
        return self._told(redacted(url), received, timedelta(seconds=monotonic() - started))

    async def post(
        self,
        url: str,
        form: Mapping[str, str] | None = None,
        *,
        document: object = None,
        limits: Limits | None = None,
        access: Access = ANYBODY,
    ) -> Answer:
        """Put a question to ``url`` as a ``form``, or else as a ``document`` of JSON, and read the answer whole.

        For questions only: like those of :meth:`get`, one that fails in a way that may pass is put again. A redirect is not
        followed. The answer has no validators.

        Raises:
            FetchFailed, InvalidConfiguration: As :meth:`get`.
        """
        content = Content.of_document(document) if form is None else Content.of_form(form)
        return await self._put(content, url, limits, access)

    async def properties(
        self, url: str, names: Iterable[str], *, limits: Limits | None = None, access: Access = ANYBODY
    ) -> Answer:
        """Ask a WebDAV server for the properties ``names``, of WebDAV's own, of what stands at ``url``.

        As :meth:`post` otherwise. The answer is a ``multistatus``, whatever it says of each.

        Raises:
            FetchFailed, InvalidConfiguration: As :meth:`get`.
        """
        return await self._put(Content.of_properties(names), url, limits, access)

    async def converse(
        self,
        url: str,
        talk: Callable[[Spoken], Awaitable[bytes]],
        *,
        limits: Limits | None = None,
        access: Access = ANYBODY,
    ) -> Answer:
        """Connect to the host and port of ``url``, and have ``talk`` find out there, by another protocol, what is wanted.

        As :meth:`post` otherwise; no proxy is used. ``talk`` may raise any FetchFailed.

        Raises:
            FetchFailed, InvalidConfiguration: As :meth:`get`.
        """
        started, partner = monotonic(), Partner.of(url, limits or self._limits, access)
        received = await _unpacked(self._persist(partner, partner.limits, partial(self._talk, partner, talk)))
        told = self._told(partner.shown, received, timedelta(seconds=monotonic() - started))
        assert isinstance(told, Answer)  # nothing was asked on a condition
        return told

    async def _put(self, content: Content, url: str, limits: Limits | None, access: Access) -> Answer:
        started = monotonic()
        inquiry = Inquiry.of(url, Validators(), limits or self._limits, access, content)
        told = self._told(inquiry.shown, await _unpacked(self._ask_server(inquiry)), timedelta(seconds=monotonic() - started))
        assert isinstance(told, Answer)  # nothing was asked on a condition
        return told

    @property
    def limits(self) -> Limits:
        """The limits of questions that bring none of their own."""
        return self._limits

    def transport(self, max_bytes: int) -> httpx2.AsyncBaseTransport:
        """The same CAs and proxies, for a library that speaks a protocol of its own. An answer is as long as that at most."""
        return Borrowed(self._ways, max_bytes)

    def breaker(self, url: str) -> Breaker:
        """The state of the circuit breaker that ``url`` comes under; that of a file is always closed."""
        endpoint = url if files.is_file(url) else Inquiry.of(url, Validators(), self._limits).endpoint
        return self._circuits.of(endpoint)

    async def _ask_file(self, url: str, validators: Validators, limits: Limits) -> Received:
        async with _deadline(redacted(url), limits.deadline):
            return await asyncio.to_thread(files.read, url, validators, limits.max_bytes)

    async def _ask_server(self, inquiry: Inquiry) -> Received:
        return await self._persist(inquiry, inquiry.limits, partial(self._attempt, inquiry))

    async def _persist(self, asked: Watched, limits: Limits, attempt: Callable[[], Awaitable[Received]]) -> Received:
        with self._circuits.watch(asked):
            async with _deadline(asked.shown, limits.deadline):
                return await retrying(limits, self._backoff)(attempt)

    async def _attempt(self, inquiry: Inquiry) -> Received:
        bearing = inquiry.bearing(await asyncio.to_thread(inquiry.access.credential)) if inquiry.access.token_place else inquiry
        async with self._turns[inquiry.url.origin]:
            return await exchange(self._ways, bearing, self._clock)

    async def _talk(self, partner: Partner, talk: Callable[[Spoken], Awaitable[bytes]]) -> Received:
        body = Body(partner.shown, partner.limits.max_bytes)
        async with self._turns[partner.url.origin], spoken(partner, self._network) as line:
            body.add(await talk(line))
        return Received(Validators(), body)

    def _told(self, url: str, received: Received, elapsed: timedelta) -> Answer | NotModified:
        now, body, validators = self._clock(), received.body, received.validators
        if body is None:
            return NotModified(url, now, validators, elapsed)
        return Answer(body.content(), Provenance(url, now, 200, body.sha256, body.size, validators, elapsed))


async def _unpacked(asking: Coroutine[Any, Any, Received]) -> Received:
    try:
        return await asking
    except Transient as failure:
        raise failure.error from failure.__cause__


@asynccontextmanager
async def _deadline(url: str, seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Transient(TimedOut(url, f"no complete answer within {seconds:g} s")) from error
