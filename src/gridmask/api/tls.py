"""TLS that the server speaks itself: whose certificate it is that a client shows, proxies (:rfc:`3820`) among them.

OpenSSL checks what is shown while a connection begins. What it found goes with each request as `ASGI's extension for TLS`_ has
it, in ``scope["extensions"]["tls"]``, where no client can write.

.. _ASGI's extension for TLS: https://asgi.readthedocs.io/en/latest/specs/tls.html
"""

from __future__ import annotations

import ssl
import sys
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog

from gridmask.api.patience import Patient
from gridmask.domain.errors import InvalidConfiguration
from gridmask.http.tls import show

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

    from gridmask.settings import Server

log = structlog.get_logger()

RENEWED_AFTER = 60.0
"""Seconds after which the files are read again, for the connections that begin then."""

SOUND = 2
"""OpenSSL's security level for the certificates of clients: keys of 112 bits, as of RSA with 2048, and no SHA-1."""

COUNTS_FOR = 3600.0
"""Seconds that a certificate counts with a connection, which then ends: it may have been revoked since."""

_HASHED = "[0-9a-f]" * 8
_VERSIONS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}


@dataclass(frozen=True, slots=True)
class Files:
    """Of what TLS is made.

    Attributes:
        certificate: of the server, with its chain.
        key: its private key; None: it is in the certificate's file.
        authorities: whose certificates clients may show, a file or a folder of hashed ones; None: they are asked for none.
        revoked: whether each authority must tell there what it revoked.
    """

    certificate: Path
    key: Path | None = None
    authorities: Path | None = None
    revoked: bool = True

    @classmethod
    def of(cls, server: Server) -> Files | None:
        """Those that the settings name; None: the server speaks no TLS."""
        if server.certificate is None:
            return None
        return cls(server.certificate, server.key, server.client_ca, server.client_crls)

    def context(self) -> ssl.SSLContext:
        """TLS by what is in the files now.

        Raises:
            InvalidConfiguration: something is missing, or of no use.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        show(context, self.certificate, self.key)
        if self.authorities is not None:
            self._ask(context, self.authorities)
        return context

    def _ask(self, context: ssl.SSLContext, authorities: Path) -> None:
        """Have ``context`` ask for certificates, which need not be shown, but must be good if they are."""
        _trust(context, authorities)
        _require_some(context, authorities, revoked=self.revoked)
        context.sslobject_class = Connection
        if context.security_level < SOUND:
            context.set_ciphers(f"DEFAULT:@SECLEVEL={SOUND}")
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_ALLOW_PROXY_CERTS
        if self.revoked:
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
        # what is taken up again is not checked again, and its chain is gone
        context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
        context.num_tickets = 0


class Renewing(ssl.SSLContext):
    """TLS by what is in ``files``, which are read again for connections that begin later: lists of what was revoked change.

    What cannot be read any more counts as it was last.
    """

    _files: Files
    _known: ssl.SSLContext
    _read_at: float

    @classmethod
    def of(cls, files: Files) -> Renewing:
        """By ``files``.

        Raises:
            InvalidConfiguration: something is missing there, or of no use.
        """
        made = cls(ssl.PROTOCOL_TLS_SERVER)
        made._files, made._known, made._read_at = files, files.context(), monotonic()
        return made

    def wrap_bio(self, *arguments: Any, **named: Any) -> ssl.SSLObject:  # noqa: ANN401 - as ssl has them
        """See ssl's: this is how asyncio begins a connection."""
        if monotonic() - self._read_at >= RENEWED_AFTER:
            self._read_again()
        return self._known.wrap_bio(*arguments, **named)

    def _read_again(self) -> None:
        self._read_at = monotonic()
        try:
            self._known = self._files.context()
        except InvalidConfiguration as error:
            log.warning("files of TLS cannot be read; what they had before goes on to count", problem=str(error))


class Connection(ssl.SSLObject):
    """A connection whose client may show a certificate."""

    def do_handshake(self) -> None:
        """See ssl's."""
        try:
            super().do_handshake()
        except ssl.SSLCertVerificationError as error:
            log.info("a client's certificate is not accepted", problem=error.verify_message)
            raise
        if self.session_reused and self.getpeercert(binary_form=True):
            raise ssl.SSLError("a session with a client's certificate is not taken up again")


class Telling(Patient):
    """A connection that tells with each request whose certificate its client showed, as long as that counts."""

    _tls: dict[str, Any]
    _forgetting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """See asyncio's."""
        super().connection_made(transport)
        self._tls = told(transport.get_extra_info("ssl_object"))
        self.app = partial(_with, self.app, self._tls)
        if self._tls["client_cert_chain"]:
            self._forgetting = self.loop.call_later(COUNTS_FOR, self._forget)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio's."""
        if self._forgetting is not None:
            self._forgetting.cancel()
        super().connection_lost(exc)

    def _forget(self) -> None:
        # a stream that goes on is asked anew who it is
        self._tls["client_cert_chain"] = ()
        if not self.transport.is_closing():
            self.shutdown()


def telling(kind: type[Patient]) -> type[Telling]:
    """Connections of this kind that tell it."""
    return type("Telling", (Telling, kind), {})


def told(connection: ssl.SSLObject) -> dict[str, Any]:
    """What ASGI's extension tells of ``connection``: ``client_cert_chain`` has what was verified, the client's own first."""
    return {
        "server_cert": None,
        "client_cert_chain": tuple(map(ssl.DER_cert_to_PEM_cert, _chain(connection))),
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": _VERSIONS.get(connection.version() or ""),
        "cipher_suite": None,
    }


async def _with(app: ASGIApp, tls: dict[str, Any], scope: Scope, receive: Receive, send: Send) -> None:
    scope.setdefault("extensions", {})["tls"] = tls
    await app(scope, receive, send)


def _chain(connection: ssl.SSLObject) -> list[bytes]:
    """The chain that was verified, up to the authority that is trusted; empty: no certificate was shown."""
    if sys.version_info >= (3, 13):
        return connection.get_verified_chain()
    # the same, before it had a public name
    from _ssl import ENCODING_DER  # noqa: PLC0415

    found = connection._sslobj.get_verified_chain()  # type: ignore[attr-defined]  # noqa: SLF001
    return [each.public_bytes(ENCODING_DER) for each in found or ()]


def _trust(context: ssl.SSLContext, authorities: Path) -> None:
    is_folder = authorities.is_dir()
    try:
        context.load_verify_locations(None if is_folder else authorities, authorities if is_folder else None)
    except OSError as error:
        problem = f"{authorities} is no readable PEM file with authorities ({error.strerror or error})"
        raise InvalidConfiguration("server.client_ca", problem) from error


def _require_some(context: ssl.SSLContext, authorities: Path, *, revoked: bool) -> None:
    if authorities.is_dir():
        found, lists = (any(authorities.glob(_HASHED + ending)) for ending in (".[0-9]*", ".r[0-9]*"))
    else:
        held = context.cert_store_stats()
        found, lists = held["x509_ca"] > 0, held["crl"] > 0
    if not found:
        raise InvalidConfiguration(
            "server.client_ca", f"{authorities} has no authority; a folder needs names such as 5f54f417.0: openssl rehash"
        )
    if revoked and not lists:
        raise InvalidConfiguration(
            "server.client_ca",
            f"{authorities} does not tell what was revoked (as 5f54f417.r0): run fetch-crl, or set server.client_crls = false",
        )
