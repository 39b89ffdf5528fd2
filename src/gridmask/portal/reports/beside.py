"""``/reports/vos``: all VOs side by side, for one month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

from gridmask.domain.availability import By
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.vo import ALL
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.sections import REPORTS
from gridmask.portal.frame.sheets import sheet
from gridmask.portal.frame.shelf import Shelf, shelf_of
from gridmask.portal.reports.gathering import everything, where
from gridmask.portal.reports.months import after, beginning, month_of
from gridmask.portal.reports.sides import Side, Sides, sides
from gridmask.portal.reports.summing import Only, Per, Sheet, Sort, summed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.domain.availability import Line, Report

router = APIRouter(include_in_schema=False, tags=[TAG])

PATIENCE = 2.0
"""Seconds for which a reader is kept waiting; what is not summed up by then follows."""

FRESH_FOR = 600.0
"""Seconds for which the sums of a month are shown that goes on."""

Apart = Literal["site", "type", "country"]


@router.api_route("/reports/vos", methods=["GET", "HEAD"])
async def beside(
    request: Request,
    month: Annotated[str, Query(max_length=7)] = "",
    per: Apart = "site",
    format: Literal["", "csv"] = "",  # noqa: A002 - its name in the URL
) -> Response:
    """The page; or what is on it, as CSV."""
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)
    now = gridmask.clock()
    begin = month_of(month) if month else beginning(now)
    if begin > now:
        raise InvalidRequest(f"{begin:%Y-%m} is still to come. Ask for a month that has begun.")

    async def found(patience: float) -> Sides:
        masks = await gridmask.masks.revisions()
        vos = reader.readable((ALL, *sorted(masks.keys() - {ALL})))
        asked = _Asked(gridmask, shelf_of(request), begin, after(begin) <= now)
        made = await asked.of(vos, patience)
        return sides({vo: made[vo][Per(per)] if vo in made else None for vo in vos})

    if format == "csv":
        return sheet(f"availability-{begin:%Y-%m}", (per, "vo", "availability", "reliability"), _records(await found(inf)))

    async def make() -> pages.Page:
        about = {
            "vo": None,
            "sides": await found(PATIENCE),
            "begin": begin,
            "per": per,
            "pers": ("site", "type", "country"),
            "earlier": f"{after(begin, -1):%Y-%m}",
            "later": f"{after(begin):%Y-%m}" if after(begin) <= now else "",
            "address": lambda **other: _address({"month": f"{begin:%Y-%m}", "per": per, **other}),
        }
        return await pages.made("reports/beside.html", {**about, **await around(gridmask, reader, REPORTS)})

    return await pages.answer(request, make)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for of a month. What ``is_over`` does not change any more."""

    gridmask: Installation
    shelf: Shelf
    begin: datetime
    is_over: bool

    async def of(self, vos: Iterable[str], patience: float) -> dict[str, Mapping[Per, Sheet]]:
        """The sums of each of ``vos``; of as many as can be had within so many seconds, and of one more at least."""
        began, made, fresh = monotonic(), {}, 0
        places: Mapping[str, str] | None = None
        for vo in vos:
            called = ("month", vo, self.begin)
            within = inf if self.is_over else FRESH_FOR
            if not self.shelf.has(called, within):
                if fresh and monotonic() - began >= patience:
                    continue
                fresh += 1
                places = places if places is not None else await where(self.gridmask)
            made[vo] = await self.shelf.get(called, within, partial(self._make, vo, places or {}))
        return made

    async def _make(self, vo: str, places: Mapping[str, str]) -> Mapping[Per, Sheet]:
        report, lines = await everything(self.gridmask, vo, self.begin, after(self.begin), By.TOTAL)
        return await to_thread.run_sync(_sheets, report, lines, places)


def _sheets(report: Report, lines: list[Line], places: Mapping[str, str]) -> Mapping[Per, Sheet]:
    return {per: summed(lines, report.bounds, per, places, Only(), Sort.NAME) for per in (Per.SITE, Per.TYPE, Per.COUNTRY)}


def _address(asked: Mapping[str, str]) -> str:
    return addresses.asking("/reports/vos", asked)


def _records(made: Sides) -> Iterable[list[object]]:
    everything_ = Side("all", made.totals)
    for row in (*made.rows, everything_):
        for vo, cell in zip(made.vos, row.cells, strict=True):
            if cell is not None:
                shares = (cell.tally.availability, cell.tally.reliability)
                yield [row.name, vo, *(None if share is None else round(share, 6) for share in shares)]
