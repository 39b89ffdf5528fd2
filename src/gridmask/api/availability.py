"""``/api/v1/availability``: how much of a period VOs could use elements and sites."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Query, Response
from pydantic import Field

from gridmask.api.dependencies import Cursor, FamilyFilter, Here, Limit, NameFilter, WordFilter
from gridmask.api.models import Moment, Said
from gridmask.api.timelines import Since, VoName, where
from gridmask.domain.availability import By
from gridmask.feeds import availability as feed
from gridmask.service.availability import Per, Sums
from gridmask.service.timelines import Wanted

router = APIRouter(prefix="/api/v1/availability", tags=["availability"])

FOLLOWING = "Gridmask-Next"
"""The header that says of CSV what ``next`` says in JSON."""


class TallySaid(Said):
    """How a period was spent, in seconds; the five add up to its length."""

    start: Moment
    end: Moment
    usable: float
    excused: float = Field(description="Not usable, during an outage that had been announced before it began.")
    unexcused: float = Field(description="Not usable, without that excuse.")
    unknown: float = Field(description="Its status was `Unknown`.")
    absent: float = Field(description="Not offered, out of service, or not in the inventory.")
    availability: float | None = Field(description="usable / (usable + excused + unexcused); null: nothing is known.")
    reliability: float | None = Field(description="usable / (usable + unexcused); null: there was no such time.")


class LineSaid(Said):
    """How an element or a site fared."""

    family: str | None = Field(description="Of the element; null: this is of a whole site.")
    type: str | None
    name: str | None
    site: str
    status_type: str | None = Field(description="Null: all of them together, at each moment by the strictest.")
    unsure: bool = Field(description="Whether the time when it was absent may have been another.")
    periods: list[TallySaid]


class AvailabilitySaid(Said):
    """How things fared for a VO."""

    vo: str
    start: Moment
    end: Moment = Field(description="Not later than now.")
    by: By
    per: Per
    lines: list[LineSaid]
    next: int | None = Field(description="The `cursor` that asks for what comes after; null: that was all.")


@router.get(
    "/{vo}",
    summary="Report availability and reliability",
    response_model=AvailabilitySaid,
    responses={
        200: {
            "description": "The report.",
            "headers": {FOLLOWING: {"description": "Of CSV, what `next` is in JSON.", "schema": {"type": "string"}}},
            "content": {"text/csv": {"schema": {"type": "string"}}},
        }
    },
)
async def report_availability(
    gridmask: Here,
    vo: VoName,
    since: Annotated[Since, Query(alias="from", description="From when on: a day in UTC, or a time.")],
    until: Annotated[Since | None, Query(alias="to", description="Up to when; else now.")] = None,
    by: Annotated[By, Query(description="By which parts of the period, in UTC.")] = By.TOTAL,
    per: Annotated[Per, Query(description="Of each element, each of its status types, or each site.")] = Per.ELEMENT,
    family: FamilyFilter = None,
    type: WordFilter = None,  # noqa: A002 - its name in the URL
    name: NameFilter = None,
    site: NameFilter = None,
    status_type: WordFilter = None,
    format: Annotated[Literal["json", "csv"], Query(description="JSON, or CSV.")] = "json",  # noqa: A002 - its name in the URL
    cursor: Cursor = 0,
    limit: Limit = 1000,
) -> Response:
    """How much of a period a VO could use things, what was excused by outages that had been announced before, and what not.

    What was not there in all that time is left out. `limit` elements or fewer come at a time; sites come all at once.
    """
    wanted = Wanted(where(family, type, name, site), status_type)
    end = until or gridmask.clock()
    report = await gridmask.availability.report(vo, since, end, wanted, Sums(by, per), cursor=cursor, limit=limit)
    if format == "json":
        body = await to_thread.run_sync(partial(feed.encode_json, report, by, per))
        return Response(body, media_type=feed.JSON)
    more = {} if report.cursor is None else {FOLLOWING: str(report.cursor)}
    return Response(await to_thread.run_sync(feed.encode_csv, report), media_type=feed.CSV, headers=more)
