"""The basic encoding rules of ASN.1 (X.690), as far as LDAP needs them: tags of one byte, definite lengths."""

from __future__ import annotations

from collections.abc import Iterator

INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET, BOOLEAN = 0x02, 0x04, 0x0A, 0x30, 0x31, 0x01


def encoded(tag: int, *content: bytes) -> bytes:
    """A value under ``tag``, its ``content`` put together."""
    body = b"".join(content)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def number(value: int, tag: int = INTEGER) -> bytes:
    """A whole number, not negative."""
    return encoded(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def text(value: str, tag: int = OCTETS) -> bytes:
    """A text."""
    return encoded(tag, value.encode())


def decoded(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The values that ``data`` consists of, each with its tag.

    Raises:
        ValueError: it is not encoded so.
    """
    at = 0
    while at < len(data):
        tag, length, begin = header(data[at:])
        begin += at
        if begin + length > len(data):
            raise ValueError("a value is longer than what holds it")
        yield tag, data[begin : begin + length]
        at = begin + length


def header(data: bytes) -> tuple[int, int, int]:
    """Tag and length of the value that ``data`` begins with, and where its content begins.

    Raises:
        ValueError: it is not encoded so. IndexError: more bytes are needed.
    """
    tag, first = data[0], data[1]
    if tag & 0x1F == 0x1F:
        raise ValueError("a tag of several bytes")
    if first < 128:
        return tag, first, 2
    more = first & 0x7F
    if not 1 <= more <= 4:
        raise ValueError("a length that is not definite, or more than four bytes long")
    if len(data) < 2 + more:
        raise IndexError("length")
    return tag, int.from_bytes(data[2 : 2 + more], "big"), 2 + more
