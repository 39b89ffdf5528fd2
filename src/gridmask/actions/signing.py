"""Signatures of webhooks: HMAC-SHA256 over what is sent and when, after https://www.standardwebhooks.com.

Signed is ``ID.TIMESTAMP.BODY``, with the two as the headers ``webhook-id`` and ``webhook-timestamp`` have them; the header
``webhook-signature`` has a signature for each secret, so that receivers can go over from one to the next.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gridmask.actions.cloud_events import in_header
from gridmask.domain.errors import NotTold

if TYPE_CHECKING:
    from datetime import datetime

_ENCODED = "whsec_"
"""Before a secret that stands in base64."""

_SHORTEST = 16
"""Bytes that a secret has at least."""


@dataclass(frozen=True, slots=True)
class Signing:
    """Signs with the secrets in a file, one a line, which is read anew each time."""

    file: Path

    def headers(self, key: str, at: datetime, body: bytes) -> Mapping[str, str]:
        """The headers that prove that ``body`` was sent at ``at``, under ``key``.

        Raises:
            NotTold: the file has no secret that will do; somebody has to see to it.
        """
        return signed(self._secrets(), key, at, body)

    def _secrets(self) -> list[bytes]:
        try:
            lines = map(str.strip, self.file.read_text(encoding="utf-8").splitlines())
            found = [_secret(line) for line in lines if line]
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or "it holds no secret that can be read"
            raise NotTold(f"secret_file {self.file}", why) from error
        if not found or min(map(len, found)) < _SHORTEST:
            raise NotTold(f"secret_file {self.file}", f"holds no secret, or one of less than {_SHORTEST} bytes")
        return found


def signed(secrets: Sequence[bytes], key: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The headers that prove, to whoever has one of ``secrets``, that ``body`` was sent at ``at``, under ``key``."""
    name, moment = in_header(key), str(int(at.timestamp()))
    content = f"{name}.{moment}.".encode() + body
    signatures = (b64encode(hmac.digest(secret, content, "sha256")).decode() for secret in secrets)
    told = " ".join(f"v1,{signature}" for signature in signatures)
    return {"webhook-id": name, "webhook-timestamp": moment, "webhook-signature": told}


def _secret(line: str) -> bytes:
    if not line.startswith(_ENCODED):
        return line.encode()
    try:
        return b64decode(line.removeprefix(_ENCODED), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
