"""``/search``: to the element, or the site, that somebody names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from gridmask.domain.vo import ALL
from gridmask.portal.frame import addresses
from gridmask.portal.frame.assets import TAG

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.element import ElementKey
    from gridmask.service.matrix import Line

router = APIRouter(include_in_schema=False, tags=[TAG])


@router.api_route("/search", methods=["GET", "HEAD"])
async def search(
    request: Request, q: Annotated[str, Query(max_length=255)] = "", vo: Annotated[str, Query(min_length=1)] = ALL
) -> Response:
    """On to the page of the one element that is called so; where there are several, or none, to the matrix that has them."""
    gridmask: Installation = request.app.state.installation
    found = await gridmask.matrices.of(vo)
    only = _only([line for line in found.lines if _is_called(line, q.strip())])
    address = addresses.element(only, found.vo) if only else addresses.matrix(found.vo, {"q": q.strip()})
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


def _is_called(line: Line, name: str) -> bool:
    called = (line.element.key.name, *line.element.aliases)
    return name.casefold() in map(str.casefold, called)


def _only(lines: list[Line]) -> ElementKey | None:
    return lines[0].element.key if len(lines) == 1 else None
