"""``/api/v1/downtimes/{vo}.ics``: a VO's downtimes, for programs that people look at their days with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from gridmask.api.dependencies import Here, NameFilter
from gridmask.api.timelines import VoName
from gridmask.conditional import has_it, takes_gzip
from gridmask.feeds.downtimes_ics import MEDIA_TYPE

router = APIRouter(prefix="/api/v1/downtimes", tags=["downtimes"])

_ETAG = {"ETag": {"description": "A strong validator: another if and only if the bytes are.", "schema": {"type": "string"}}}


@router.get(
    "/{vo}.ics",
    summary="Subscribe to a VO's downtimes",
    response_class=Response,
    responses={
        200: {
            "description": "The calendar.",
            "headers": _ETAG,
            "content": {"text/calendar": {"schema": {"type": "string"}}},
        },
        304: {"description": "The reader has it already.", "headers": _ETAG},
    },
)
async def read_calendar(
    gridmask: Here,
    vo: VoName,
    site: Annotated[NameFilter, Query(description="Only what concerns this site and what is there.")] = None,
    if_none_match: Annotated[str | None, Header(description="The validators of what the reader has.")] = None,
    accept_encoding: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """The downtimes of what is offered to the VO as iCalendar (RFC 5545): those to come, ongoing, and of the last 30 days."""
    zipped = takes_gzip(accept_encoding)
    served = await gridmask.calendars.serve(vo, site, zipped=zipped)
    headers = {"ETag": served.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if if_none_match is not None and has_it(if_none_match, served.etag):
        return Response(status_code=304, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(served.body, media_type=MEDIA_TYPE, headers=headers)
