"""``/vos/{vo}``: how a VO fares, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from gridmask.portal.drawing.bars import line
from gridmask.portal.frame import pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.sections import OVERVIEW

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation

router = APIRouter(include_in_schema=False, tags=[TAG])


@router.api_route("/vos/{vo}", methods=["GET", "HEAD"])
async def overview(request: Request, vo: str) -> Response:
    """The page."""
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)

    async def make() -> pages.Page:
        called = await gridmask.vos.resolve(vo)
        counts = await gridmask.masks.counts()
        about = {"vo": called, "mask": line(called, counts[called])}
        return await pages.made("overview/vo.html", {**about, **await around(gridmask, reader, OVERVIEW, called)})

    return await pages.answer(request, make)
