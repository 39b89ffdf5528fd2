"""``/deeds/{deed}``: what people do to rows. A form is looked at first, or done at once, and then undone if that was wrong."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit, urlunsplit

from fastapi import APIRouter, Query, Request, Response

from gridmask.access.doorkeeper import is_anonymous
from gridmask.access.return_paths import HOME, local
from gridmask.domain.errors import GridmaskError, NotKnown, StaleWrite
from gridmask.domain.vo import ALL
from gridmask.portal.deeds.acting import Acting, Told
from gridmask.portal.deeds.done import Looked, done
from gridmask.portal.deeds.typed import Deed, Step, Typed
from gridmask.portal.frame import pages
from gridmask.portal.frame.assets import TAG
from gridmask.portal.frame.forms import UNKEPT, all_sent
from gridmask.portal.frame.frame import around
from gridmask.portal.frame.reader import reader_of

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation

router = APIRouter(include_in_schema=False, tags=[TAG])

MOST_FIELDS = 20_000
"""What comes with more rows than can be dealt with at once is told so; a body has its limit anyway."""


@router.api_route("/deeds/done", methods=["GET", "HEAD"])
async def look_back(
    request: Request,
    done_by: Annotated[str, Query(alias="done", max_length=64)] = "",
    vo: Annotated[str, Query(min_length=1)] = ALL,
    back: Annotated[str, Query(description="The page to go back to, as a path.")] = "/",
) -> Response:
    """What was done to several rows at once."""
    gridmask: Installation = request.app.state.installation
    reader = reader_of(request)
    with suppress(NotKnown):
        # whether there is such a VO is not told to everybody
        vo = await gridmask.vos.resolve(vo)
    found = await done(gridmask, reader, vo, done_by, Looked()) if reader.reads(vo) else None
    if found is None:
        raise NotKnown("deed", done_by)
    about = {"done": found, "vo": vo, "back": local(back)}
    page = await pages.made("deeds/done.html", {**await around(gridmask, reader, None, vo), **about})
    return Response(page.body, media_type="text/html", headers={**pages.HEADERS, **UNKEPT})


@router.post("/deeds/{deed}")
async def act(request: Request, deed: Deed) -> Response:
    """What somebody does; then back to where they were. What cannot be done is told with all that they typed."""
    fields = await all_sent(request, MOST_FIELDS)
    typed, step = Typed.of({"back": [_whence(request)], **fields}), [*fields.get("step", ()), Step.DO][0]
    acting = Acting(request.app.state.installation, reader_of(request), deed, typed)
    if is_anonymous(acting.reader.actor):
        return await acting.page((), Told(401, anonymous=True))
    try:
        acting = replace(acting, vo=await acting.whose())
        return await acting.undone() if deed is Deed.UNDO else await acting.answered(step)
    except StaleWrite as error:
        return await acting.too_late(error)
    except GridmaskError as error:
        return await acting.refused(error)


def _whence(request: Request) -> str:
    """The page from which a form was sent, as browsers say; the first page, where they do not."""
    parts = urlsplit(request.headers.get("referer", ""))
    return urlunsplit(("", "", parts.path, parts.query, "")) if parts.netloc == request.headers.get("host") else HOME
