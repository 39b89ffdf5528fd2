"""``/compare``: one status type, as all VOs see it side by side."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response

from gridmask.domain.vo import ALL
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.sections import MATRIX
from gridmask.portal.frame.zones import tell_in
from gridmask.portal.matrix import cells, grid
from gridmask.portal.matrix.asked import Asked, asked
from gridmask.portal.matrix.drawn import Drawn, News, drawn
from gridmask.portal.matrix.groups import show
from gridmask.portal.matrix.seen import Seen
from gridmask.portal.matrix.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.portal.frame.reader import Reader
    from gridmask.service.matrix import Across, Comparison

router = APIRouter(include_in_schema=False, tags=[TAG])

SHELF: Shelf[Across] = Shelf()
"""Lines as they were last written, by this process."""

EVERY = 5
"""Seconds after which it is looked at anew: the stream that its page follows is that of one VO."""

Differs = Literal["", "yes"]
StatusType = Annotated[str, Query(max_length=64)]
Vo = Annotated[str, Query(min_length=1)]


@router.api_route("/compare", methods=["GET", "HEAD"])
async def compare(
    request: Request,
    wanted: Annotated[Asked, Depends(asked)],
    status_type: StatusType = "",
    differs: Differs = "",
    vo: Vo = ALL,
    since: Annotated[str, Query(max_length=99)] = "",
) -> Response:
    """The page."""
    gridmask: Installation = request.app.state.installation
    reader, seen = reader_of(request), Seen.parse(since)

    async def make() -> pages.Page:
        name = await gridmask.vos.resolve(vo)
        found = await gridmask.matrices.across(await readable(gridmask, reader), status_type, seen.mark if seen else None)
        drawing = partial(draw, found, wanted, gridmask.clock(), name, seen=seen, zone=reader.zone, differs=bool(differs))
        also = {"status_type": status_type, "differs": differs}
        about = {"drawn": await to_thread.run_sync(drawing), "vo": name, "found": found, "differs": differs}
        about |= {"every": EVERY, "revision": found.mark.revision, "address": partial(address, wanted, also)}
        about |= {"exported": partial(exported, wanted, {**also, "vo": name}), "everything": addresses.compare(name)}
        return await pages.made("matrix/compare.html", {**about, **await around(gridmask, reader, MATRIX, name)})

    return await pages.answer(request, make)


async def readable(gridmask: Installation, reader: Reader) -> tuple[str, ...]:
    """The VOs whose columns ``reader`` sees: those about which they may read, ``all`` first."""
    known = await gridmask.masks.revisions()
    return reader.readable((ALL, *sorted(known.keys() - {ALL})))


def address(wanted: Asked, also: Mapping[str, str], vo: str, **other: str) -> str:
    """The comparison as it is ``wanted``, for who looks for ``vo``, but for what is given."""
    return addresses.compare(vo, {**also, **wanted.said, **other})


def exported(wanted: Asked, also: Mapping[str, str], kind: str) -> str:
    """What the comparison shows as it is ``wanted``, as data."""
    return addresses.asking(f"/compare.{kind}", {**also, **wanted.said})


def chosen(found: Comparison, *, differs: bool) -> list[Across]:
    """The lines of ``found``; with ``differs``, those alone that VOs see differently."""
    return [line for line in found.lines if not differs or len({row.status for row in line.rows}) > 1]


def draw(  # noqa: PLR0913 - what a page depends on
    found: Comparison,
    wanted: Asked,
    now: datetime,
    vo: str,
    *,
    seen: Seen | None = None,
    zone: str = "UTC",
    differs: bool = False,
) -> Drawn[Across]:
    """``found`` as it is ``wanted`` by who looks for ``vo``, at ``now``; to who has ``seen`` it, what is news."""
    tell_in(zone)
    shown = show(
        chosen(found, differs=differs), wanted, known=SHELF.folders.of((f"{found.status_type} {differs} {found.vos}", wanted))
    )
    layout = cells.Layout(vo, found.vos, wanted.view.group, zone, noted=False)
    heads = tuple((one, one) for one in found.vos)
    ink = grid.Ink(layout, cells.across_line, heads, f"{found.status_type} of each VO", SHELF)
    return drawn(shown, ink, News.of(found.lines, found.mark, found.touched, now), seen)
