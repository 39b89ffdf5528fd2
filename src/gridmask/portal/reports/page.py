"""``/reports``: availability and reliability of what a VO was offered, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

from gridmask.domain.availability import By
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.vo import ALL
from gridmask.portal.frame import addresses, pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.moments import LONGEST, moment
from gridmask.portal.frame.reader import reader_of
from gridmask.portal.frame.sections import REPORTS
from gridmask.portal.frame.sheets import sheet
from gridmask.portal.frame.shelf import shelf_of
from gridmask.portal.reports.gathering import everything, where
from gridmask.portal.reports.months import CUSTOMARY, after, beginning, label
from gridmask.portal.reports.summing import Only, Per, Row, Sheet, Sort, summed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gridmask.bootstrap import Installation

router = APIRouter(include_in_schema=False, tags=[TAG])

MOST_PARTS = 62
"""So many months or days are beside each other at most."""

MOST_CELLS = 6000
"""So many cells are shown, or about as many; CSV has them all."""

FRESH_FOR, KEPT = 60.0, 4
"""For so many seconds figures are shown again, of the last so many periods that somebody asked for."""

Name = Annotated[str, Query(max_length=255)]
Moment = Annotated[str, Query(max_length=LONGEST)]

COLUMNS = (
    *("name", "site", "type", "from", "to", "availability", "reliability"),
    *("usable_h", "excused_h", "unexcused_h", "unknown_h", "absent_h", "elements", "unsure"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see."""

    vo: str
    since: str
    until: str
    per: Per
    by: By
    sort: Sort
    only: Only

    def address(self, **other: str) -> str:
        """The page with this, but for what is given."""
        said = {"vo": self.vo, "from": self.since, "to": self.until, "per": self.per, "by": self.by, "sort": self.sort}
        narrowed = {"site": self.only.site, "type": self.only.type, "country": self.only.country}
        told = {**said, **narrowed, **other}
        usual = {"per": Per.SITE.value, "by": By.MONTH.value, "sort": Sort.NAME.value}
        return addresses.asking("/reports", {name: value for name, value in told.items() if usual.get(name) != value})

    def within(self, row: Row) -> str:
        """Where what ``row`` is made of is told apart; empty: nowhere."""
        match self.per:
            case Per.SITE:
                return self.address(per="element", site=row.name) if row.name else ""
            case Per.COUNTRY:
                return self.address(per="site", country=row.name) if row.name else ""
            case Per.TYPE:
                return self.address(per="element", type=row.name)
        return ""


@router.api_route("/reports", methods=["GET", "HEAD"])
async def reports(  # noqa: PLR0913, PLR0917 - each is a part of what is asked for
    request: Request,
    vo: Annotated[str, Query(min_length=1, max_length=64)] = ALL,
    since: Annotated[str, Query(alias="from", max_length=LONGEST)] = "",
    until: Annotated[str, Query(alias="to", max_length=LONGEST)] = "",
    per: Per = Per.SITE,
    by: Literal["month", "day"] = "month",
    sort: Sort = Sort.NAME,
    site: Name = "",
    type: Name = "",  # noqa: A002 - its name in the URL
    country: Name = "",
    format: Literal["", "csv"] = "",  # noqa: A002 - its name in the URL
) -> Response:
    """The page; or all that it is about, as CSV."""
    gridmask: Installation = request.app.state.installation
    asked = Asked(vo, since.strip(), until.strip(), per, By(by), sort, Only(site, type, country))
    reader = reader_of(request)
    begin, end = period(asked, gridmask.clock())

    async def found() -> tuple[str, Sheet]:
        called = (await gridmask.vos.resolve_ever(vo), asked.since, asked.until, by)
        shelf = shelf_of(request, "reports", KEPT)
        # who sorts, or looks closer, need not wait again
        report, lines = await shelf.get(called, FRESH_FOR, lambda: everything(gridmask, vo, begin, end, asked.by))
        places = await where(gridmask)
        return report.vo, await to_thread.run_sync(summed, lines, report.bounds, per, places, asked.only, sort)

    if format == "csv":
        called, made = await found()
        return sheet(f"availability-{called}-{begin:%Y-%m-%d}", COLUMNS, _records(made))

    async def make() -> pages.Page:
        called, made = await found()
        rows = made.rows[: MOST_CELLS // len(made.parts)]
        about = {
            "vo": called,
            "asked": asked,
            "sheet": made,
            "rows": rows,
            "left_out": len(made.rows) - len(rows),
            "labels": [label(*part) for part in made.parts],
            "begin": begin,
            "end": made.parts[-1][1],
            "pers": tuple(Per),
            "month": f"{beginning(made.parts[-1][0]):%Y-%m}",
        }
        return await pages.made("reports/reports.html", {**about, **await around(gridmask, reader, REPORTS, called)})

    return await pages.answer(request, make)


def period(asked: Asked, now: datetime) -> tuple[datetime, datetime]:
    """From when to when a report is: half a year of months, or a month of days, unless told otherwise.

    Raises:
        InvalidRequest: it has too many parts, or is none.
    """
    end = moment(asked.until) or now
    usual = after(beginning(min(end, now)), 1 - CUSTOMARY) if asked.by is By.MONTH else beginning(min(end, now))
    begin = moment(asked.since) or usual
    length = timedelta(days=31) if asked.by is By.MONTH else timedelta(days=1)
    if end - begin > length * MOST_PARTS:
        raise InvalidRequest(f"That is more than {MOST_PARTS} {asked.by}s; ask for a shorter time.")
    return begin, end


def _records(made: Sheet) -> Iterator[list[object]]:
    for row in (*made.rows, made.total):
        kind, site = (row.key.type, row.site) if row.key else ("", "")
        for (start, end), cell in zip(made.parts, row.cells, strict=True):
            tally = cell.tally
            spent = (tally.usable, tally.excused, tally.unexcused, tally.unknown, tally.absent)
            shares = (None if share is None else round(share, 6) for share in (tally.availability, tally.reliability))
            hours = (round(span / timedelta(hours=1), 4) for span in spent)
            unsure = "unsure" if row.unsure else ""
            yield [row.name, site, kind, start, end, *shares, *hours, row.elements, unsure]
