"""Proxy certificates (:rfc:`3820`): signed with a user's own certificate, for whatever works in the user's name.

A server in front has checked the signatures, and passes on the last certificate alone. That says that it is a proxy, and by
whose name it was signed; whether that was the user's, or a proxy's in turn, only the name can tell. Where we speak TLS
ourselves, the whole chain is there to be looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat import asn1
from cryptography.x509 import ExtensionNotFound, ObjectIdentifier, UnrecognizedExtension

from gridmask.access.distinguished_names import common_name, written
from gridmask.domain.errors import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.x509 import Certificate

    from gridmask.access.distinguished_names import Rdns

PROXY_CERT_INFO = ObjectIdentifier("1.3.6.1.5.5.7.1.14")
INHERITS_ALL = ObjectIdentifier("1.3.6.1.5.5.7.21.1")
LIMITED = ObjectIdentifier("1.3.6.1.4.1.3536.1.1.1.9")
"""Globus's: for jobs, which may do less."""

_OF_PROXIES = re.compile(r"[0-9]{1,64}|proxy|limited proxy")
"""The common names that software gives to proxies."""

_OLD = {"proxy", "limited proxy"}


@asn1.sequence
@dataclass(frozen=True, slots=True)
class ProxyPolicy:
    """What a proxy may do, as the extension has it."""

    language: ObjectIdentifier
    policy: bytes | None


@asn1.sequence
@dataclass(frozen=True, slots=True)
class ProxyCertInfo:
    """The extension that makes a certificate a proxy; ``length``: how many proxies may follow."""

    length: int | None
    policy: ProxyPolicy


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose certificate it is.

    Attributes:
        owner: the name of the user or host, without what proxies added.
        proxies: how many proxies follow upon the owner's certificate, as far as the name can tell.
        is_limited: whether it is a limited proxy.
    """

    owner: str
    proxies: int = 0
    is_limited: bool = False


def standing(certificate: Certificate) -> Standing:
    """Whose ``certificate`` is, whether it is a proxy or not.

    Raises:
        Unauthenticated: it is a proxy that is not as it should be, or of a sort that is not accepted.
        ValueError: its extensions cannot be read.
    """
    language = _language(certificate)
    if language is None:
        return Standing(_own(certificate))
    signer = _signer(certificate)
    owner = signer
    while _added_by_proxy(owner):
        owner = owner[:-1]
    return Standing(written(owner), 1 + len(signer) - len(owner), is_limited=language == LIMITED)


def standing_in(proxies: Sequence[Certificate], owner: Certificate) -> Standing:
    """Whose the last of ``proxies`` is, which were verified: each is signed by the next, and the last one by ``owner``.

    Raises:
        Unauthenticated, ValueError: as :func:`standing`.
    """
    languages = [_language(proxy) for proxy in proxies]
    for proxy in proxies:
        _signer(proxy)
    return Standing(_own(owner), len(proxies), is_limited=LIMITED in languages)


def is_proxy(certificate: Certificate) -> bool:
    """Whether ``certificate`` says that it is one."""
    return _language(certificate) is not None


def _language(certificate: Certificate) -> ObjectIdentifier | None:
    """In which words a proxy says what it may do; None: it is none."""
    try:
        extension = certificate.extensions.get_extension_for_oid(PROXY_CERT_INFO)
    except ExtensionNotFound:
        return None
    assert isinstance(extension.value, UnrecognizedExtension)
    language = asn1.decode_der(ProxyCertInfo, extension.value.value).policy.language
    if not extension.critical or language not in {INHERITS_ALL, LIMITED}:
        raise Unauthenticated("The proxy certificate is none of those that are accepted: full ones, and limited ones.")
    return language


def _own(certificate: Certificate) -> str:
    rdns = certificate.subject.rdns
    if rdns and common_name(rdns[-1]) in _OLD:
        raise Unauthenticated("Proxy certificates of before RFC 3820 are not accepted; make another.")
    return written(rdns)


def _signer(certificate: Certificate) -> Rdns:
    """The name of who signed a proxy: that of the proxy without the common name that was added (:rfc:`3820`, section 3.4)."""
    subject, issuer = certificate.subject.rdns, certificate.issuer.rdns
    if not issuer or subject[:-1] != issuer or common_name(subject[-1]) is None:
        raise Unauthenticated("The proxy certificate has another name than that of its owner and one more part.")
    return issuer


def _added_by_proxy(name: Rdns) -> bool:
    # what is left has to name somebody yet: of /O=Robots/CN=7, nothing is taken away
    added = common_name(name[-1]) or ""
    return _OF_PROXIES.fullmatch(added) is not None and any(common_name(rdn) for rdn in name[:-1])
