"""Signatures under attribute certificates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.x509 import Certificate, ObjectIdentifier
from cryptography.x509.oid import SignatureAlgorithmOID

from gridmask.access.attribute_certificates import NotBelieved

if TYPE_CHECKING:
    from gridmask.access.attribute_certificates import AttributeCertificate

_OF_RSA: dict[ObjectIdentifier, HashAlgorithm] = {
    SignatureAlgorithmOID.RSA_WITH_SHA256: SHA256(),
    SignatureAlgorithmOID.RSA_WITH_SHA384: SHA384(),
    SignatureAlgorithmOID.RSA_WITH_SHA512: SHA512(),
}
_OF_CURVES: dict[ObjectIdentifier, HashAlgorithm] = {
    SignatureAlgorithmOID.ECDSA_WITH_SHA256: SHA256(),
    SignatureAlgorithmOID.ECDSA_WITH_SHA384: SHA384(),
    SignatureAlgorithmOID.ECDSA_WITH_SHA512: SHA512(),
}


@asn1.sequence
@dataclass(frozen=True, slots=True)
class _Algorithm:
    oid: ObjectIdentifier
    nothing: asn1.Null | None


def require_signed(said: AttributeCertificate, signer: Certificate) -> None:
    """Check that ``signer`` signed what is ``said``, by an algorithm that is sound.

    Raises:
        NotBelieved: not so.
    """
    try:
        oid = asn1.decode_der(_Algorithm, said.algorithm).oid
        _verify(said, signer, oid)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise NotBelieved("its signature is wrong") from error


def _verify(said: AttributeCertificate, signer: Certificate, oid: ObjectIdentifier) -> None:
    key = signer.public_key()
    if isinstance(key, RSAPublicKey) and oid in _OF_RSA:
        key.verify(said.signature, said.info, PKCS1v15(), _OF_RSA[oid])
    elif isinstance(key, EllipticCurvePublicKey) and oid in _OF_CURVES:
        key.verify(said.signature, said.info, ECDSA(_OF_CURVES[oid]))
    elif (isinstance(key, Ed25519PublicKey) and oid == SignatureAlgorithmOID.ED25519) or (
        isinstance(key, Ed448PublicKey) and oid == SignatureAlgorithmOID.ED448
    ):
        key.verify(said.signature, said.info)
    else:
        raise NotBelieved("it is signed in a way that is not accepted, such as with SHA-1")
