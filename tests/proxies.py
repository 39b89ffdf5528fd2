"""A certificate authority of the grid for tests, with users, and proxies of whatever sort, good and bad."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ObjectIdentifier
from OpenSSL.crypto import X509

from gridmask.access.leaf import DIRAC_GROUP, VOMS
from gridmask.access.proxies import INHERITS_ALL, PROXY_CERT_INFO, ProxyCertInfo, ProxyPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INDEPENDENT = ObjectIdentifier("1.3.6.1.5.5.7.21.2")
PUZZLE = ObjectIdentifier("1.3.6.1.4.1.99999.1")
TYPES = {
    "C": ObjectIdentifier("2.5.4.6"),
    "O": ObjectIdentifier("2.5.4.10"),
    "CN": ObjectIdentifier("2.5.4.3"),
    "DC": ObjectIdentifier("0.9.2342.19200300.100.1.25"),
    "Email": ObjectIdentifier("1.2.840.113549.1.9.1"),
    "odd": PUZZLE,
}
_SERIALS = count(1000)

Part = tuple[str, str]
Key = ec.EllipticCurvePrivateKey | RSAPrivateKey


def name(*parts: Part) -> x509.Name:
    """The name with these parts, the most general first."""
    return x509.Name([x509.NameAttribute(TYPES[kind], value, _validate=False) for kind, value in parts])


def person(common: str, *more: Part) -> x509.Name:
    """A name as DIRAC has them."""
    return name(("C", "ch"), ("O", "DIRAC"), ("CN", common), *more)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a certificate; ``above``: those between it and the authority."""

    certificate: x509.Certificate
    key: Key
    above: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> str:
        """The certificate alone, as a server in front passes it on."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def chain(self) -> tuple[str, ...]:
        """The certificate and all above, as a server that speaks TLS itself sees them."""
        return (self.pem, *(each.public_bytes(Encoding.PEM).decode() for each in self.above))

    @property
    def headers(self) -> dict[str, str]:
        """What a server in front says of whom it found to be good."""
        return {"X-SSL-Cert": quote(self.pem, safe=""), "X-Ssl-Client-Verify": "SUCCESS"}

    def file(self, path: Path) -> Path:
        """A file at ``path`` with certificate, key and what lies above, as the file of a proxy is."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        above = "".join(each.public_bytes(Encoding.PEM).decode() for each in self.above)
        path.write_text(self.pem + key + above)
        return path


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a certificate counts."""

    begins: datetime
    ends: datetime

    @classmethod
    def around(cls, moment: datetime | None = None) -> Span:
        now = moment or datetime.now(UTC)
        return cls(now - timedelta(hours=1), now + timedelta(hours=12))


def authority(span: Span, common: str = "DIRAC CA") -> Holder:
    """One that has signed itself."""
    key, subject = _key(), name(("C", "ch"), ("O", "DIRAC"), ("CN", common))
    ca = x509.BasicConstraints(ca=True, path_length=None)
    return Holder(_builder(subject, key, span).add_extension(ca, critical=True).issuer_name(subject).sign(key, SHA256()), key)


def signed(ca: Holder, subject: x509.Name, span: Span, *more: x509.ExtensionType, key: Key | None = None) -> Holder:
    """Somebody with a certificate of ``ca``, and a new key unless there is a ``key``."""
    key = key or _key()
    builder = _builder(subject, key, span).issuer_name(ca.certificate.subject)
    for extension in (x509.BasicConstraints(ca=False, path_length=None), *more):
        builder = builder.add_extension(extension, critical=False)
    return Holder(builder.sign(ca.key, SHA256()), key)


def server(ca: Holder, span: Span) -> Holder:
    """A server on loopback."""
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    return signed(ca, person("localhost"), span, names)


def proxy(
    of: Holder,
    span: Span,
    *,
    common: str = "",
    language: ObjectIdentifier | None = INHERITS_ALL,
    group: str = "",
    signer: Holder | None = None,
    subject: x509.Name | None = None,
    issuer: x509.Name | None = None,
    padding: int = 0,
    attributes: bytes = b"",
    key: Key | None = None,
) -> Holder:
    """A proxy of ``of``.

    Args:
        of: whose name it has, and who signs it unless ``signer`` does.
        span: when it counts.
        common: the common name that is added; a number where there is none.
        language: what it may do; None: it does not say that it is a proxy.
        group: of DIRAC, that its owner claims to be in.
        signer: somebody else whose key signs it.
        subject: its name, instead of a proper one.
        issuer: the name of who signed it, instead of the proper one.
        padding: bytes of an extension that nobody knows.
        attributes: of VOMS, as :func:`tests.voms.extension` makes them.
        key: its own, instead of a new one.
    """
    key, issuer = key or _key(), issuer or of.certificate.subject
    added = x509.NameAttribute(TYPES["CN"], common or str(next(_SERIALS)), _validate=False)
    builder = _builder(subject or x509.Name([*issuer.rdns, x509.RelativeDistinguishedName([added])]), key, span)
    for extension, is_critical in _extensions(language, group, padding, attributes):
        builder = builder.add_extension(extension, critical=is_critical)
    made = builder.issuer_name(issuer).sign((signer or of).key, SHA256())
    return Holder(made, key, (of.certificate, *of.above))


def hashed(folder: Path, *authorities: Holder, lists: Sequence[str] = ()) -> Path:
    """The ``folder`` with ``authorities`` as the grid has it; ``lists``: what each of them revoked."""
    folder.mkdir(exist_ok=True)
    for place, ca in enumerate(authorities):
        digest = f"{X509.from_cryptography(ca.certificate).subject_name_hash():08x}"
        (folder / f"{digest}.0").write_text(ca.pem)
        if lists:
            (folder / f"{digest}.r0").write_text(lists[place])
    return folder


def revoked(ca: Holder, span: Span, holders: Sequence[Holder] = ()) -> str:
    """The list of what ``ca`` revoked, as a file has it."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(ca.certificate.subject)
    builder = builder.last_update(span.begins).next_update(span.ends)
    for holder in holders:
        one = x509.RevokedCertificateBuilder().serial_number(holder.certificate.serial_number).revocation_date(span.begins)
        builder = builder.add_revoked_certificate(one.build())
    return builder.sign(ca.key, SHA256()).public_bytes(Encoding.PEM).decode()


def _extensions(
    language: ObjectIdentifier | None, group: str, padding: int, attributes: bytes
) -> list[tuple[x509.ExtensionType, bool]]:
    usage = x509.KeyUsage(True, False, True, False, False, False, False, False, False)  # noqa: FBT003 - as it takes them
    said: list[tuple[x509.ExtensionType, bool]] = [(usage, True)]
    if language is not None:
        said.append((x509.UnrecognizedExtension(PROXY_CERT_INFO, _info(language)), True))
    if group:
        said.append((x509.UnrecognizedExtension(DIRAC_GROUP, b"\x16" + bytes([len(group)]) + group.encode()), False))
    if padding:
        said.append((x509.UnrecognizedExtension(PUZZLE, bytes(padding)), False))
    if attributes:
        said.append((x509.UnrecognizedExtension(VOMS, attributes), False))
    return said


def _info(language: ObjectIdentifier) -> bytes:
    return asn1.encode_der(ProxyCertInfo(None, ProxyPolicy(language, None)))


def _builder(subject: x509.Name, key: Key, span: Span) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(span.begins).not_valid_after(span.ends)


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())
