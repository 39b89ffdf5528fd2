"""``/vos/{vo}/matrix``: what a VO may use, element by element."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response

from gridmask.domain.rights import Action
from gridmask.portal.drawing.marks import waiting_for
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.sections import MATRIX
from gridmask.portal.frame.zones import tell_in
from gridmask.portal.matrix import cells, grid, sites
from gridmask.portal.matrix.asked import Asked, asked
from gridmask.portal.matrix.drawn import Drawn, News, drawn
from gridmask.portal.matrix.groups import Shown, columns, heads, show
from gridmask.portal.matrix.seen import Seen
from gridmask.portal.matrix.shelf import Shelf

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.service.matrix import Line, Matrix

router = APIRouter(include_in_schema=False, tags=[TAG])

SHELF: Shelf[Line] = Shelf()
"""Lines as they were last written, by this process."""


@router.api_route("/vos/{vo}/matrix", methods=["GET", "HEAD"])
async def matrix(
    request: Request, vo: str, wanted: Annotated[Asked, Depends(asked)], since: Annotated[str, Query(max_length=99)] = ""
) -> Response:
    """The page."""
    gridmask: Installation = request.app.state.installation
    reader, seen = reader_of(request), Seen.parse(since)

    async def make() -> pages.Page:
        found = await gridmask.matrices.of(vo, seen.mark if seen else None)
        chosen, now = reader.actor.may(Action.SET_STATUSES, found.vo), gridmask.clock()
        drawing = partial(draw, found, wanted, now, seen=seen, zone=reader.zone, chosen=chosen)
        waiting = waiting_for(found.vo, await gridmask.batches.list(), found.lines)
        about = {"drawn": await to_thread.run_sync(drawing), "revision": found.revision, "vo": found.vo, "waiting": waiting}
        about |= {"address": partial(address, wanted), "exported": partial(exported, found.vo, wanted)}
        about |= {"compare": addresses.compare(found.vo)}
        return await pages.made("matrix/matrix.html", {**about, **await around(gridmask, reader, MATRIX, found.vo)})

    return await pages.answer(request, make)


def address(wanted: Asked, vo: str, **other: str) -> str:
    """The matrix of ``vo`` as ``wanted``, but for what is given."""
    return addresses.matrix(vo, {**wanted.said, **other})


def exported(vo: str, wanted: Asked, kind: str) -> str:
    """What the matrix of ``vo`` shows as ``wanted``, as data."""
    return addresses.asking(f"{addresses.matrix(vo)}.{kind}", wanted.said)


def draw(
    found: Matrix, wanted: Asked, now: datetime, *, seen: Seen | None = None, zone: str = "UTC", chosen: bool = False
) -> Drawn[Line]:
    """``found`` as it is ``wanted``, at ``now``; if only a part of it is news to who has ``seen`` it, that part."""
    tell_in(zone)
    shown = show(found.lines, wanted, found.announced, SHELF.folders.of((found.vo, wanted)))
    if wanted.view.level == "site":
        return _of_sites(found, shown)
    # of what could be shown, and not of what is: lines come and go, and must not take columns along
    likely = [line for line in found.lines if wanted.filters.type in {"", line.element.key.type}]
    layout = cells.Layout(found.vo, columns(likely), wanted.view.group, zone, chosen)
    ink = grid.Ink(layout, cells.element_line, heads(layout.columns), f"What {found.vo} may use", SHELF)
    return drawn(shown, ink, News.of(found.lines, found.mark, found.touched, now, found.announced), seen)


def _of_sites(found: Matrix, shown: Shown[Line]) -> Drawn[Line]:
    wanted = shown.asked

    def leading(site: str, within: str) -> str:
        only = {"type": within} if wanted.view.group == "type" else {}
        return address(wanted, found.vo, level="", group="", q=site, **only)

    return Drawn(shown, sites.written(shown, found.vo, found.announced, leading))
