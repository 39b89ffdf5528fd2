"""The clients: one that waits, and one that awaits. Each carries out calls; what these are is the same for both."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from inspect import isawaitable
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import httpx2

from gridmask_client import bearer
from gridmask_client.answer import Answer
from gridmask_client.call import Call, Listing
from gridmask_client.errors import Unusable
from gridmask_client.gathering import Gathering
from gridmask_client.link import Link
from gridmask_client.patience import Patience
from gridmask_client.steps import Lost, Send, Step, Told, carried_out
from gridmask_client.tls import Identity

T = TypeVar("T")
Source = TypeVar("Source")
Transport = TypeVar("Transport")
Http = TypeVar("Http")

AsyncToken = bearer.Token | Callable[[], Awaitable[str]]
"""As :data:`bearer.Token`; or an async function."""

_PATIENCE = Patience()


class Common(ABC, Generic[Source, Transport, Http]):
    """What both clients have in common.

    Args:
        url: where the server is, such as ``https://rss.example.org:8443``.
        token: the bearer token; or a file that holds it (a ``Path``), or a function that gives it, asked before each attempt.
        ca: PEM file or folder of hashed CA certificates to believe, instead of the system's.
        certificate: PEM file of the client's certificate with its chain and key, as that of a grid proxy; or a pair of files.
        timeout: seconds that a single attempt may take.
        most_bytes: so long an answer may be.
        patience: how often something is asked for, and when again.
        transport: takes the place of the network.

    Raises:
        Unusable: the address or a file cannot be used, or the token would be sent where others can hear it.
    """

    def __init__(
        self,
        url: str,
        *,
        token: Source | None = None,
        ca: Path | None = None,
        certificate: Identity | None = None,
        timeout: float = 30.0,
        most_bytes: int = 64 * 1024 * 1024,
        patience: Patience = _PATIENCE,
        transport: Transport | None = None,
    ) -> None:
        self._link = Link(url, ca, certificate, timeout, most_bytes)
        if token is not None and not self._link.keeps_secrets:
            raise Unusable(f"No token is sent to {self._link.url}, where others could hear it: use https.")
        self._token = token
        self._patience = patience
        self._http = self._opened({**self._link.settings(), "transport": transport})

    @abstractmethod
    def _opened(self, settings: dict[str, Any]) -> Http:
        """The client of httpx2."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._link.url!r})"

    def _gathering(self, response: httpx2.Response, began: float) -> Gathering:
        return Gathering(response, self._link.most_bytes, began + self._link.timeout)


class Client(Common[bearer.Token, httpx2.BaseTransport, httpx2.Client]):
    """Carries out calls, and waits for what comes of them. Many threads can share one. Use it in a ``with``, or close it."""

    def do(self, call: Call[T]) -> T:
        """Carry out ``call``, and give what comes of it.

        Raises:
            GridmaskError: as ``gridmask_client.errors`` has them.
        """
        steps = carried_out(call, self._patience)
        told: Told = None
        try:
            while True:
                told = self._take(steps.send(told))
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]  # a generator's own
        finally:
            steps.close()

    def each(self, listing: Listing[Any, T]) -> Iterator[T]:
        """Everything that ``listing`` lists, page after page.

        Raises:
            GridmaskError: as above, at whichever page.
        """
        following: Listing[Any, T] | None = listing
        while following is not None:
            page = self.do(following)
            yield from following.items(page)
            following = following.after(page)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def _opened(self, settings: dict[str, Any]) -> httpx2.Client:
        return httpx2.Client(**settings)

    def _take(self, step: Step) -> Told:
        if isinstance(step, Send):
            return self._send(step.call)
        time.sleep(step.seconds)
        return None

    def _send(self, call: Call[Any]) -> Answer | Lost:
        token, began = "" if self._token is None else bearer.taken(self._token), time.monotonic()
        try:
            with self._http.stream(**self._link.request(call, token)) as response:
                gathering = self._gathering(response, began)
                for piece in response.iter_raw():
                    gathering.add(piece)
                return gathering.whole()
        except (httpx2.TransportError, OSError) as error:  # the latter: what TLS says on an open connection
            return Lost(error)


class AsyncClient(Common[AsyncToken, httpx2.AsyncBaseTransport, httpx2.AsyncClient]):
    """Carries out calls, and awaits what comes of them, on asyncio. Many tasks of a loop can share one."""

    async def do(self, call: Call[T]) -> T:
        """As :meth:`Client.do`."""
        steps = carried_out(call, self._patience)
        told: Told = None
        try:
            while True:
                told = await self._take(steps.send(told))
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]  # a generator's own
        finally:
            steps.close()

    async def each(self, listing: Listing[Any, T]) -> AsyncIterator[T]:
        """As :meth:`Client.each`."""
        following: Listing[Any, T] | None = listing
        while following is not None:
            page = await self.do(following)
            for item in following.items(page):
                yield item
            following = following.after(page)

    @asynccontextmanager
    async def opened(self, call: Call[Any], silence: float) -> AsyncIterator[httpx2.Response]:
        """An answer that goes on, as it begins; it may be silent for so many seconds.

        Raises:
            httpx2.TransportError: it breaks off; and OSError. GridmaskError: it cannot be asked for.
        """
        request = self._link.request(call, await self._taken())
        timeout = httpx2.Timeout(self._link.timeout, read=silence)
        async with self._http.stream(**request, timeout=timeout) as response:
            yield response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def _opened(self, settings: dict[str, Any]) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(**settings)

    async def _take(self, step: Step) -> Told:
        if isinstance(step, Send):
            return await self._send(step.call)
        await asyncio.sleep(step.seconds)
        return None

    async def _send(self, call: Call[Any]) -> Answer | Lost:
        token, began = await self._taken(), time.monotonic()
        try:
            async with self._http.stream(**self._link.request(call, token)) as response:
                gathering = self._gathering(response, began)
                async for piece in response.aiter_raw():
                    gathering.add(piece)
                return gathering.whole()
        except (httpx2.TransportError, OSError) as error:  # the latter: what TLS says on an open connection
            return Lost(error)

    async def _taken(self) -> str:
        source = self._token
        if source is None:
            return ""
        if isinstance(source, str | Path):
            return await asyncio.to_thread(bearer.taken, source)
        given = source()
        return bearer.checked(await given if isawaitable(given) else given, bearer.GIVEN)
