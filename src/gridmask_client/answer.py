"""Answers: what came back, and what it is taken for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

import msgspec

from gridmask_client.errors import Unreadable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, whole. The names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def number(self, header: str) -> int | None:
        """What a header says as a number; None if it says none."""
        text = self.headers.get(header, "").strip()
        return int(text) if text.isascii() and text.isdigit() else None

    def wait(self) -> float | None:
        """After how many seconds to ask again, as ``Retry-After`` says it: in seconds, or as a date."""
        seconds = self.number("retry-after")
        if seconds is not None:
            return float(seconds)
        try:
            until, now = (parsedate_to_datetime(self.headers[name]) for name in ("retry-after", "date"))
            return max(0.0, (until - now).total_seconds())
        except (KeyError, ValueError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class Json(Generic[T]):
    """Takes a body for JSON that holds a ``type``. What that does not know of is passed over: a newer server may say more."""

    type: type[T]

    def __call__(self, answer: Answer) -> T:
        """What it holds.

        Raises:
            Unreadable: it is none.
        """
        try:
            return msgspec.json.decode(answer.body, type=self.type)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unreadable(f"The answer is no {self.type.__name__} in JSON: {error}") from error


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """Something with its entity tag, by which to ask for it again only if it is another.

    Attributes:
        value: the thing.
        etag: another if and only if its bytes are; quotes included.
    """

    value: T
    etag: str


@dataclass(frozen=True, slots=True)
class Tagged(Generic[T]):
    """Takes an answer for something with its entity tag."""

    read: Callable[[Answer], T]

    def __call__(self, answer: Answer) -> Versioned[T]:
        """See above."""
        return Versioned(self.read(answer), answer.headers.get("etag", ""))


@dataclass(frozen=True, slots=True)
class Unless(Generic[T]):
    """Takes an answer for what ``read`` does; or for None, if the reader has it already."""

    read: Callable[[Answer], T]

    def __call__(self, answer: Answer) -> T | None:
        """See above."""
        return None if answer.status == 304 else self.read(answer)


def raw(answer: Answer) -> bytes:
    """The body as it is."""
    return answer.body
