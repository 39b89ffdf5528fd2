"""``/reports/vos``: all VOs side by side, for one month."""

from __future__ import annotations

from dataclasses import dataclass
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
from gridmask.portal.reports.gathering import everything, where
from gridmask.portal.reports.months import after, beginning, month_of
from gridmask.portal.reports.summing import Cell, Only, Per, Sheet, Sort, summed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gridmask.bootstrap import Installation

router = APIRouter(include_in_schema=False, tags=[TAG])

Apart = Literal["site", "type", "country"]


@dataclass(frozen=True, slots=True)
class Side:
    """What each VO could use of one thing; None: it was not offered any of it."""

    name: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """All VOs side by side: a column each, and what each could use of everything."""

    vos: tuple[str, ...]
    totals: tuple[Cell, ...]
    rows: tuple[Side, ...]


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

    async def found() -> Sides:
        masks = await gridmask.masks.revisions()
        vos = reader.readable((ALL, *sorted(masks.keys() - {ALL})))
        places = await where(gridmask)
        return sides({vo: await _of(gridmask, vo, begin, Per(per), places) for vo in vos})

    if format == "csv":
        return sheet(f"availability-{begin:%Y-%m}", (per, "vo", "availability", "reliability"), _records(await found()))

    async def make() -> pages.Page:
        about = {
            "vo": None,
            "sides": await found(),
            "begin": begin,
            "per": per,
            "pers": ("site", "type", "country"),
            "earlier": f"{after(begin, -1):%Y-%m}",
            "later": f"{after(begin):%Y-%m}" if after(begin) <= now else "",
            "address": lambda **other: _address(begin, per, **other),
        }
        return await pages.made("reports/beside.html", {**about, **await around(gridmask, reader, REPORTS)})

    return await pages.answer(request, make)


async def _of(gridmask: Installation, vo: str, begin: datetime, per: Per, places: Mapping[str, str]) -> Sheet:
    report, lines = await everything(gridmask, vo, begin, after(begin), By.TOTAL)
    return await to_thread.run_sync(summed, lines, report.bounds, per, places, Only(), Sort.NAME)


def sides(sheets: Mapping[str, Sheet]) -> Sides:
    """``sheets``, one of each VO, side by side; each is of one part of time."""
    cells = {(vo, row.name): row.total for vo, made in sheets.items() for row in made.rows}
    names = sorted({name for _, name in cells}, key=lambda name: (not name, name.casefold(), name))
    rows = tuple(Side(name, tuple(cells.get((vo, name)) for vo in sheets)) for name in names)
    return Sides(tuple(sheets), tuple(made.total.total for made in sheets.values()), rows)


def _address(begin: datetime, per: str, **other: str) -> str:
    return addresses.asking("/reports/vos", {"month": f"{begin:%Y-%m}", "per": per, **other})


def _records(made: Sides) -> Iterable[list[object]]:
    everything_ = Side("all", made.totals)
    for row in (*made.rows, everything_):
        for vo, cell in zip(made.vos, row.cells, strict=True):
            if cell is not None:
                shares = (cell.tally.availability, cell.tally.reliability)
                yield [row.name, vo, *(None if share is None else round(share, 6) for share in shares)]
