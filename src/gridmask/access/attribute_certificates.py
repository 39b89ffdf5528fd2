"""Attribute certificates (:rfc:`5755`), as servers of VOMS make them: who somebody is in a VO, signed.

They stand in an extension of a proxy, in a sequence in a sequence::

    AttributeCertificate ::= SEQUENCE { acinfo, signatureAlgorithm, signatureValue }

What they say is taken apart here, and believed by nobody yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import Certificate, ObjectIdentifier

LARGEST = 64 * 1024
"""Bytes of attribute certificates in a proxy that are looked at; one has about two thousand."""

MOST = 16
"""Attribute certificates in a proxy, and certificates in one of them, that are looked at."""

FQANS = ObjectIdentifier("1.3.6.1.4.1.8005.100.100.4")
CERTIFICATES = ObjectIdentifier("1.3.6.1.4.1.8005.100.100.10")
TAGS = ObjectIdentifier("1.3.6.1.4.1.8005.100.100.11")
TARGETS = ObjectIdentifier("2.5.29.55")
AUTHORITY_KEY = ObjectIdentifier("2.5.29.35")
NO_REVOCATION = ObjectIdentifier("2.5.29.56")

UNDERSTOOD = {CERTIFICATES, TAGS, TARGETS, AUTHORITY_KEY, NO_REVOCATION}
"""Extensions that may be critical."""

_VERSION = 1
_DIRECTORY_NAME, _URI, _DNS_NAME, _TARGET_NAME, _SEQUENCE = b"\xa4", b"\x86", b"\x82", b"\xa0", b"\x30"
_DEEPEST = 4


class NotBelieved(Exception):
    """Why an attribute certificate counts for nothing."""


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _Extension:
    oid: ObjectIdentifier
    critical: Annotated[bool, asn1.Default(value=False)]
    value: bytes


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _Attribute:
    oid: ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _IssuerSerial:
    issuer: list[asn1.TLV]
    serial: int
    uid: asn1.BitString | None


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _Holder:
    certificate: Annotated[_IssuerSerial | None, asn1.Implicit(0)]


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _Issuer:
    names: list[asn1.TLV]


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _Validity:
    begins: asn1.GeneralizedTime
    ends: asn1.GeneralizedTime


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _Info:
    version: int
    holder: _Holder
    issuer: Annotated[_Issuer, asn1.Implicit(0)]
    algorithm: asn1.TLV
    serial: int
    validity: _Validity
    attributes: list[_Attribute]
    uid: asn1.BitString | None
    extensions: list[_Extension] | None


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _Signed:
    info: asn1.TLV
    algorithm: asn1.TLV
    signature: asn1.BitString


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _InSequence:
    inner: list[asn1.TLV]


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _Wrapped:
    inner: asn1.TLV


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _Certificates:
    inner: list[Certificate]


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _Names:
    authority: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    values: list[bytes]


@dataclass(frozen=True, slots=True)
class AttributeCertificate:
    """An attribute certificate.

    Attributes:
        info: what was signed, in DER.
        algorithm: how, in DER.
        signature: with what result.
        issuer: the name of who signed it, in DER.
        holder: a name, in DER, which with ``serial`` tells whose certificate it goes with: by :rfc:`5755` that of who issued
            that, but most servers write the holder's own.
        serial: the number of that certificate.
        begins: seconds since the epoch from which it counts.
        ends: likewise, from which it counts no more.
        authority: who says so: ``VO://HOST:PORT``.
        fqans: what somebody is: ``/VO/GROUP/Role=ROLE/Capability=NULL``. The first is the one to work as.
        certificates: that of who signed it, and those above.
        targets: the only servers for which it is meant; None: it is for all.
    """

    info: bytes
    algorithm: bytes
    signature: bytes
    issuer: bytes
    holder: bytes
    serial: int
    begins: float
    ends: float
    authority: str
    fqans: tuple[str, ...]
    certificates: tuple[Certificate, ...]
    targets: tuple[str, ...] | None


def split(extension: bytes) -> list[bytes]:
    """The attribute certificates in the extension of a proxy.

    Raises:
        NotBelieved: there are too many, or that is something else.
    """
    if len(extension) > LARGEST:
        raise NotBelieved(f"there are more than {LARGEST} bytes of them")
    try:
        found = asn1.decode_der(_InSequence, extension).inner
    except ValueError as error:
        raise NotBelieved("they are malformed") from error
    if len(found) > MOST:
        raise NotBelieved(f"there are more than {MOST} of them")
    return [asn1.encode_der(each) for each in found]


def parsed(der: bytes) -> AttributeCertificate:
    """The attribute certificate ``der``.

    Raises:
        NotBelieved: it is none, or says what is not understood.
    """
    try:
        signed = asn1.decode_der(_Signed, der)
        return _parsed(signed, asn1.encode_der(signed.info))
    except ValueError as error:
        raise NotBelieved("it is malformed") from error


def _parsed(signed: _Signed, info: bytes) -> AttributeCertificate:
    said = asn1.decode_der(_Info, info)
    algorithm, holder = asn1.encode_der(signed.algorithm), said.holder.certificate
    if said.version != _VERSION or asn1.encode_der(said.algorithm) != algorithm:
        raise NotBelieved("it is of another version, or contradicts itself")
    if holder is None or holder.uid is not None:
        raise NotBelieved("it does not say by a serial number whose certificate it goes with")
    extensions = _extensions(said.extensions or [])
    authority, fqans = _fqans(said.attributes)
    return AttributeCertificate(
        info,
        algorithm,
        signed.signature.as_bytes(),
        _name(said.issuer.names),
        _name(holder.issuer),
        holder.serial,
        said.validity.begins.as_datetime().timestamp(),
        said.validity.ends.as_datetime().timestamp(),
        authority,
        fqans,
        _certificates(extensions.get(CERTIFICATES)),
        _targets(extensions.get(TARGETS)),
    )


def _extensions(found: list[_Extension]) -> dict[ObjectIdentifier, bytes]:
    if unknown := [each.oid.dotted_string for each in found if each.critical and each.oid not in UNDERSTOOD]:
        raise NotBelieved(f"it has the critical extension {unknown[0]}, which is not understood")
    said = {each.oid: each.value for each in found}
    if len(said) != len(found):
        raise NotBelieved("it has an extension twice")
    return said


def _name(names: list[asn1.TLV]) -> bytes:
    """The one name in ``names``, if it is one of a directory."""
    if len(names) != 1 or names[0].tag_bytes != _DIRECTORY_NAME:
        raise NotBelieved("it names its holder or issuer in another way than certificates do")
    return bytes(names[0].data)


def _fqans(attributes: list[_Attribute]) -> tuple[str, tuple[str, ...]]:
    """Who says what somebody is, and what."""
    values = [value for each in attributes if each.oid == FQANS for value in each.values.as_list()]
    if len(values) != 1:
        raise NotBelieved("it has no attributes of VOMS, or has them twice")
    names = asn1.decode_der(_Names, asn1.encode_der(values[0]))
    authority = names.authority or []
    if len(authority) != 1 or authority[0].tag_bytes != _URI:
        raise NotBelieved("it does not tell which VO it is about")
    return bytes(authority[0].data).decode("ascii"), tuple(value.decode("ascii") for value in names.values)


def _certificates(extension: bytes | None) -> tuple[Certificate, ...]:
    found = asn1.decode_der(_Certificates, extension).inner if extension else []
    if not 0 < len(found) <= MOST:
        raise NotBelieved("the certificate of who signed it is not there, or there are too many")
    return tuple(found)


def _targets(extension: bytes | None) -> tuple[str, ...] | None:
    if extension is None:
        return None
    # servers of VOMS put sequences in sequences there, more of them than the standard has
    return tuple(_names_in(asn1.decode_der(asn1.TLV, extension), _DEEPEST))


def _names_in(found: asn1.TLV, depth: int) -> Iterator[str]:
    if found.tag_bytes == _SEQUENCE and depth:
        for each in asn1.decode_der(_InSequence, asn1.encode_der(_Wrapped(found))).inner:
            yield from _names_in(each, depth - 1)
    elif found.tag_bytes == _TARGET_NAME:
        name = asn1.decode_der(asn1.TLV, bytes(found.data))
        if name.tag_bytes in {_URI, _DNS_NAME}:
            yield bytes(name.data).decode("ascii")
