"""The certificate of whoever speaks to a server, after it was checked there: to one in front, which passes it on, or to us."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from cryptography.hazmat import asn1
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    DuplicateExtension,
    ExtensionNotFound,
    InvalidVersion,
    ObjectIdentifier,
    UnrecognizedExtension,
    UnsupportedGeneralNameType,
    load_pem_x509_certificate,
)

from gridmask.access.distinguished_names import written
from gridmask.access.proxies import Standing, standing
from gridmask.domain.errors import Unauthenticated

CERTIFICATE, VERIFIED = b"x-ssl-cert", b"x-ssl-client-verify"
"""The headers by which nginx tells: ``$ssl_client_escaped_cert`` and ``$ssl_client_verify``."""

SUCCESS = b"SUCCESS"

LONGEST = 32 * 1024
"""Bytes of an escaped certificate that is looked at; a proxy with attributes of VOMS has about ten thousand."""

DIRAC_GROUP = ObjectIdentifier("1.2.42.42")
"""DIRAC's extension: the group that a user chose to work in."""

VOMS = ObjectIdentifier("1.3.6.1.4.1.8005.100.100.5")
"""The extension of VOMS: attribute certificates, in a sequence of their own."""

_PEM = re.compile(rb"\s*-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----\s*")
_UTF8 = b"\x0c"
WRONG = (ValueError, TypeError, DuplicateExtension, InvalidVersion, UnsupportedGeneralNameType)
"""What is raised for a certificate in which something is wrong; a ``TypeError``, for some names."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A certificate, as far as it matters who shows it.

    Attributes:
        standing: whose it is.
        issuer: the name of the authority that signed the owner's; empty: a proxy alone does not tell, or that name is unclear.
        begins: seconds since the epoch from which it counts.
        ends: likewise, from which it counts no more.
        group: the group of DIRAC that its owner claims to be in.
        own: the owner's own certificate, where the whole chain was seen; None: it was not.
        attributes: of VOMS, not checked by anybody, as they are in it, or else in one before it; empty: there are none.
    """

    standing: Standing
    issuer: str
    begins: float
    ends: float
    group: str
    own: Certificate | None = None
    attributes: bytes = b""


def shown(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The certificate in what a proxy in front passes on, escaped; empty: there is none.

    Raises:
        Unauthenticated: the proxy does not say that it checked it, or says different things.
    """
    said = [(name, value) for name, value in headers if name in {CERTIFICATE, VERIFIED}]
    if len({name for name, _ in said}) != len(said):
        raise Unauthenticated("The proxy in front passes on several certificates, or says twice whether it checked one.")
    told = dict(said)
    certificate = told.get(CERTIFICATE, b"")
    if certificate and told.get(VERIFIED) != SUCCESS:
        raise Unauthenticated("The proxy in front passes on a certificate, and does not say that it found it to be good.")
    return certificate


@lru_cache(256)
def leaf(escaped: bytes) -> Leaf:
    """The certificate that is ``escaped`` as in a URL, in PEM.

    Raises:
        Unauthenticated: it is none, or of a sort that is not accepted.
    """
    pem = unquote_to_bytes(escaped) if len(escaped) <= LONGEST else b""
    if not _PEM.fullmatch(pem):
        raise Unauthenticated("What was passed on as a certificate is none.")
    try:
        return _leaf(load_pem_x509_certificate(pem))
    except WRONG as error:
        raise Unauthenticated("The certificate is malformed.") from error


def _leaf(certificate: Certificate) -> Leaf:
    require_no_authority(certificate)
    of = standing(certificate)
    return Leaf(
        of,
        "" if of.proxies else issuer_of(certificate),
        certificate.not_valid_before_utc.timestamp(),
        certificate.not_valid_after_utc.timestamp(),
        group_in(certificate),
        attributes=extension(certificate, VOMS),
    )


def require_no_authority(certificate: Certificate) -> None:
    """Check that ``certificate`` is somebody's who may ask for something.

    Raises:
        Unauthenticated: it is an authority's.
    """
    if _is_authority(certificate):
        raise Unauthenticated("That is the certificate of an authority: these sign, and ask for nothing.")


def _is_authority(certificate: Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(BasicConstraints).value.ca
    except ExtensionNotFound:
        return False


def issuer_of(certificate: Certificate) -> str:
    """The name of who signed it; empty: it is unclear."""
    try:
        return written(certificate.issuer.rdns)
    except Unauthenticated:
        return ""


def extension(certificate: Certificate, oid: ObjectIdentifier) -> bytes:
    """What the extension ``oid`` says; empty: it is not there."""
    try:
        found = certificate.extensions.get_extension_for_oid(oid)
    except ExtensionNotFound:
        return b""
    assert isinstance(found.value, UnrecognizedExtension)
    return found.value.value


def group_in(certificate: Certificate) -> str:
    """The group of DIRAC in it; empty: there is none."""
    der = extension(certificate, DIRAC_GROUP)
    if not der:
        return ""
    return asn1.decode_der(str, der) if der.startswith(_UTF8) else asn1.decode_der(asn1.IA5String, der).as_str()
