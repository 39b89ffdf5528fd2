"""Signatures under attribute certificates: by which keys, and by which algorithms."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import MD5, SHA1, SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from gridmask.access.attribute_certificates import AttributeCertificate, NotBelieved
from gridmask.access.signatures import require_signed
from gridmask.access.voms_servers import is_sound
from tests.clocks import NOW
from tests.proxies import Span, person

SPAN = Span.around(NOW)
RSA, SHORT = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 1024)
CURVE, ED25519, ED448 = (
    ec.generate_private_key(ec.SECP384R1()),
    ed25519.Ed25519PrivateKey.generate(),
    ed448.Ed448PrivateKey.generate(),
)
OID_OF_RSA = bytes.fromhex("06092a864886f70d0101")
OF_RSA = {SHA256: "0b", SHA384: "0c", SHA512: "0d", SHA1: "05", MD5: "04"}
OF_CURVES = {SHA256: "0302", SHA384: "0303", SHA512: "0304", SHA1: "01"}
WHAT = AttributeCertificate(b"said", b"", b"", b"", b"", 1, 0, 1, "", (), (), None)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey


def certificate(key: Key) -> x509.Certificate:
    builder = x509.CertificateBuilder().subject_name(person("server")).issuer_name(person("server"))
    builder = builder.public_key(key.public_key()).serial_number(1)
    chosen = SHA256() if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) else None
    return builder.not_valid_before(SPAN.begins).not_valid_after(SPAN.ends).sign(key, chosen)


def by_rsa(algorithm: type[HashAlgorithm], *, nothing: str = "0500") -> AttributeCertificate:
    signature = RSA.sign(WHAT.info, padding.PKCS1v15(), algorithm())
    oid = OID_OF_RSA.hex() + OF_RSA[algorithm] + nothing
    return replace(WHAT, signature=signature, algorithm=bytes.fromhex(f"30{len(oid) // 2:02x}{oid}"))


def by_curve(algorithm: type[HashAlgorithm]) -> AttributeCertificate:
    last = OF_CURVES[algorithm]
    oid = f"06{6 + len(last) // 2:02x}2a8648ce3d04{last}"
    signature = CURVE.sign(WHAT.info, ec.ECDSA(algorithm()))
    return replace(WHAT, signature=signature, algorithm=bytes.fromhex(f"30{len(oid) // 2:02x}{oid}"))


@pytest.mark.parametrize("algorithm", [SHA256, SHA384, SHA512])
def test_what_is_sound_is_believed(algorithm: type[HashAlgorithm]) -> None:
    require_signed(by_rsa(algorithm), certificate(RSA))
    require_signed(by_rsa(algorithm, nothing=""), certificate(RSA))
    require_signed(by_curve(algorithm), certificate(CURVE))


def test_so_is_what_needs_no_digest() -> None:
    require_signed(
        replace(WHAT, signature=ED25519.sign(b"said"), algorithm=bytes.fromhex("300506032b6570")), certificate(ED25519)
    )
    require_signed(replace(WHAT, signature=ED448.sign(b"said"), algorithm=bytes.fromhex("300506032b6571")), certificate(ED448))


@pytest.mark.parametrize("made", [by_rsa(SHA1), by_rsa(MD5), by_curve(SHA1)])
def test_what_is_broken_is_not(made: AttributeCertificate) -> None:
    for key in (RSA, CURVE):
        with pytest.raises(NotBelieved, match="SHA-1"):
            require_signed(made, certificate(key))


def test_the_algorithm_has_to_be_the_keys_own() -> None:
    for made, key in ((by_rsa(SHA256), CURVE), (by_curve(SHA256), RSA), (by_rsa(SHA256), ED25519)):
        with pytest.raises(NotBelieved):
            require_signed(made, certificate(key))


@pytest.mark.parametrize("algorithm", ["", "3000", "300b06092a864886f70d01010a", "300f06092a864886f70d01010b05000500"])
def test_what_is_no_algorithm_is_refused(algorithm: str) -> None:
    with pytest.raises(NotBelieved):
        require_signed(replace(by_rsa(SHA256), algorithm=bytes.fromhex(algorithm)), certificate(RSA))


def test_a_server_has_a_sound_certificate() -> None:
    assert all(is_sound(certificate(key)) for key in (RSA, CURVE, ED25519, ED448))
    assert not is_sound(certificate(SHORT))
    said = certificate(RSA).public_bytes(Encoding.DER)
    assert not is_sound(x509.load_der_x509_certificate(said.replace(OID_OF_RSA + b"\x0b", OID_OF_RSA + b"\x05")))
