"""A ``multistatus``, as far as it tells of quota."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.collectors import xml
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import Space

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

AVAILABLE, USED = "quota-available-bytes", "quota-used-bytes"

_DAV = "{DAV:}"


def space_of(body: bytes, place: str) -> Space:
    """How much of a folder is free, and how much there is in all: what is used, and what may come.

    Raises:
        MalformedAnswer: it is no ``multistatus``.
        ValueError: it does not tell.
    """
    tree = xml.document(body, "multistatus", place)
    if tree.tag != f"{_DAV}multistatus":
        raise MalformedAnswer(place, f"the answer is a <{tree.tag[:80]}> document, not WebDAV's <multistatus>.")
    folder = tree.find(f"{_DAV}response")
    if folder is None:
        raise ValueError("the answer tells of no folder")
    available, used = (_number(folder, name) for name in (AVAILABLE, USED))
    if not available + used:
        raise ValueError("nothing is used and nothing may come, which is no quota that is known")
    return Space(available + used, available)


def _number(folder: Element, name: str) -> int:
    told = [said.text for part in folder.findall(f"{_DAV}propstat") if _is_good(part) for said in part.iter(f"{_DAV}{name}")]
    if not told or not (text := (told[0] or "").strip()):
        raise ValueError(f"the server does not tell {name}")
    if not text.isascii() or not text.isdigit() or len(text) > 30:
        raise ValueError(f"{name} is no number of bytes: {text[:50]!r}")
    return int(text)


def _is_good(part: Element) -> bool:
    """Whether what a part tells could be found out."""
    return (part.findtext(f"{_DAV}status") or "").split()[1:2] == ["200"]
