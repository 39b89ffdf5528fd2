"""Forms: what people send from our own pages, and from nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import Request

MOST_FIELDS = 20
"""So many fields a form may have, unless it says otherwise."""

UNKEPT = {"Cache-Control": "no-store"}
"""On an answer to a form: it is of this moment."""


async def sent(request: Request, *names: str) -> Mapping[str, str]:
    """The fields called ``names`` of the form that was sent; empty where one was not.

    Raises:
        HTTPException: it does not come from a page of ours, or is no form.
    """
    fields = await all_sent(request)
    return {name: fields.get(name, [""])[0] for name in names}


async def all_sent(request: Request, most: int = MOST_FIELDS) -> Mapping[str, Sequence[str]]:
    """All fields of the form that was sent, up to ``most`` of them; each as often as it was.

    A page from elsewhere can have a browser send a form on behalf of whoever sits at it. The door refuses what says that it
    comes from elsewhere; this refuses what does not say whence it comes, as no browser of today does.

    Raises:
        HTTPException: it does not come from a page of ours, or is no form.
    """
    site = request.headers.get("sec-fetch-site")
    if site != "same-origin" and (site is not None or "origin" not in request.headers):
        raise HTTPException(403, "Send this form from the page that it is on. A program asks at /api/v1/ instead.")
    try:
        return parse_qs((await request.body()).decode("ascii"), keep_blank_values=True, max_num_fields=most)
    except ValueError as error:
        raise HTTPException(400, "This is no form that one of our pages has.") from error
