"""``/vos/{vo}``: how a VO fares, at a glance."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response

from gridmask.domain.vo import ALL
from gridmask.portal.drawing.bars import bar, count
from gridmask.portal.drawing.marks import waiting_for
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.sections import OVERVIEW
from gridmask.portal.overview.types import by_type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.bootstrap import Installation
    from gridmask.domain.row import Row
    from gridmask.portal.frame.reader import Reader
    from gridmask.service.sources import Health

router = APIRouter(include_in_schema=False, tags=[TAG])

SOON = timedelta(hours=24)
"""Tokens that end within so long are told of."""


AHEAD = timedelta(days=3)
"""Downtimes that begin within so long are told of."""


class Span(StrEnum):
    """How far back to look for what happened."""

    HOUR = "1h"
    SHIFT = "8h"
    DAY = "24h"
    WEEK = "7d"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return {"1h": timedelta(hours=1), "8h": timedelta(hours=8), "24h": timedelta(hours=24), "7d": timedelta(days=7)}[self]

    @property
    def words(self) -> str:
        """How people call it."""
        return {"1h": "hour", "8h": "eight hours", "24h": "day", "7d": "week"}[self]


@router.api_route("/vos/{vo}", methods=["GET", "HEAD"])
async def overview(
    request: Request, vo: str, span: Annotated[Span, Query(description="How far back to look.")] = Span.SHIFT
) -> Response:
    """The page."""
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)

    async def make() -> pages.Page:
        about = await _about(gridmask, reader, vo, span)
        return await pages.made("overview/vo.html", about)

    return await pages.answer(request, make)


async def _about(gridmask: Installation, reader: Reader, vo: str, span: Span) -> dict[str, object]:
    found = await gridmask.matrices.of(vo)
    now = gridmask.clock()
    return {
        "vo": found.vo,
        "matrix": found,
        "of_all": bar(count(found.lines)),
        "types": by_type(found.lines),
        "sites": len({line.element.site for line in found.lines if line.element.site}),
        "span": span,
        "spans": {each: addresses.asking(addresses.overview(found.vo), {"span": each}) for each in Span},
        "recently": await gridmask.recent.of(found.vo, span.length),
        "announced": [one for one in await gridmask.agendas.of(found.vo, now, now + AHEAD) if not one.is_withdrawn],
        "waiting": waiting_for(found.vo, await gridmask.batches.list(reads=reader.reads), found.lines),
        "ending": await _ending(gridmask, reader, found.vo),
        "unwell": _unwell(await gridmask.sources.health()),
        "refused": gridmask.reloading.problem,
        **await around(gridmask, reader, OVERVIEW, found.vo),
    }


async def _ending(gridmask: Installation, reader: Reader, vo: str) -> list[Row]:
    rows = await gridmask.tokens.list(vo=vo, before=gridmask.clock() + SOON)
    return [row for row in rows if row.key.vo == ALL or reader.reads(row.key.vo)]


def _unwell(sources: Iterable[Health]) -> list[Health]:
    return [source for source in sources if source.state != "good"]
