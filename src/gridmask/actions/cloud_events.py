"""News as CloudEvents 1.0, in the two ways in which HTTP carries them.

The form: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import msgspec

if TYPE_CHECKING:
    from gridmask.domain.news import News

HERE = "/gridmask"
"""The source of events, where nobody says what this installation is called."""

_PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')


class Form(StrEnum):
    """What is posted."""

    PLAIN = "plain"
    """The document alone."""
    STRUCTURED = "cloudevents"
    """The event, attributes and data, as one document of JSON."""
    BINARY = "cloudevents-binary"
    """The document, and the event's attributes as headers."""


class Posted(NamedTuple):
    """What goes over the wire: a body of that ``type``, and what else is said in headers."""

    type: str
    body: bytes
    headers: Mapping[str, str] = {}


def posted(news: News, form: Form, source: str = HERE) -> Posted:
    """``news`` in that form; ``source``: what tells this installation from others."""
    document = news.document()
    if form is Form.PLAIN:
        return Posted("application/json", msgspec.json.encode(document))
    attributes = _attributes(news, source)
    if form is Form.STRUCTURED:
        event = {**attributes, "datacontenttype": "application/json", "data": document}
        return Posted("application/cloudevents+json; charset=utf-8", msgspec.json.encode(event))
    headers = {f"ce-{name}": in_header(value) for name, value in attributes.items()}
    return Posted("application/json", msgspec.json.encode(document), headers)


def _attributes(news: News, source: str) -> dict[str, str]:
    told = {"specversion": "1.0", "id": news.key, "source": source or HERE, "type": f"gridmask.{news.topic}"}
    return {**told, "time": news.at.isoformat().replace("+00:00", "Z")}


def in_header(text: str) -> str:
    """``text`` as a header can have it: percent-encoded where it is not printable ASCII."""
    return quote(text, safe=_PRINTABLE)
