"""Seals: what browsers keep for us, and can neither read nor change (:rfc:`7516`, A256GCM with a key of our own)."""

from __future__ import annotations

import binascii
import json
import secrets
from base64 import b64decode
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from gridmask.domain.errors import InvalidConfiguration

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32

MOST_KEYS = 8

LONGEST = 3800
"""Characters of what is sealed. A browser keeps 4096 of a cookie, with its name and all."""

_ALGORITHMS = ["dir", "A256GCM", "DEF"]


class Seals:
    """Seals with the first of ``keys``, and opens what any of them sealed; none: with a key that ends with this process."""

    def __init__(self, keys: Collection[bytes] = ()) -> None:
        self._keys = [OctKey.import_key(key) for key in keys or [secrets.token_bytes(KEY_BYTES)]]

    def seal(self, purpose: str, content: Mapping[str, object]) -> str:
        """``content`` as it can be given away. What is sealed for one ``purpose`` opens for no other."""
        header = {"alg": "dir", "enc": "A256GCM", "zip": "DEF", "typ": purpose}
        text = json.dumps(content, separators=(",", ":")).encode()
        return jwe.encrypt_compact(header, text, self._keys[0], algorithms=_ALGORITHMS)

    def open(self, purpose: str, sealed: str) -> Mapping[str, Any] | None:
        """What was sealed for ``purpose``; None if it was not, or not by us."""
        if not sealed or len(sealed) > LONGEST:
            return None
        found = (self._opened(purpose, sealed, key) for key in self._keys)
        return next((content for content in found if content is not None), None)

    @staticmethod
    def _opened(purpose: str, sealed: str, key: OctKey) -> Mapping[str, Any] | None:
        try:
            opened = jwe.decrypt_compact(sealed, key, algorithms=_ALGORITHMS)
        except (JoseError, ValueError, TypeError, KeyError):
            return None
        if opened.headers().get("typ") != purpose or opened.plaintext is None:
            return None
        content: Mapping[str, Any] = json.loads(opened.plaintext)
        return content


def keys_in(path: Path) -> tuple[bytes, ...]:
    """The keys in the file at ``path``, one a line, as ``openssl rand -base64 32`` makes them; the newest first.

    Raises:
        InvalidConfiguration: it cannot be read, or has no such keys.
    """
    place = f"access.session_key_file {path}"
    try:
        lines = path.read_bytes().split()
    except OSError as error:
        raise InvalidConfiguration(place, f"cannot be read: {error.strerror or type(error).__name__}") from error
    keys = tuple(map(_key, lines))
    if not 0 < len(keys) <= MOST_KEYS or any(len(key) != KEY_BYTES for key in keys):
        raise InvalidConfiguration(
            place, f"should have a key a line, {MOST_KEYS} at most, as 'openssl rand -base64 {KEY_BYTES}' makes them"
        )
    return keys


def _key(line: bytes) -> bytes:
    try:
        return b64decode(line, validate=True)
    except binascii.Error:
        return b""
