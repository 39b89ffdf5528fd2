"""``/vos/{vo}/matrix``: what a VO may use, element by element."""

from __future__ import annotations

from dataclasses import dataclass
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
from gridmask.portal.matrix.grid import Written
from gridmask.portal.matrix.groups import Shown, columns, heads, show
from gridmask.portal.matrix.seen import Seen
from gridmask.portal.matrix.shelf import Shelf

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.domain.element import ElementKey
    from gridmask.service.matrix import Line, Matrix

router = APIRouter(include_in_schema=False, tags=[TAG])

SHELF = Shelf()
"""Lines as they were last written, by this process."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A matrix as the page shows it.

    Attributes:
        shown: what is shown.
        grid: it as HTML; of a part, those groups and lines alone that changed.
        is_part: whether it is a part.
        seen: what whoever gets it has seen; empty: they are to ask for all of it again.
    """

    shown: Shown[Line]
    grid: Written
    is_part: bool = False
    seen: str = ""


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
        about |= {"compare": addresses.asking("/compare", {"vo": found.vo})}
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
) -> Drawn:
    """``found`` as it is ``wanted``, at ``now``; if only a part of it is news to who has ``seen`` it, that part."""
    tell_in(zone)
    shown = show(found.lines, wanted, found.announced)
    if wanted.view.level == "site":
        return _of_sites(found, shown)
    # of what could be shown, and not of what is: lines come and go, and must not take columns along
    likely = [line for line in found.lines if wanted.filters.type in {"", line.element.key.type}]
    layout = cells.Layout(found.vo, columns(likely), wanted.view.group, zone, chosen)
    ink = grid.Ink(layout, cells.element_line, heads(layout.columns), f"What {found.vo} may use", SHELF)
    here = Seen.of(found, now)
    if seen is None or seen.listed != here.listed or found.touched is None:
        return Drawn(shown, ink.written(grid.whole(shown.blocks, ink, now)), seen=str(here))
    since = grid.Since(found.touched, seen.at)
    changed = grid.part(shown.blocks, _left(found, shown, found.touched), ink, since, now)
    return Drawn(shown, ink.written(changed), is_part=True, seen=str(here))


def _left(found: Matrix, shown: Shown[Line], touched: frozenset[ElementKey]) -> list[Line]:
    """Lines that were touched, and are not shown."""
    there = {line.element.key for line in shown.lines} if touched else frozenset()
    return [line for line in found.lines if line.element.key in touched and line.element.key not in there]


def _of_sites(found: Matrix, shown: Shown[Line]) -> Drawn:
    wanted = shown.asked

    def leading(site: str, within: str) -> str:
        only = {"type": within} if wanted.view.group == "type" else {}
        return address(wanted, found.vo, level="", group="", q=site, **only)

    return Drawn(shown, sites.written(shown, found.vo, found.announced, leading))
