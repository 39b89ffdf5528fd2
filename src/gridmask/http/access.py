"""What a source is asked with: a certificate, a token, and whom to believe."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gridmask.domain.errors import InvalidConfiguration
from gridmask.http.files import is_everybodys, unblocked

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_TOKEN = 64 * 1024


@dataclass(frozen=True, slots=True)
class Access:
    """How a source knows who asks, and how its own certificate is checked. It holds paths, never what is in the files.

    Attributes:
        certificate: PEM file of the client's certificate, followed by its chain; a grid proxy is one as well.
        key: PEM file of its private key, without a passphrase; None where the certificate's file holds it.
        token_file: file with a bearer token. It is read for each request, since tokens are short-lived, and sent to the
            source's own origin only, by https (on loopback also by http).
        ca: PEM file or folder of hashed CA certificates to trust instead of those of the client's network.
        token_variable: the name of an environment variable with the token, where there is no file; under the same terms.
        token_as: the header that it is sent in, and perhaps what stands before it, as in ``Authorization: Token token=``.
    """

    certificate: Path | None = None
    key: Path | None = None
    token_file: Path | None = None
    ca: Path | None = None
    token_variable: str = ""
    token_as: str = "Authorization: Bearer"  # noqa: S105 - the name of a header

    def __post_init__(self) -> None:
        if self.key and not self.certificate:
            raise InvalidConfiguration(f"key {self.key}", "is of no use without a certificate")

    @property
    def token_place(self) -> str:
        """Where the token is, for people; empty if there is none."""
        if self.token_file is not None:
            return f"token_file {self.token_file}"
        return f"environment variable {self.token_variable}" if self.token_variable else ""

    def abroad(self) -> Access:
        """What is left of it at an origin that is not the source's own."""
        return Access(ca=self.ca)

    def identity(self) -> Access:
        """What of it is part of a TLS connection."""
        return Access(self.certificate, self.key, ca=self.ca)

    def exposed(self) -> Iterator[tuple[str, Path]]:
        """The files with secrets that everybody on this machine can read, each with the option that names it."""
        secrets = {"token_file": self.token_file, "key" if self.key else "certificate": self.key or self.certificate}
        for option, path in secrets.items():
            if path is not None and is_everybodys(path):
                yield option, path

    def stamp(self) -> tuple[object, ...]:
        """What changes when one of the files that a TLS connection is made with does.

        Raises:
            InvalidConfiguration: one of them cannot be read.
        """
        named = {"certificate": self.certificate, "key": self.key, "CA bundle": self.ca}
        return tuple(_changed_at(option, path) for option, path in named.items() if path)

    def credential(self) -> tuple[str, str] | None:
        """The header with the token, as the file or variable has it now.

        Raises:
            InvalidConfiguration: it cannot be read, or is none that could be sent.
        """
        token = self.token()
        if not token:
            return None
        header, _, before = self.token_as.partition(": ")
        return header, f"{before}{token}" if not before or before.endswith("=") else f"{before} {token}"

    def token(self) -> str | None:
        """The token as the file or variable has it now.

        Raises:
            InvalidConfiguration: it cannot be read, or is none that could be sent.
        """
        place = self.token_place
        if self.token_file is None:
            return _token(os.environb.get(self.token_variable.encode(), b""), place) if place else None
        try:
            with open(self.token_file, "rb", opener=unblocked) as file:
                written = file.read(_LONGEST_TOKEN + 1)
        except OSError as error:
            raise InvalidConfiguration(place, f"cannot be read: {error.strerror or type(error).__name__}") from error
        return _token(written, place)


ANYBODY = Access()
"""No credentials: what is open to everybody."""


def _token(written: bytes, place: str) -> str:
    token = written.strip()
    if not token:
        raise InvalidConfiguration(place, "is empty")
    if len(written) > _LONGEST_TOKEN or not token.isascii() or not all(33 <= byte < 127 for byte in token):
        raise InvalidConfiguration(place, "holds no token: that is one word of printable ASCII")
    return token.decode("ascii")


def _changed_at(option: str, path: Path) -> tuple[object, ...]:
    try:
        found = path.stat()
    except OSError as error:
        problem = f"cannot be read: {error.strerror or type(error).__name__}"
        raise InvalidConfiguration(f"{option} {path}", problem) from error
    return path, found.st_ino, found.st_mtime_ns, found.st_size
