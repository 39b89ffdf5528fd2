"""Records as GOCDB writes them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from html.entities import html5
from typing import TYPE_CHECKING

from gridmask.collectors.record import NAME_LIMIT, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_FLAGS = {"y": True, "n": False, "true": True, "false": False}

LINK_LIMIT = 1024
"""The most characters that an address can sensibly have."""


@dataclass(frozen=True, slots=True)
class GocdbRecord(Record):
    """A record whose fields are elements or attributes, and whose texts are escaped as for a web page.

    An element that would be empty is left out by GOCDB.
    """

    @staticmethod
    def meaningful(text: str) -> str:
        """``text`` with what is escaped in it as it was written: the forms by which texts are entered keep them escaped."""
        return " ".join(_REFERENCE.sub(_character, text).split())

    def raw(self, path: str) -> str | None:
        """The text of the element at ``path``, or else of the attribute."""
        return self.element.findtext(path) or self.element.get(path)

    def flag(self, path: str, *, default: bool) -> bool:
        """Whether the text at ``path`` is ``Y`` or ``TRUE``; ``default`` where there is none.

        Raises:
            MalformedAnswer: it is none of ``Y``, ``N``, ``TRUE`` and ``FALSE``.
        """
        text = self.text(path)
        if text.casefold() not in {*_FLAGS, ""}:
            raise self.malformed(f"{path} is {text!r}; it must be Y or N.")
        return _FLAGS.get(text.casefold(), default)

    def cut(self, path: str, limit: int = NAME_LIMIT) -> str:
        """The text at ``path``, of which nothing depends, cut where it is longer than ``limit`` characters."""
        text = self.whole(path)
        return text if len(text) <= limit else f"{text[: limit - 1]}…"

    def link(self, path: str) -> str:
        """The address at ``path``, if it is one that a person can safely be sent to."""
        text = self.whole(path)
        return text if re.match("https?://", text, re.IGNORECASE) and len(text) <= LINK_LIMIT else ""

    def listed(self, path: str) -> Iterator[GocdbRecord]:
        """The records at ``path``, without names of their own."""
        for child in self.element.iterfind(path):
            yield replace(self, element=child)


def _character(found: re.Match[str]) -> str:
    """The character that a reference is; one that is none stays as it is, even if it begins as one does (``&nothing;``)."""
    reference = found[0]
    return html.unescape(reference) if reference[1] == "#" else html5.get(reference[1:], reference)
