"""The server: listens, and serves an installation until it is told to end."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import uvicorn

from gridmask.api.app import create_app
from gridmask.api.crowd import Crowd
from gridmask.api.exposing import exposed
from gridmask.api.patience import patient
from gridmask.api.tls import Files, Renewing, telling
from gridmask.bootstrap import installation
from gridmask.clock import Clock, system_clock
from gridmask.domain.errors import InvalidConfiguration
from gridmask.loopback import is_loopback
from gridmask.traced import traced

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from types import FrameType

    from gridmask.api.streams import Streams
    from gridmask.bootstrap import Installation
    from gridmask.settings import Settings

Announce = Callable[[str], None]
"""Is told the address once the server answers there."""


class Opening(Protocol):
    """Makes of settings what is served, as :func:`gridmask.bootstrap.installation` does."""

    def __call__(self, settings: Settings, *, clock: Clock) -> AbstractAsyncContextManager[Installation]:
        """The installation, for as long as it is served."""


GRACE = 2
"""Seconds that requests may take to end once the server is told to."""


async def serve(
    settings: Settings,
    *,
    host: str | None = None,
    port: int | None = None,
    announce: Announce,
    clock: Clock = system_clock,
    access_log: bool = False,
    opening: Opening = installation,
    inherited: socket.socket | None = None,
    metrics: int | None = None,
) -> None:
    """Serve the installation of ``settings`` until SIGINT or SIGTERM, or until cancelled.

    Args:
        settings: the installation's.
        host: where to listen, instead of where the settings say.
        port: likewise; 0 takes a free one.
        announce: is told the address once the server answers there.
        clock: where the time comes from.
        access_log: whether each request is logged.
        opening: makes the installation of the settings.
        inherited: the socket to serve, in place of one at ``host`` and ``port``.
        metrics: a port of loopback where the metrics of this process are told as well.

    Raises:
        InvalidConfiguration: nobody may, or nothing can, listen there; or the settings, policies or files of TLS are wrong.
        SchemaMismatch, StoreUnavailable: the database cannot be used.
    """
    secure = _tls(settings)
    with inherited or listening_for(settings, host, port) as listening, traced(settings.tracing):
        crowd = Crowd(settings.limits, settings.access.proxies if settings.access else ())
        crowd.fit()
        async with opening(settings, clock=clock) as gridmask, exposed(gridmask, metrics, looks=False):
            app = create_app(gridmask)
            config = uvicorn.Config(
                app,
                lifespan="on",
                http=telling(patient(crowd)) if secure else patient(crowd),
                ws="none",
                log_config=None,
                access_log=access_log,
                server_header=False,
                proxy_headers=False,
                ssl_context_factory=(lambda *_: secure) if secure else None,
                timeout_graceful_shutdown=GRACE,
            )
            await _served(_Server(config, app.state.streams, lambda: announce(address_of(listening, settings))), listening)


def listening_for(settings: Settings, host: str | None = None, port: int | None = None) -> socket.socket:
    """A socket that is bound to ``host`` and ``port``, else to where ``settings`` say.

    Raises:
        InvalidConfiguration: nobody may, or nothing can, listen there.
    """
    chosen = settings.server.host if host is None else host, settings.server.port if port is None else port
    return listen(*chosen, guarded=_guarded(settings))


def listen(host: str, port: int, *, guarded: bool = False) -> socket.socket:
    """A socket that is bound to ``host`` and ``port``.

    Raises:
        InvalidConfiguration: other machines could reach it, and it is not ``guarded``; or it cannot be had.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise InvalidConfiguration("server.host", f"there is no address {host!r} on this machine: {error}") from error
    # a name may stand for several addresses: that of IPv4 is understood everywhere
    family, kind, protocol, _, address = min(found, key=lambda each: each[0] is not socket.AF_INET)
    if not guarded:
        _require_loopback(host, str(address[0]))
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise InvalidConfiguration("server", _unbindable(error, host, port)) from error
    return listening


def _require_loopback(host: str, address: str) -> None:
    if not is_loopback(address):
        raise InvalidConfiguration(
            "server.host",
            f"{host} can be reached by other machines. For that, say who may come in ([access]), and have tokens go by TLS: "
            "by server.certificate, or by a proxy in front (access.proxies). Else bind to 127.0.0.1",
        )


def _tls(settings: Settings) -> Renewing | None:
    files = Files.of(settings.server)
    return Renewing.of(files) if files else None


def _guarded(settings: Settings) -> bool:
    """Whether other machines may reach it: tokens are asked for, and nobody in between reads them."""
    access = settings.access
    return access is not None and (settings.server.certificate is not None or bool(access.proxies))


def _unbindable(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use already. Is Gridmask running? Else choose another with --port, or server.port"
    return f"cannot listen on port {port} of {host}: {error.strerror}"


def address_of(listening: socket.socket, settings: Settings) -> str:
    """Where ``listening`` is found, as people write it."""
    host, port = listening.getsockname()[:2]
    return f"{'https' if settings.server.certificate else 'http'}://{f'[{host}]' if ':' in host else host}:{port}/"


async def _served(server: _Server, listening: socket.socket) -> None:
    """Serve to the end, in good order even when cancelled."""
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


class _Server(uvicorn.Server):
    """uvicorn's, which ends streams first: they would keep it waiting."""

    def __init__(self, config: uvicorn.Config, streams: Streams, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._streams = streams
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn's."""
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn's."""
        self._streams.close()
        await super().shutdown(sockets=sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End in good order. uvicorn would raise the signal again afterwards, and nobody could clean up any more."""
        del frame
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
