"""A body that is being received: counted and hashed piece by piece, never longer than allowed."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

from gridmask.domain.errors import TooLarge


class Body:
    """Gathers the body of ``url`` up to ``limit`` bytes; beyond them it raises ``TooLarge``."""

    __slots__ = ("_buffer", "_digest", "_limit", "_url")

    def __init__(self, url: str, limit: int) -> None:
        self._url = url
        self._limit = limit
        # Alone among the growing buffers, BytesIO gives its content away without a copy.
        self._buffer = BytesIO()
        self._digest = sha256()

    def require_room(self, size: int) -> None:
        """Refuse a body that is, or is announced to be, ``size`` bytes long."""
        if size > self._limit:
            raise TooLarge(self._url, self._limit)

    def add(self, piece: bytes) -> None:
        """Take the next piece."""
        self.require_room(self.size + len(piece))
        self._buffer.write(piece)
        self._digest.update(piece)

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._buffer.tell()

    @property
    def sha256(self) -> str:
        """The digest so far, in hex."""
        return self._digest.hexdigest()

    def content(self) -> bytes:
        """All of it."""
        return self._buffer.getvalue()
