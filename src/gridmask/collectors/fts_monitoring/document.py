"""The overview, as far as it is read."""

from __future__ import annotations

import msgspec

from gridmask.collectors.decoding import expecting
from gridmask.domain.errors import MalformedAnswer


class Link(msgspec.Struct, frozen=True):
    """The transfers of a VO from one storage to another that ended within the window; a state in which none is, is left out."""

    source_se: str
    dest_se: str
    vo_name: str
    finished: int = 0
    failed: int = 0


class _Page(msgspec.Struct, frozen=True, rename="camel"):
    items: tuple[msgspec.Raw, ...]
    count: int
    page_count: int = 1


class _Overview(msgspec.Struct, frozen=True):
    overview: _Page


def links_of(body: bytes, source: str) -> tuple[msgspec.Raw, ...]:
    """The links of an overview, not looked at yet.

    Raises:
        MalformedAnswer: it is no overview, or a part of one.
    """
    with expecting("overview of FTS", source):
        page = msgspec.json.decode(body, type=_Overview).overview
    if page.page_count > 1 or len(page.items) != page.count:
        raise MalformedAnswer(source, f"gives {len(page.items):,} of {page.count:,} links where all were asked for.")
    return page.items
