"""Forms: what people send from our own pages, and from nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request

MOST_FIELDS = 20
"""So many fields a form may have."""


async def sent(request: Request, *names: str) -> Mapping[str, str]:
    """The fields called ``names`` of the form that was sent; empty where one was not.

    A page from elsewhere can have a browser send a form on behalf of whoever sits at it. The door refuses what says that it
    comes from elsewhere; this refuses what does not say whence it comes, as no browser of today does.

    Raises:
        HTTPException: it does not come from a page of ours, or is no form.
    """
    site = request.headers.get("sec-fetch-site")
    if site != "same-origin" and (site is not None or "origin" not in request.headers):
        raise HTTPException(403, "Send this form from the page that it is on. A program asks at /api/v1/ instead.")
    try:
        fields = parse_qs((await request.body()).decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400, "This is no form that one of our pages has.") from error
    return {name: fields.get(name, [""])[0] for name in names}
