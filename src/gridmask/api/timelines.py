"""``/api/v1/timelines``: what VOs saw of the status of elements over a stretch of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BeforeValidator, Field

from gridmask.api.dependencies import Cursor, FamilyFilter, Here, Limit, NameFilter, WordFilter
from gridmask.api.models import ElementId, Moment, Reason, Said, Some, StatusName
from gridmask.domain.mask import Absence
from gridmask.service.timelines import Wanted, customary

if TYPE_CHECKING:
    from gridmask.service.timelines import TimelinePage

router = APIRouter(prefix="/api/v1/timelines", tags=["timelines"])


def _day(given: object) -> object:
    """A date alone is the beginning of that day in UTC."""
    return f"{given}T00:00Z" if isinstance(given, str) and len(given) == len("2026-08-21") else given


Since = Annotated[Moment, BeforeValidator(_day)]
"""A moment, or a day."""

VoName = Annotated[str, Path(min_length=1, max_length=255)]


class StretchSaid(Said):
    """What a VO saw for a while."""

    start: Moment
    end: Moment = Field(description="Not included.")
    status: StatusName | None = Field(description="Null: the VO's mask did not show it; `absence` says why.")
    absence: Absence | None
    row: Some = Field(description="Whose row answered: the VO's own, or `all`.")
    binding: bool = Field(description="Whether that outranked every VO's own row.")
    owner: str | None = Field(description="Who held it; null: nobody.")
    reasons: list[Reason]
    kind: Some = Field(description="What began it; null: the element or the VO came, or went.")
    actor: Some = Field(description="Who did that.")
    revision: int = Field(description="In which revision; 0: none, or before there was one.")


class TimelineSaid(ElementId):
    """What a VO saw of one aspect of an element."""

    status_type: str = Field(examples=["all", "ReadAccess"])
    stretches: list[StretchSaid] = Field(description="In order, without a gap; each is other than the one before.")


class TimelinesSaid(Said):
    """Part of the timelines."""

    vo: str
    start: Moment
    end: Moment = Field(description="Not later than now.")
    timelines: list[TimelineSaid]
    next: int | None = Field(description="The `cursor` that asks for what comes after; null: that was all.")


@router.get("/{vo}", summary="Look back at a VO's timelines")
async def list_timelines(
    gridmask: Here,
    vo: VoName,
    since: Annotated[Since | None, Query(alias="from", description="From when on; else for 7 days.")] = None,
    until: Annotated[Since | None, Query(alias="to", description="Up to when; else now.")] = None,
    family: FamilyFilter = None,
    type: WordFilter = None,  # noqa: A002 - its name in the URL
    name: NameFilter = None,
    site: NameFilter = None,
    status_type: WordFilter = None,
    cursor: Cursor = 0,
    limit: Limit = 100,
) -> TimelinesSaid:
    """What a VO's mask said of each element for which every filter holds, from when up to when, by what and why.

    An element is told by its present name, and what was not shown in all that time is left out. `limit` elements or fewer come
    at a time.
    """
    end = until or gridmask.clock()
    wanted = Wanted(where(family, type, name, site), status_type)
    return said(await gridmask.timelines.page(vo, since or customary(end), end, wanted, cursor=cursor, limit=limit))


def where(family: str | None, type_: str | None, name: str | None, site: str | None) -> dict[str, str]:
    """Columns of elements, by what they must be."""
    asked = {"family": family, "type": type_, "name": name, "site": site}
    return {column: value for column, value in asked.items() if value is not None}


def said(page: TimelinePage) -> TimelinesSaid:
    """Timelines as the API says them."""
    timelines = [
        TimelineSaid(
            **timeline.element._asdict(),
            status_type=timeline.status_type,
            stretches=list(map(StretchSaid.model_validate, timeline.stretches)),
        )
        for timeline in page.timelines
    ]
    return TimelinesSaid(vo=page.vo, start=page.since, end=page.until, timelines=timelines, next=page.cursor)
