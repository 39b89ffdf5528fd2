"""XML elements, written down shortly."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, indent, tostring

if TYPE_CHECKING:
    from collections.abc import Iterable


def element(tag: str, content: str | Iterable[Element] = "", /, **attributes: str) -> Element:
    """An element with a text or with children in it."""
    made = Element(tag, attributes)
    if isinstance(content, str):
        made.text = content or None
    else:
        made.extend(content)
    return made


def fields(*pairs: tuple[str, object]) -> list[Element]:
    """An element with a text for each pair that has one: what says nothing is left out."""
    return [element(tag, str(text)) for tag, text in pairs if text not in {None, ""}]


def document(root: Element, space: str) -> bytes:
    """``root`` as an answer, indented by ``space``."""
    indent(root, space)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, "unicode")}\n'.encode()
