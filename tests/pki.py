"""A certificate authority for tests, with a server for loopback and a client, made by the openssl program."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"


class OpensslMissing(Exception):
    """The openssl program is not installed."""


@dataclass(frozen=True, slots=True)
class Pki:
    """A folder with ``NAME.pem``, the certificate, and ``NAME.key`` for ``ca``, ``server``, ``client`` and ``stranger``.

    The stranger has signed itself. ``locked.key`` is the client's key with a passphrase. ``hashed/`` has the CA as a folder of
    the grid has it.
    """

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> Pki:
        """A new one in ``folder``."""
        pki = cls(folder)
        pki._signed_by_itself("ca", "-addext", "basicConstraints=critical,CA:TRUE")
        pki._signed_by_itself("stranger")
        pki._signed_by_ca("server", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        pki._signed_by_ca("client", "extendedKeyUsage=clientAuth")
        pki._hashed()
        run("pkcs8", "-topk8", "-in", pki.key("client"), "-passout", "pass:word", "-out", pki.key("locked"))
        return pki

    def certificate(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def key(self, name: str) -> Path:
        return self.folder / f"{name}.key"

    def both(self, name: str) -> Path:
        """One file with certificate and key."""
        path = self.folder / f"{name}-both.pem"
        path.write_text(self.certificate(name).read_text() + self.key(name).read_text())
        return path

    @property
    def ca(self) -> Path:
        return self.certificate("ca")

    @property
    def hashed(self) -> Path:
        return self.folder / "hashed"

    def server(self, *, wants_client: bool = False) -> ssl.SSLContext:
        """What a server is run with; ``wants_client``: it lets in nobody without a certificate of the CA."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate("server"), self.key("server"))
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.ca)
        return context

    def _signed_by_itself(self, name: str, *more: str) -> None:
        subject = ["-subj", f"/O=Test/CN={name}", "-days", "2", *more]
        run("req", "-x509", *_KEY.split(), *subject, "-keyout", self.key(name), "-out", self.certificate(name))

    def _signed_by_ca(self, name: str, extension: str) -> None:
        request, said = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        said.write_text(f"{extension}\nbasicConstraints=CA:FALSE\n")
        run("req", *_KEY.split(), "-subj", f"/O=Test/CN={name}", "-keyout", self.key(name), "-out", request)
        signer = ("-CA", self.ca, "-CAkey", self.key("ca"), "-CAcreateserial")
        run("x509", "-req", "-in", request, *signer, "-days", "2", "-extfile", said, "-out", self.certificate(name))

    def _hashed(self) -> None:
        self.hashed.mkdir()
        digest = run("x509", "-in", self.ca, "-noout", "-hash").strip()
        shutil.copy(self.ca, self.hashed / f"{digest}.0")


def run(*arguments: str | Path) -> str:
    """What the openssl program prints."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise OpensslMissing("certificates are made with the openssl command: apt-get install openssl")
    return subprocess.run([openssl, *map(str, arguments)], check=True, capture_output=True, text=True).stdout
