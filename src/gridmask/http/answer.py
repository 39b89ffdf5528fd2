"""What came back: a new body with its provenance, or the word that the last one still stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

_LONGEST_VALIDATOR = 1024


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a server recognises an answer that it gave before (RFC 9110, section 8.8).

    Keep those of the last *good* answer and pass them with the next question. They hold for one URL only.
    """

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Validators:
        """The validators in an answer's headers; one that could not be sent back as it is counts as absent."""
        return cls(etag=_sendable(headers.get("etag")), last_modified=_sendable(headers.get("last-modified")))

    def __bool__(self) -> bool:
        """Whether there is anything to ask a server by."""
        return self.etag is not None or self.last_modified is not None

    def conditions(self) -> dict[str, str]:
        """The request headers that ask for an answer only if it is another one."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value is not None}

    def renewed(self, newer: Validators) -> Validators:
        """These, where ``newer`` says nothing else: a "not modified" need not repeat them."""
        return Validators(etag=newer.etag or self.etag, last_modified=newer.last_modified or self.last_modified)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a body came from, when, and by what it can be recognised.

    Attributes:
        url: What was asked for, without credentials (see ``redacted``).
        fetched_at: When the body was complete; aware, UTC.
        status: The HTTP status; 200 also for a file that was read.
        sha256: Of the body, in hex.
        size: Of the body after decompression, in bytes.
        validators: To be passed with the next question.
        elapsed: From the question to the complete body, repeated attempts included.
    """

    url: str
    fetched_at: datetime
    status: int
    sha256: str
    size: int
    validators: Validators
    elapsed: timedelta


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete body, decompressed."""

    body: bytes = field(repr=False)
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class NotModified:
    """The source says that the answer whose validators were passed still stands. There is no body to misread.

    Attributes:
        url: What was asked for, without credentials.
        fetched_at: When the source said so; aware, UTC.
        validators: To be passed with the next question.
        elapsed: From the question to the word, repeated attempts included.
    """

    url: str
    fetched_at: datetime
    validators: Validators
    elapsed: timedelta


def _sendable(value: str | None) -> str | None:
    usable = value and len(value) <= _LONGEST_VALIDATOR and value.isascii() and value.isprintable()
    return value if usable else None
