"""A connection of a probe. What goes wrong on it is told as a trouble of the service, or of ours, in words for people."""

from __future__ import annotations

import asyncio
import errno
import os
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Protocol

from gridmask.probes.address import Address
from gridmask.probes.finding import NotMade, Unusable, shown

LONGEST_LINE = 16 * 1024

_OURS = frozenset(
    {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EPERM}
)
"""What keeps connections from being made on this side: no route, no file descriptors, a firewall of ours."""


class Worker(Protocol):
    """Whoever uses a connection."""

    doing: str

    @property
    def left(self) -> float:
        """How many seconds are left."""


class Wire:
    """A connection, within TLS or not. Every wait on it is bounded by the deadline of its probe."""

    def __init__(self, worker: Worker, address: Address, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._worker = worker
        self._address = address
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Send ``data``.

        Raises:
            Trouble: it cannot be sent.
        """
        with told(self._worker.doing):
            self._writer.write(data)
            await self._writer.drain()

    async def exactly(self, number: int) -> bytes:
        """The next ``number`` bytes.

        Raises:
            Trouble: the connection ends before.
        """
        with told(self._worker.doing):
            return await self._reader.readexactly(number)

    async def some(self, most: int = 65_536) -> bytes:
        """What comes next; empty at the end.

        Raises:
            Trouble: the connection breaks.
        """
        with told(self._worker.doing):
            return await self._reader.read(most)

    async def line(self) -> bytes:
        """The next line, with its end.

        Raises:
            Trouble: the connection ends before, or it is too long.
        """
        return await self.until(b"\n")

    async def until(self, end: bytes) -> bytes:
        """What comes next, up to ``end`` and with it.

        Raises:
            Trouble: the connection ends before, or it is too long.
        """
        with told(self._worker.doing):
            try:
                return await self._reader.readuntil(end)
            except asyncio.LimitOverrunError as error:
                raise Unusable(f"{self._worker.doing}: more than {LONGEST_LINE:,} bytes without an end came") from error

    async def secure(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on.

        Raises:
            Trouble: that fails.
        """
        self._worker.doing = "TLS handshake"
        with told(self._worker.doing):
            await self._writer.start_tls(context, server_hostname=self._address.host)

    @property
    def certificate(self) -> dict[str, object]:
        """What the service's certificate says, as :meth:`ssl.SSLSocket.getpeercert` has it; empty without TLS."""
        found: dict[str, object] | None = self._writer.get_extra_info("peercert")
        return found or {}

    @property
    def protocol(self) -> str:
        """The version of TLS; empty without."""
        inside: ssl.SSLObject | None = self._writer.get_extra_info("ssl_object")
        return (inside.version() or "") if inside else ""

    @property
    def is_secure(self) -> bool:
        """Whether TLS is spoken."""
        return self._writer.get_extra_info("ssl_object") is not None

    async def close(self) -> None:
        """Say goodbye, and wait for no answer."""
        self._writer.close()
        await asyncio.sleep(0)
        self._writer.transport.abort()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await self._writer.wait_closed()


@asynccontextmanager
async def opened(worker: Worker, address: Address, found: Sequence[str], context: ssl.SSLContext | None) -> AsyncIterator[Wire]:
    """A connection to the first of the addresses ``found`` that takes one; ``context``: within TLS.

    Raises:
        Trouble: none does.
    """
    wire = await _connected(worker, address, found, context)
    try:
        yield wire
    finally:
        await wire.close()


async def _connected(worker: Worker, address: Address, found: Sequence[str], context: ssl.SSLContext | None) -> Wire:
    for number, ip in enumerate(found, 1):
        worker.doing = f"connecting to {address.host} port {address.port}"
        share = worker.left / (len(found) - number + 1)
        try:
            async with asyncio.timeout(share if number < len(found) else None):
                return await _to(worker, address, ip, context)
        except (Unusable, NotMade, TimeoutError):
            if number == len(found):
                raise
    raise Unusable(f"{address.host} has no address")


async def _to(worker: Worker, address: Address, ip: str, context: ssl.SSLContext | None) -> Wire:
    with told(worker.doing):
        reader, writer = await asyncio.open_connection(ip, address.port, limit=LONGEST_LINE)
    wire = Wire(worker, address, reader, writer)
    if context is not None:
        try:
            await wire.secure(context)
        except BaseException:
            writer.transport.abort()  # nobody would tell when it is closed
            raise
    return wire


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Tell what goes wrong on a connection while ``doing`` something as a trouble.

    Raises:
        Trouble: something does.
    """
    try:
        yield
    except TimeoutError:
        raise
    except asyncio.IncompleteReadError as error:
        came = f"after {len(error.partial):,} bytes of an answer" if error.partial else "without an answer"
        raise Unusable(f"{doing}: the connection was closed {came}") from error
    except ssl.SSLCertVerificationError as error:
        raise Unusable(f"its certificate is not trusted: {shown(error.verify_message)}") from error
    except ssl.SSLError as error:
        raise _of_tls(doing, error) from error
    except OSError as error:
        raise _of_system(doing, error) from error


def _of_tls(doing: str, error: ssl.SSLError) -> Unusable | NotMade:
    reason = (error.reason or type(error).__name__).replace("_", " ").lower()
    if "certificate required" in reason:
        return NotMade("the service wants a certificate, and this probe has none that it takes")
    if "alert" in reason:
        return Unusable(f"{doing}: the service ended it: {reason.rpartition('alert ')[2]}")
    return Unusable(f"{doing}: it does not speak TLS as it should: {reason}")


def _of_system(doing: str, error: OSError) -> Unusable | NotMade:
    reason = os.strerror(error.errno).lower() if error.errno else shown(str(error)) or "the connection was closed"
    if error.errno in _OURS:
        return NotMade(f"{doing}: {reason}")
    return Unusable(f"{doing}: {reason}")
