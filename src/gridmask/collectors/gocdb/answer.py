"""One answer of GOCDB, a ``<results>`` document: what it lists, and where it says that it goes on.

Asked for pages, GOCDB puts a ``<meta>`` before the records. Its ``count`` is the number of records on the page, where several
elements of one identifier are one record; its link ``next`` names the cursor from which to ask on. Not asked for pages, the
answer has no ``<meta>`` and is the whole.

GOCDB refuses in one of two ways, both with the HTTP status of success: with an ``<error>`` document, or with a line of text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from gridmask.collectors.gocdb.record import GocdbRecord
from gridmask.collectors.xml import document
from gridmask.domain.errors import MalformedAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from xml.etree.ElementTree import Element

ROOT = "results"
META = "meta"

_WORDS_LIMIT = 300
"""So many characters of a refusal are told."""

_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, whole or a part of one.

    Attributes:
        results: the document.
        meta: what is said about it; None where the answer is the whole.
    """

    results: GocdbRecord
    meta: GocdbRecord | None

    @classmethod
    def of(cls, body: bytes, place: str) -> Page:
        """The page that ``body`` is; it is called ``place`` in errors.

        Raises:
            MalformedAnswer: it is none, or GOCDB refuses to answer; then in GOCDB's own words.
        """
        results = GocdbRecord(_tree(body, place), place)
        meta = results.element.find(META)
        return cls(results, None if meta is None else GocdbRecord(meta, f"<{META}> of {place}"))

    @property
    def held(self) -> int:
        """How many records it holds."""
        return len({_identity(element) for element in self.results.element if element.tag != META})

    def cursor(self) -> int | None:
        """The cursor from which to ask on; None where there is nothing more.

        Only the number is taken from the server's link: the rest of it may name a host that cannot be reached, or that should
        not be trusted.

        Raises:
            MalformedAnswer: there is a link, and no cursor in it.
        """
        link = None if self.meta is None else self.meta.element.find("link[@rel='next']")
        if link is None or self.meta is None:
            return None
        cursor = _number(_parameter(link.get("href", ""), "next_cursor"))
        if cursor is None:
            raise self.meta.malformed("its link to the next page names no cursor.")
        return cursor

    def flaws(self, tags: Sequence[str]) -> Iterator[MalformedAnswer]:
        """What there is to say against it, if it should hold nothing but records of ``tags``."""
        yield from self.results.strangers(*tags, META)
        if self.meta is None:
            return
        told = self.meta.whole("count")
        count = _number(told)
        if told and count is None:
            yield self.meta.malformed(f"count is {told[:80]!r}; it must be a number.")
        if count is not None and count > self.held:
            yield self.results.malformed(f"counts {count:,} records and holds {self.held:,}; the rest did not come.")


def records(bodies: Sequence[bytes], source: str, *tags: str) -> Iterator[GocdbRecord | MalformedAnswer]:
    """Every record of ``tags`` in the pages ``bodies``, and in place of what is missing or should not be there, what to say.

    Raises:
        MalformedAnswer: a page is none.
    """
    for number, body in enumerate(bodies, start=1):
        page = Page.of(body, source if len(bodies) == 1 else f"page {number} of {source}")
        yield from page.flaws(tags)
        for tag in tags:
            yield from page.results.children(tag, tag)


def _tree(body: bytes, place: str) -> Element:
    text = body.strip()
    if text and not text.lstrip(b"\xef\xbb\xbf").startswith(b"<") and _is_said(text):
        raise MalformedAnswer(place, f"GOCDB refuses: {_words(text.decode(errors='replace'))}")
    tree = document(body, ROOT, place)
    if tree.tag == "error":
        raise MalformedAnswer(place, f"GOCDB refuses: {_words(''.join(tree.itertext()))}")
    if tree.tag != ROOT:
        raise MalformedAnswer(place, f"the answer is a <{tree.tag[:80]}> document, not <{ROOT}>. Check the address.")
    return tree


def _is_said(text: bytes) -> bool:
    """Whether ``text`` reads as something said to people, not as data of another kind."""
    return re.fullmatch(rb"[A-Z][^\x00-\x08\x0e-\x1f<{]*", text[: 4 * _WORDS_LIMIT]) is not None


def _words(text: str) -> str:
    single = " ".join(text.split())
    return (single if len(single) <= _WORDS_LIMIT else f"{single[: _WORDS_LIMIT - 1]}…") or "it does not say why."


def _identity(element: Element) -> object:
    for name in ("PRIMARY_KEY", "ID"):
        if key := element.get(name) or element.findtext(name):
            return element.tag, key
    return id(element)


def _parameter(href: str, name: str) -> str:
    try:
        return parse_qs(urlsplit(href).query).get(name, [""])[-1]
    except ValueError:
        return ""


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(f"[0-9]{{1,{_LONGEST_NUMBER}}}", text) else None
