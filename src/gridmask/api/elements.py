"""``/api/v1/elements``: what the inventory has."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from pydantic import Field

from gridmask.api.dependencies import By, Cursor, FamilyFilter, Here, Limit, NameFilter, WordFilter
from gridmask.api.models import ElementId, Said
from gridmask.api.rights import require_reader
from gridmask.domain.rights import Action

if TYPE_CHECKING:
    from gridmask.domain.element import Element

router = APIRouter(prefix="/api/v1/elements", tags=["elements"])


class ElementSaid(ElementId):
    """An element of the inventory."""

    site: str = Field(description="The name of the site that it belongs to; a site belongs to itself.")
    category: str
    in_service: bool = Field(description="If not, it is in no mask, whatever its status.")
    offered: list[str] = Field(description="The VOs that may use it, as far as one may read about them; empty is everyone.")
    hosts: list[str]
    aliases: list[str]
    tags: list[str]
    facts: dict[str, Any] = Field(description="What else its inventory tells; metadata, never decided upon.")
    source: str = Field(description="The inventory source that it comes from.")


class ElementsSaid(Said):
    """Part of the inventory."""

    elements: list[ElementSaid]
    next: int | None = Field(description="The `cursor` that asks for what comes after; null: that was all.")


@router.get("", summary="List the elements of the inventory")
async def list_elements(
    gridmask: Here,
    by: By,
    family: FamilyFilter = None,
    type: WordFilter = None,  # noqa: A002 - its name in the URL
    name: NameFilter = None,
    site: NameFilter = None,
    category: WordFilter = None,
    source: WordFilter = None,
    vo: WordFilter = None,
    cursor: Cursor = 0,
    limit: Limit = 100,
) -> ElementsSaid:
    """Those for which every filter holds, in a lasting order. `vo`: only what is offered to it.

    Whoever may not read everything is told what is offered to the VOs about which they may read.

    With `vo`, an answer may have fewer than `limit` elements, or none, and still not be the last; only `next` tells.
    """
    if vo is not None:
        await require_reader(gridmask, by, vo)
    filters = {"family": family, "type": type, "name": name, "site": site, "category": category, "source": source}
    where = {column: value for column, value in filters.items() if value is not None}
    page = await gridmask.elements.page(where, vo=vo, reads=partial(by.may, Action.READ), cursor=cursor, limit=limit)
    return ElementsSaid(elements=list(map(said, page.elements)), next=page.cursor)


def said(element: Element) -> ElementSaid:
    """``element`` as the API says it."""
    return ElementSaid(
        **element.key._asdict(),
        site=element.site,
        category=element.category,
        in_service=element.in_service,
        offered=sorted(element.offered),
        hosts=list(element.hosts),
        aliases=list(element.aliases),
        tags=sorted(element.tags),
        facts=dict(element.facts),
        source=element.source,
    )
