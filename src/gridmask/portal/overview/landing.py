"""``/``: what this is, and how it fares, on one page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from gridmask.domain.vo import ALL
from gridmask.portal.drawing.bars import line
from gridmask.portal.drawing.marks import waiting_for_all
from gridmask.portal.frame import pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import EVERY_IN_A_PLAY, frame
from gridmask.portal.frame.reader import Reader, reader_of
from gridmask.service.downtimes import When

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.bootstrap import Installation
    from gridmask.domain.guard import Batch

router = APIRouter(include_in_schema=False, tags=[TAG])

MOST_PROBLEMS = 50
"""So many problems of a source are told."""


@router.api_route("/", methods=["GET", "HEAD"])
async def landing(request: Request) -> Response:
    """The page."""
    gridmask: Installation = request.app.state.installation

    reader = reader_of(request)

    async def make() -> pages.Page:
        return await pages.made("overview/landing.html", await _context(gridmask, reader))

    return await pages.answer(request, make)


def held_for(reader: Reader, batches: Iterable[Batch]) -> list[Batch]:
    """Those of ``batches`` that ``reader`` is told of: of what concerns several VOs together, only who reads about each."""
    return [batch for batch in batches if all(map(reader.reads, batch.vos))]


async def _context(gridmask: Installation, reader: Reader) -> dict[str, object]:
    counts = await gridmask.masks.counts()
    # there is no stream of all masks together: it looks often instead
    around = replace(frame(gridmask, await gridmask.masks.revisions(), reader), every=EVERY_IN_A_PLAY)
    # what is announced for one VO alone is not counted for others
    whose = None if reader.reads(ALL) else around.vos
    return {
        "reader": reader,
        "frame": around,
        "revision": gridmask.board.revision,
        "everyone": line(ALL, counts[ALL]) if reader.reads(ALL) else None,
        "masks": [line(vo, count) for vo, count in counts.items() if vo != ALL and reader.reads(vo)],
        "most_problems": MOST_PROBLEMS,
        "refused": gridmask.reloading.problem,
        "waiting": waiting_for_all(held_for(reader, await gridmask.batches.list())),
        "sources": await gridmask.sources.health(),
        "ongoing": len(await gridmask.downtimes.list(When.ONGOING, vos=whose)),
        "coming": len(await gridmask.downtimes.list(When.FUTURE, vos=whose)),
    }
