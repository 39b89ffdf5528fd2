"""One record of an answer: an XML element, where it stands, and its fields as values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.errors import MalformedAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

NAME_LIMIT = 255
"""The most characters that a name, a label or a date can sensibly have."""

WORD_LIMIT = 64
"""The most characters that a word of a small vocabulary can sensibly have, such as a type or a severity."""

TEXT_LIMIT = 16_000
"""The most characters that a description can sensibly have; the longest of eight years has 739."""

LEFT_OUT = "It is left out, and nothing counts as withdrawn by this answer."
"""What to add where something could not be identified."""

STANDS = "What was known of it stands."
"""What to add where something was identified and could not be read."""

_NOTHING = re.compile(r"\(Information not available\)|\(No [\w ]*description\)|Not Available", re.IGNORECASE)
"""What OSG writes where it has nothing to say."""


def meaningful(text: str | None) -> str:
    """``text`` with its white space made single; empty where it says that there is nothing to say."""
    single = " ".join((text or "").split())
    return "" if _NOTHING.fullmatch(single) else single


@dataclass(frozen=True, slots=True)
class Record:
    """An XML element, and ``place``: what to call it when telling a person about it."""

    element: Element
    place: str

    def text(self, path: str = ".", limit: int = NAME_LIMIT) -> str:
        """The text at ``path`` with its white space made single; empty where there is none, or a word for none.

        Raises:
            MalformedAnswer: it is longer than ``limit`` characters.
        """
        text = meaningful(self.element.findtext(path))
        if len(text) > limit:
            raise self.malformed(f"{path} is {len(text):,} characters long, more than the {limit:,} that make sense.")
        return text

    def texts(self, path: str) -> tuple[str, ...]:
        """The text of each element at ``path`` that has one.

        Raises:
            MalformedAnswer: one is too long.
        """
        found = (Record(child, self.place).text() for child in self.element.iterfind(path))
        return tuple(text for text in found if text)

    def required(self, path: str, limit: int = NAME_LIMIT) -> str:
        """The text at ``path``, which there must be.

        Raises:
            MalformedAnswer: there is none, or it is too long.
        """
        text = self.text(path, limit)
        if not text:
            raise self.malformed(f"has no {path}.")
        return text

    def flag(self, path: str, *, default: bool) -> bool:
        """Whether the text at ``path`` is true; ``default`` where there is none.

        Raises:
            MalformedAnswer: it is neither true nor false.
        """
        text = self.text(path).casefold()
        if text not in {"true", "false", ""}:
            raise self.malformed(f"{path} is {text!r}; it must be true or false.")
        return text == "true" if text else default

    def children(self, path: str, place: str) -> Iterator[Record]:
        """The records at ``path``, each to be called ``place`` and its number until it tells a name."""
        for number, child in enumerate(self.element.iterfind(path), start=1):
            yield Record(child, f"{place} {number} of {self.place}")

    def strangers(self, *expected: str) -> Iterator[MalformedAnswer]:
        """An error for each kind of element directly in this record that is none of the ``expected``."""
        for tag in sorted({child.tag for child in self.element} - set(expected)):
            yield self.malformed(f"has <{tag[:80]}> in it, where only <{'>, <'.join(expected)}> should be.")

    def called(self, place: str) -> Record:
        """The same record under a better name."""
        return Record(self.element, place)

    def malformed(self, problem: str) -> MalformedAnswer:
        """The error that this record is not as it should be."""
        return MalformedAnswer(self.place, problem)
