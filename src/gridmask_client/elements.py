"""Elements: what the inventory has."""

from __future__ import annotations

from typing import Any

from gridmask_client.answer import Json
from gridmask_client.call import Listing, listing
from gridmask_client.shapes import MOST, ElementId, Said


class Element(ElementId, frozen=True):
    """An element of the inventory. ``offered``: the VOs that may use it; none is everyone."""

    site: str
    category: str
    in_service: bool
    offered: tuple[str, ...]
    hosts: tuple[str, ...]
    aliases: tuple[str, ...]
    tags: tuple[str, ...]
    facts: dict[str, Any]
    source: str


class Elements(Said, frozen=True):
    """A page of the inventory."""

    elements: tuple[Element, ...]
    next: int | None


def list(
    *,
    family: str | None = None,
    type: str | None = None,
    name: str | None = None,
    site: str | None = None,
    category: str | None = None,
    source: str | None = None,
    vo: str | None = None,
    limit: int = MOST,
) -> Listing[Elements, Element]:
    """Elements for which every filter holds. ``vo``: only what is offered to it; ``limit``: of a page."""
    given = {"family": family, "type": type, "name": name, "site": site, "category": category, "source": source}
    return listing(
        "/api/v1/elements",
        Json(Elements),
        lambda page: page.elements,
        {**given, "vo": vo, "limit": limit},
        cursor="cursor",
    )
