"""Answers in JSON that are not what they should be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from gridmask.domain.errors import MalformedAnswer


@contextmanager
def expecting(what: str, source: str) -> Iterator[None]:
    """What is decoded here, of an answer of ``source``, is a ``what``: or what is wrong with it is told.

    Raises:
        MalformedAnswer: it is none; it is no JSON at all; or so nested that nobody can have meant it.
    """
    try:
        yield
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedAnswer(source, f"is no {what}: {_told(error)}.") from error


def _told(error: Exception) -> str:
    """What is wrong, for those who ask an address and get a page to log in at."""
    if str(error).endswith("invalid character (byte 0)"):
        return "it is no JSON from its first byte on. A page for people is none, nor what is packed, or has a byte order mark"
    return str(error)
