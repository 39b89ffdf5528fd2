"""A server of VOMS for tests: attribute certificates, good and forged, written byte by byte."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from cryptography import x509

    from tests.proxies import Holder, Span

HOST = "voms.example.org"
ECDSA_SHA256, ECDSA_SHA1 = b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", b"\x06\x07\x2a\x86\x48\xce\x3d\x04\x01"
RSA_SHA256 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"
FQANS = b"\x06\x0a\x2b\x06\x01\x04\x01\xbe\x45\x64\x64\x04"
CERTIFICATES = b"\x06\x0a\x2b\x06\x01\x04\x01\xbe\x45\x64\x64\x0a"
TARGETS = b"\x06\x03\x55\x1d\x37"
NO_REVOCATION = b"\x06\x03\x55\x1d\x38"
UNKNOWN = b"\x06\x03\x55\x1d\x7f"
_SERIALS = count(1)


def der(tag: int, *parts: bytes) -> bytes:
    """One value."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(octets)]) + octets + content


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def integer(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def added(oid: bytes, value: bytes, *, critical: bool = False) -> bytes:
    """An extension."""
    return sequence(oid, *([b"\x01\x01\xff"] if critical else []), der(4, value))


def targets(*names: str) -> bytes:
    """Those of servers of VOMS, which wrap them more than the standard has it."""
    listed = (sequence(der(0xA0, der(0x86, name.encode()))) for name in names)
    return added(TARGETS, sequence(sequence(*listed)), critical=True)


def certificate(
    server: Holder,
    of: Holder,
    span: Span,
    *fqans: str,
    vo: str = "cms",
    host: str = HOST,
    holder: x509.Name | None = None,
    serial: int | None = None,
    signer: Holder | None = None,
    shown: Sequence[Holder] | None = None,
    more: Sequence[bytes] = (),
    algorithm: bytes = ECDSA_SHA256,
    version: int = 1,
    authority: str | None = None,
    about: bytes | None = None,
    inside: bytes | None = None,
) -> bytes:
    """An attribute certificate.

    Args:
        server: says so.
        of: whom it is about.
        span: when it counts.
        fqans: what somebody is.
        vo: the VO, and ``host`` its server, unless ``authority`` says something else.
        host: see there.
        holder: the name in it of whom it is about; by default the subject of ``of``, as servers do.
        serial: the number of its holder's certificate, if not that of ``of``.
        signer: whose key signs it, if not the server's.
        shown: whose certificates come with it, if not the server's.
        more: extensions.
        algorithm: how it is signed.
        version: of its format.
        authority: who says so.
        about: its holder, written in another way.
        inside: how it is signed, by what was signed.
    """
    name = (holder or of.certificate.subject).public_bytes()
    said = authority if authority is not None else f"{vo}://{host}:15000"
    alone = [each.certificate.public_bytes(Encoding.DER) for each in ([server] if shown is None else shown)]
    listed = [added(CERTIFICATES, sequence(sequence(*alone))), added(NO_REVOCATION, b"\x05\x00"), *more]
    attribute = sequence(
        der(0xA0, der(0x86, said.encode())), sequence(*(der(4, fqan.encode()) for fqan in fqans or ("/cms/Role=NULL",)))
    )
    info = sequence(
        integer(version),
        about or numbered(name, of.certificate.serial_number if serial is None else serial),
        der(0xA0, sequence(der(0xA4, server.certificate.subject.public_bytes()))),
        sequence(inside or algorithm),
        integer(next(_SERIALS)),
        sequence(_time(span.begins), _time(span.ends)),
        sequence(sequence(FQANS, der(0x31, attribute))),
        sequence(*listed),
    )
    return _signed(info, signer or server, algorithm)


def _signed(info: bytes, signer: Holder, algorithm: bytes) -> bytes:
    if isinstance(signer.key, EllipticCurvePrivateKey):
        signature = signer.key.sign(info, ECDSA(SHA1() if algorithm == ECDSA_SHA1 else SHA256()))
    else:
        signature = signer.key.sign(info, PKCS1v15(), SHA256())
    return sequence(info, sequence(algorithm), der(3, b"\x00", signature))


def numbered(name: bytes, serial: int) -> bytes:
    """A holder, by name and number of a certificate."""
    return sequence(der(0xA0, sequence(der(0xA4, name)), integer(serial)))


def extension(*certificates: bytes) -> bytes:
    """What a proxy has of them."""
    return sequence(sequence(*certificates))


def lsc(folder: Path, *names: str, vo: str = "cms", host: str = HOST) -> Path:
    """The ``folder`` in which a server is believed, whose certificate has these names, its own first."""
    (folder / vo).mkdir(parents=True, exist_ok=True)
    (folder / vo / f"{host}.lsc").write_text("".join(f"{name}\n" for name in names))
    return folder


def _time(moment: datetime) -> bytes:
    return der(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())
