"""Gathering an answer piece by piece: never more than may be, never for longer."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO
from time import monotonic

import httpx2

from gridmask_client.answer import Answer
from gridmask_client.errors import TooLarge, Unreadable

PIECE = 64 * 1024
"""So many bytes are unpacked at a time, whatever they were packed into."""

_GZIP = zlib.MAX_WBITS | 16
_BODILESS = frozenset({204, 304})


class Gathering:
    """The answer that ``response`` begins, of at most ``limit`` bytes, all of which come before ``end``, by the clock."""

    def __init__(self, response: httpx2.Response, limit: int, end: float) -> None:
        self._status = response.status_code
        self._headers = {name.lower(): value for name, value in response.headers.items()}
        self._limit = limit
        self._end = end
        self._body = BytesIO()
        self._is_head = response.request.method == "HEAD" or response.status_code in _BODILESS
        encoding = self._headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"identity", "gzip", ""}:
            raise Unreadable(f"The answer is packed as {encoding[:40]!r}, which nobody asked for.")
        self._unzip = zlib.decompressobj(_GZIP) if encoding == "gzip" else None

    def add(self, raw: bytes) -> None:
        """Take the next bytes.

        Raises:
            TooLarge: there are too many of them. Unreadable: they are not packed as they say.
            httpx2.ReadTimeout: they are late.
        """
        if monotonic() > self._end:
            raise httpx2.ReadTimeout("the answer does not come to its end in time")
        for piece in self._unpacked(raw):
            if self._body.tell() + len(piece) > self._limit:
                raise TooLarge(self._limit)
            self._body.write(piece)

    def whole(self) -> Answer:
        """The answer.

        Raises:
            httpx2.ReadError: it ended too early.
        """
        if self._unzip is not None and not self._unzip.eof and not self._is_head:
            raise httpx2.ReadError("the answer ends too early")
        return Answer(self._status, self._headers, self._body.getvalue())

    def _unpacked(self, raw: bytes) -> Iterator[bytes]:
        if self._unzip is None:
            yield raw
            return
        try:
            while raw:  # what ends a member is not taken before all of it is out
                if self._unzip.eof:
                    raise Unreadable("The answer goes on after its end.")
                yield self._unzip.decompress(raw, PIECE)
                raw = self._unzip.unconsumed_tail or self._unzip.unused_data
        except zlib.error as error:
            raise Unreadable("The answer is not packed as it says.") from error
