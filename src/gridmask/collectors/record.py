"""One record of an answer: an XML element, where it stands, and its fields as values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

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


@dataclass(frozen=True, slots=True)
class Record:
    """An XML element, and ``place``: what to call it when telling a person about it.

    A source with habits of its own overrides :meth:`raw` and :meth:`meaningful`.
    """

    element: Element
    place: str

    @staticmethod
    def meaningful(text: str) -> str:
        """``text`` as it is to be understood; white space in it is single already."""
        return text

    def raw(self, path: str) -> str | None:
        """The text at ``path`` as it was published."""
        return self.element.findtext(path)

    def whole(self, path: str = ".") -> str:
        """The text at ``path`` with its white space made single, however long; empty where there is none."""
        return self.meaningful(" ".join((self.raw(path) or "").split()))

    def text(self, path: str = ".", limit: int = NAME_LIMIT) -> str:
        """The text at ``path`` with its white space made single; empty where there is none, or a word for none.

        Raises:
            MalformedAnswer: it is longer than ``limit`` characters.
        """
        text = self.whole(path)
        if len(text) > limit:
            name = self.element.tag if path == "." else path
            raise self.malformed(f"{name} is {len(text):,} characters long, more than the {limit:,} that make sense.")
        return text

    def texts(self, path: str) -> tuple[str, ...]:
        """The text of each element at ``path`` that has one.

        Raises:
            MalformedAnswer: one is too long.
        """
        found = (replace(self, element=child).text() for child in self.element.iterfind(path))
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

    def children(self, path: str, place: str) -> Iterator[Self]:
        """The records at ``path``, each to be called ``place`` and its number until it tells a name."""
        for number, child in enumerate(self.element.iterfind(path), start=1):
            yield replace(self, element=child, place=f"{place} {number} of {self.place}")

    def strangers(self, *expected: str) -> Iterator[MalformedAnswer]:
        """An error for each kind of element directly in this record that is none of the ``expected``."""
        for tag in sorted({child.tag for child in self.element} - set(expected)):
            yield self.malformed(f"has <{tag[:80]}> in it, where only <{'>, <'.join(expected)}> should be.")

    def called(self, place: str) -> Self:
        """The same record under a better name."""
        return replace(self, place=place)

    def malformed(self, problem: str) -> MalformedAnswer:
        """The error that this record is not as it should be."""
        return MalformedAnswer(self.place, problem)


def told(**facts: object) -> dict[str, object]:
    """Those ``facts`` that say something."""
    return {name: fact for name, fact in facts.items() if fact not in (None, "", {}, [])}
