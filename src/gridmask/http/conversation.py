"""A conversation in another protocol than HTTP, under the same terms: in time, in turn, and within TLS if need be."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2

from gridmask.domain.errors import InvalidConfiguration, TimedOut, Unreachable
from gridmask.http.access import Access
from gridmask.http.failure import Transient, translated
from gridmask.http.limits import Limits
from gridmask.http.redaction import redacted
from gridmask.http.tls import context_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from gridmask.http.routes import Network


@dataclass(frozen=True, slots=True)
class Partner:
    """Whom to talk to.

    Attributes:
        url: where it is; its scheme is the protocol.
        shown: the same, for readers.
        limits: for how long, and how often.
        access: who asks.
    """

    url: httpx2.URL
    shown: str
    limits: Limits
    access: Access

    @classmethod
    def of(cls, url: str, limits: Limits, access: Access) -> Partner:
        """Whoever is at ``url``, which must name host and port.

        Raises:
            InvalidConfiguration: it does not, or holds a password, which has no place there.
        """
        try:
            parsed = httpx2.URL(url)
        except (httpx2.InvalidURL, ValueError):
            raise InvalidConfiguration(redacted(url), "is not a URL") from None
        if parsed.userinfo:
            raise InvalidConfiguration(redacted(url), "holds a user or a password, which has no place in it")
        if not parsed.raw_host or not 0 < (parsed.port or 0) < 65536:
            raise InvalidConfiguration(redacted(url), "names no host and port")
        return cls(parsed, redacted(url), limits, access)

    @property
    def endpoint(self) -> str:
        """What answers, whatever is asked."""
        return str(self.url)


class Spoken:
    """A connection that is open."""

    def __init__(self, partner: Partner, network: Network, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._partner = partner
        self._network = network
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Send ``data``.

        Raises:
            Transient: it cannot be sent.
        """
        with _told(self._partner):
            async with asyncio.timeout(self._partner.limits.timeout):
                self._writer.write(data)
                await self._writer.drain()

    async def exactly(self, number: int) -> bytes:
        """The next ``number`` bytes.

        Raises:
            Transient: they do not come.
        """
        with _told(self._partner):
            async with asyncio.timeout(self._partner.limits.timeout):
                return await self._reader.readexactly(number)

    async def secure(self) -> None:
        """Speak TLS from now on, with the certificate that the access has.

        Raises:
            InvalidConfiguration: its files cannot be used.
            FetchFailed, Transient: the other side is not believed, or does not like us.
        """
        partner, network = self._partner, self._network
        context = await asyncio.to_thread(
            context_for, partner.access.identity(), network.ca_bundle, trust_env=network.trust_env
        )
        with _told(partner):
            async with asyncio.timeout(partner.limits.timeout):
                await self._writer.start_tls(context, server_hostname=partner.url.host)


@asynccontextmanager
async def spoken(partner: Partner, network: Network) -> AsyncIterator[Spoken]:
    """A connection to ``partner``, without TLS at first.

    Raises:
        Transient: there is none.
    """
    with _told(partner, "no connection within the time allowed"):
        async with asyncio.timeout(partner.limits.timeout):
            reader, writer = await asyncio.open_connection(partner.url.host, partner.url.port)
    try:
        yield Spoken(partner, network, reader, writer)
    finally:
        writer.transport.abort()  # nothing is left to be said


@contextmanager
def _told(partner: Partner, late: str = "nothing came for longer than the time allowed") -> Iterator[None]:
    with translated(partner.shown):
        try:
            yield
        except TimeoutError as error:
            raise Transient(TimedOut(partner.shown, late)) from error
        except asyncio.IncompleteReadError as error:
            came = "in the middle of an answer" if error.partial else "without an answer"
            raise Transient(Unreachable(partner.shown, f"the connection was closed {came}")) from error
