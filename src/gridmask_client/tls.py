"""Which servers are believed, and which certificate is shown to them."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx2

from gridmask_client.errors import Unusable

Identity = Path | tuple[Path, Path]
"""PEM: a file with a certificate, its chain and its key, as a grid proxy is; or one without the key, and one with it."""


class Shown:
    """Has ``context`` show a certificate, also once its files have become others: a grid proxy does not last a day."""

    def __init__(self, context: ssl.SSLContext, identity: Identity) -> None:
        self._context = context
        self._certificate = identity[0] if isinstance(identity, tuple) else identity
        self._key = identity[1] if isinstance(identity, tuple) else None
        self._stamp: object = None
        self.renew()

    def renew(self) -> None:
        """Read the files again, if they are others than before. Connections that are open stay as they are.

        Raises:
            Unusable: they cannot be used. What was shown before still is.
        """
        stamp = [_stamp(file) for file in (self._certificate, self._key) if file is not None]
        if stamp != self._stamp:
            for context in (blank(), self._context):  # first where it does no harm
                _show(context, self._certificate, self._key)
            self._stamp = stamp


def context_for(ca: Path | None) -> ssl.SSLContext:
    """The context of connections that believe ``ca``, a PEM file or a folder of hashed certificates; None: the system's.

    Raises:
        Unusable: a file cannot be used.
    """
    return httpx2.create_ssl_context() if ca is None else _trusting(ca)


def blank() -> ssl.SSLContext:
    """A context that believes nobody, for where there is no TLS: to load the system's CAs takes long."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _trusting(ca: Path) -> ssl.SSLContext:
    try:
        if not ca.is_dir():
            return ssl.create_default_context(cafile=ca)
        if not any(ca.glob("[0-9a-f]" * 8 + ".[0-9]")):
            raise Unusable(f"The folder {ca} has no CA certificates under their hashes; make them by: openssl rehash")
        context = ssl.create_default_context(capath=ca)
    except OSError as error:
        raise Unusable(f"{ca} is no readable PEM file with CA certificates: {error.strerror or error}") from error
    # not every CA of the grid writes its certificate as RFC 5280 wants it, on which Python insists since 3.13
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _show(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    files = f"{certificate}{f' with the key {key}' if key else ''}"

    def refuse() -> str:
        raise Unusable(f"The key of the certificate {files} needs a passphrase, and there is nobody to give it.")

    try:
        context.load_cert_chain(certificate, key, password=refuse)
    except ssl.SSLError as error:
        raise Unusable(f"{files} is no PEM file with a certificate and its key ({error.reason}).") from error
    except OSError as error:
        raise Unusable(f"The certificate {files} cannot be read: {error.strerror or type(error).__name__}") from error


def _stamp(file: Path) -> object:
    try:
        found = file.stat()
    except OSError as error:
        raise Unusable(f"The certificate in {file} cannot be read: {error.strerror or type(error).__name__}") from error
    return found.st_ino, found.st_mtime_ns, found.st_size
