"""The circuit breakers of all endpoints."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from gridmask.domain.errors import CircuitOpen, FetchFailed
from gridmask.http.breaker import Breaker
from gridmask.http.failure import Transient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime


class Watched(Protocol):
    """A question."""

    @property
    def endpoint(self) -> str:
        """What answers."""

    @property
    def shown(self) -> str:
        """The same, for readers."""


class Circuits:
    """Keeps a breaker for each endpoint (origin and path) that failed lately.

    Not for each origin: one report of a server that is broken must not silence its others, and their successes must
    not hide that it is. Not for each URL: a query often holds the time of asking.
    """

    __slots__ = ("_breakers", "_clock", "_closed")

    def __init__(self, clock: Callable[[], datetime], closed: Breaker) -> None:
        self._clock = clock
        self._closed = closed.succeeded()
        self._breakers: dict[str, Breaker] = {}

    def of(self, endpoint: str) -> Breaker:
        """The breaker of an endpoint as it is now."""
        return self._breakers.get(endpoint, self._closed)

    @contextmanager
    def watch(self, inquiry: Watched) -> Iterator[None]:
        """Ask inside of this. Only a Transient counts as a failure: any other error means that the server works.

        Raises:
            CircuitOpen: Not now.
        """
        endpoint, now = inquiry.endpoint, self._clock()
        breaker = self.of(endpoint)
        if not breaker.allows(now):
            raise CircuitOpen(inquiry.shown, breaker.retry_in(now).total_seconds())
        self._keep(endpoint, breaker.trying(now))
        try:
            yield
        except Transient:
            self._keep(endpoint, self.of(endpoint).failed(self._clock()))
            raise
        except FetchFailed:
            self._keep(endpoint, self._closed)
            raise
        self._keep(endpoint, self._closed)

    def _keep(self, endpoint: str, breaker: Breaker) -> None:
        if breaker == self._closed:
            self._breakers.pop(endpoint, None)
        else:
            self._breakers[endpoint] = breaker
