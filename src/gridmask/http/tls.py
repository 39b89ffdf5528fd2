"""TLS contexts: which servers are believed, and which certificate is shown to them."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx2

from gridmask.domain.errors import InvalidConfiguration

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.http.access import Access


def context_for(access: Access, ca: Path | None, *, trust_env: bool) -> ssl.SSLContext:
    """The context of connections with ``access``; what it says of CAs goes before ``ca``, and that before the system's.

    Raises:
        InvalidConfiguration: a file cannot be used.
    """
    context = _trusting(access.ca or ca, trust_env=trust_env)
    if access.certificate:
        show(context, access.certificate, access.key)
    return context


def _trusting(ca: Path | None, *, trust_env: bool) -> ssl.SSLContext:
    if ca is None:
        return httpx2.create_ssl_context(trust_env=trust_env)
    if ca.is_dir():
        return _trusting_folder(ca)
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        problem = f"is no readable PEM file with CA certificates ({error.strerror or error})"
        raise InvalidConfiguration(f"CA bundle {ca}", problem) from error


def _trusting_folder(folder: Path) -> ssl.SSLContext:
    # OpenSSL reads single files of the folder when a certificate calls for them, and complains of nothing before
    if not any(folder.glob("[0-9a-f]" * 8 + ".[0-9]")):
        problem = "has no certificates under their hashes, such as 5f54f417.0; make them by: openssl rehash"
        raise InvalidConfiguration(f"CA bundle {folder}", problem)
    context = ssl.create_default_context(capath=folder)
    # not all CAs of the grid write their certificates as RFC 5280 wants it; Python 3.13 begins to insist on it
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def show(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    """Have ``context`` show ``certificate``, with its private key in the file ``key``; None: it is in the same file.

    Raises:
        InvalidConfiguration: these cannot be used.
    """
    files = f"certificate {certificate}" + (f" with key {key}" if key else "")

    def refuse() -> str:
        raise InvalidConfiguration(files, "the private key needs a passphrase, and there is nobody to give it")

    try:
        context.load_cert_chain(certificate, key, password=refuse)
    except ssl.SSLError as error:
        problem = "the key is not that of the certificate" if error.reason == "KEY_VALUES_MISMATCH" else _UNUSABLE[key is None]
        raise InvalidConfiguration(files, problem) from error
    except OSError as error:
        raise InvalidConfiguration(files, f"cannot be read: {error.strerror or type(error).__name__}") from error


_UNUSABLE = {
    True: "is no PEM file with both a certificate and its private key; name the key's file as key",
    False: "are no PEM files with a certificate and a private key",
}
