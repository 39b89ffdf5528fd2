"""The chain of certificates by which somebody came to a server that speaks TLS itself, after it was verified there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.x509 import Certificate, load_pem_x509_certificate

from gridmask.access.leaf import VOMS, WRONG, Leaf, extension, group_in, issuer_of, require_no_authority
from gridmask.access.proxies import is_proxy, standing_in
from gridmask.domain.errors import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 16
"""Certificates in a chain that is looked at."""

Pems = tuple[str, ...]
"""Certificates, each signed by the next, in PEM: what ASGI calls ``client_cert_chain``."""


def shown(extensions: Mapping[str, Any]) -> Pems:
    """The chain in the ``extensions`` of a request, where only the server writes; empty: its client showed no certificate."""
    return tuple(extensions.get("tls", {}).get("client_cert_chain", ()))


@lru_cache(256)
def leaf(pems: Pems) -> Leaf:
    """The certificate of whoever came by the chain ``pems``.

    Raises:
        Unauthenticated: it is of a sort that is not accepted.
    """
    if len(pems) > MOST:
        raise Unauthenticated(f"More than {MOST} certificates were shown.")
    try:
        *proxies, own = _up_to_owner(pems)
        return _leaf(proxies, own)
    except WRONG as error:
        raise Unauthenticated("The certificate is malformed.") from error


def _up_to_owner(pems: Pems) -> list[Certificate]:
    """The proxies, and the owner's own certificate after them; those of authorities are not looked at once more."""
    found: list[Certificate] = []
    for pem in pems:
        found.append(load_pem_x509_certificate(pem.encode()))
        if not is_proxy(found[-1]):
            return found
    raise Unauthenticated("The proxy certificate was shown without that of its owner.")


def _leaf(proxies: list[Certificate], own: Certificate) -> Leaf:
    require_no_authority(own)
    return Leaf(
        standing_in(proxies, own),
        issuer_of(own),
        max(each.not_valid_before_utc.timestamp() for each in [*proxies, own]),
        min(each.not_valid_after_utc.timestamp() for each in [*proxies, own]),
        # who got a proxy of somebody in one group makes none of it that is in another
        next(filter(None, (group_in(each) for each in [own, *reversed(proxies)])), ""),
        own=own,
        # of those of VOMS, the last that were added count, as they do elsewhere
        attributes=next(filter(None, (extension(each, VOMS) for each in [*proxies, own])), b""),
    )
