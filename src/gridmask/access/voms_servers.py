"""The servers of VOMS that are believed, as the grid writes that down: ``VO/HOST.lsc``.

Such a file has the name of the server's certificate, and below it the name of the authority that signed it, and so on up::

    /DC=org/DC=example/CN=voms.example.org
    /DC=org/DC=example/CN=Example CA

Between lines that begin with ``-----`` stand other chains that are believed as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import BasicConstraints, Certificate, ExtensionNotFound, KeyUsage
from cryptography.x509.oid import SignatureAlgorithmOID
from OpenSSL.crypto import X509, Error, X509Store, X509StoreContext, X509StoreContextError, X509StoreFlags

from gridmask.access.attribute_certificates import NotBelieved
from gridmask.access.distinguished_names import unescaped, written
from gridmask.domain.errors import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LARGEST = 64 * 1024
"""Bytes of a file that are looked at."""

LEAST_BITS = 2048
"""Of a key of RSA."""

_SOUND = {"sha256", "sha384", "sha512"}
_SOUND_ALONE = {SignatureAlgorithmOID.ED25519, SignatureAlgorithmOID.ED448}
_OLD = {"/Email=": "/emailAddress=", "/E=": "/emailAddress=", "/USERID=": "/UID="}


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers that are believed.

    Attributes:
        folder: has the files.
        authorities: who may sign certificates, a file or a folder of hashed ones.
        revoked: whether each authority must tell there what it revoked.
    """

    folder: Path
    authorities: Path
    revoked: bool = True

    def require(self, vo: str, host: str, certificates: Sequence[Certificate], now: datetime) -> None:
        """Check that the first of ``certificates`` is that of the server ``host`` of ``vo``; the others are those above it.

        Raises:
            NotBelieved: it is not.
        """
        signer = certificates[0]
        _require_of_server(signer)
        chain = self._verified(signer, certificates[1:], now)
        if len(chain) < 2:
            raise NotBelieved("who signed it vouches for itself")
        if weak := [each for each in chain[:-1] if not is_sound(each)]:
            raise NotBelieved(f"the certificate of {weak[0].subject.rfc4514_string()} has a signature or key that is too weak")
        try:
            names = [written(signer.subject.rdns), *(written(each.issuer.rdns) for each in chain)]
        except Unauthenticated as error:
            raise NotBelieved(str(error)) from error
        if not any(names[: len(listed)] == listed for listed in self._listed(vo, host)):
            raise NotBelieved(f"{names[0]}, by {names[1]}, is not what {vo}/{host}.lsc has")

    def _listed(self, vo: str, host: str) -> list[list[str]]:
        path = self.folder / vo / f"{host}.lsc"
        try:
            with path.open(encoding="utf-8") as file:
                lines = file.read(LARGEST).splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise NotBelieved(f"no server {host} of {vo} is known: {path} cannot be read") from error
        groups = groupby(map(str.strip, lines), key=lambda line: line.startswith("-----"))
        chains = ([_name(line) for line in group if line.startswith("/")] for between, group in groups if not between)
        # a name without who gave it could be anybody's
        return [chain for chain in chains if len(chain) > 1]

    def _verified(self, signer: Certificate, above: Sequence[Certificate], now: datetime) -> list[Certificate]:
        """The chain from ``signer`` to an authority."""
        store = X509Store()
        try:
            is_folder = self.authorities.is_dir()
            store.load_locations(None if is_folder else self.authorities, self.authorities if is_folder else None)
            store.set_time(now)
            if self.revoked:
                store.set_flags(X509StoreFlags.CRL_CHECK | X509StoreFlags.CRL_CHECK_ALL)
            context = X509StoreContext(store, X509.from_cryptography(signer), list(map(X509.from_cryptography, above)))
            return [each.to_cryptography() for each in context.get_verified_chain()]
        except X509StoreContextError as error:
            raise NotBelieved(f"the certificate of who signed it is not accepted: {error}") from error
        except Error as error:
            raise NotBelieved("the certificate of who signed it cannot be checked") from error


def _require_of_server(signer: Certificate) -> None:
    extensions = signer.extensions
    try:
        if extensions.get_extension_for_class(BasicConstraints).value.ca:
            raise NotBelieved("an authority of certificates signed it")
    except ExtensionNotFound:
        pass
    try:
        usage = extensions.get_extension_for_class(KeyUsage).value
    except ExtensionNotFound:
        return
    if not usage.digital_signature:
        raise NotBelieved("the key of who signed it is not for signatures")


def is_sound(certificate: Certificate) -> bool:
    """Whether its key and the signature under it are such as nobody can forge today."""
    try:
        key, algorithm = certificate.public_key(), certificate.signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError):
        return False
    if isinstance(key, RSAPublicKey) and key.key_size < LEAST_BITS:
        return False
    return algorithm.name in _SOUND if algorithm else certificate.signature_algorithm_oid in _SOUND_ALONE


def _name(line: str) -> str:
    name = unescaped(line)
    for old, new in _OLD.items():
        name = name.replace(old, new)
    return name
