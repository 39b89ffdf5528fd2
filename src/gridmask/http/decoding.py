"""Undoing the compression of a body, in pieces of bounded length.

Own code where the HTTP library has a decoder, because that one takes a gzip stream that ends early, or that goes on in
a second member, for complete: a truncated list of downtimes would pass for a shorter one.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 64 * 1024
"""The most bytes that one piece has; what is compressed a thousandfold takes no more memory than this at a time."""

_GZIP = zlib.MAX_WBITS | 16


class Decoder(Protocol):
    """Gives the decompressed pieces of a body."""

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """The pieces that ``raw`` completes."""

    def finish(self) -> None:
        """Raise EOFError if the body ended too early."""


class Plain:
    """A body that is not compressed."""

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """``raw`` as it is."""
        yield raw

    def finish(self) -> None:
        """Its end cannot be told from a break; the framing around it can."""


class Gunzip:
    """A gzip stream of one or more members (RFC 1952). Raises zlib.error where it is not one."""

    __slots__ = ("_member",)

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """The pieces that ``raw`` completes, each at most ``PIECE`` bytes."""
        data, piece = raw, b""
        while data or (len(piece) == PIECE and not self._member.eof):
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            piece = self._member.decompress(data, PIECE)
            if piece:
                yield piece
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail

    def finish(self) -> None:
        """Raise EOFError unless the last member is complete."""
        if not self._member.eof:
            raise EOFError("the compressed body ends early")


def decoder_for(encoding: str) -> Decoder | None:
    """The decoder for the value of a ``Content-Encoding`` header; None where it is none that was asked for."""
    match encoding.strip().lower():
        case "" | "identity":
            return Plain()
        case "gzip" | "x-gzip":
            return Gunzip()
        case _:
            return None
