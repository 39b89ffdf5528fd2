"""What is refused before anything looks at it: foreign origins, bodies that are too long or no JSON."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from gridmask.api import problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response
    from starlette.types import Message, Receive

MOST_BYTES = 2**20
"""How long the body of a request may be."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""The methods that change nothing."""

_TOO_LONG = f"A request's body may have {MOST_BYTES:,} bytes at most."


JSON, FORM = b"application/json", b"application/x-www-form-urlencoded"
"""What the body of a request may be. A page from elsewhere can post a form: it is told by its origin alone."""

ELSEWHERE = frozenset({b"cross-site", b"same-site"})
"""What browsers say in ``Sec-Fetch-Site`` of what pages of other servers have them send."""

FORMS = ("/sources/", "/deeds/", "/guard/", "/policies/")
"""Where pages send their forms to."""


TOLD_ONCE = "/api/v1/evidence/alertmanager/"
"""Where those tell us of something who, when it is refused, try again only if the server failed."""


def expected(path: str, media_type: bytes) -> bytes:
    """What the body of a request for ``path`` is to be, where others are to be of ``media_type``: pages send forms."""
    return FORM if media_type == JSON and path.startswith(FORMS) else media_type


def refusal(method: str, headers: Mapping[bytes, bytes], media_type: bytes = JSON) -> Response | None:
    """Why a request is refused as it stands; None if it is not. ``media_type``: what its body is to be."""
    return None if method in SAFE else _origin(headers) or _body(headers, media_type)


def limited(receive: Receive, within: float) -> Receive:
    """``receive``, which gives up on a body that becomes too long without having said so, or takes longer than ``within`` s."""
    taken, whole = 0, False
    deadline = asyncio.get_running_loop().time() + within

    async def take() -> Message:
        nonlocal taken, whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            told = f"A request's body may take {within:g} s to arrive."
            raise HTTPException(408, told, {"Connection": "close"}) from None
        whole = not message.get("more_body", False)
        taken += len(message.get("body", b""))
        if taken > MOST_BYTES:
            raise HTTPException(413, _TOO_LONG)
        return message

    return take


def _origin(headers: Mapping[bytes, bytes]) -> Response | None:
    """A page from elsewhere can have a browser send requests on behalf of whoever sits at it."""
    origin = headers.get(b"origin")
    if headers.get(b"sec-fetch-site") in ELSEWHERE:
        return problems.answer(403, "Pages from elsewhere may not change anything here.")
    if origin is None or origin.partition(b"://")[2] == headers.get(b"host"):
        return None
    return problems.answer(403, f"Pages from {origin.decode('latin-1')!r} may not change anything here.")


def _body(headers: Mapping[bytes, bytes], media_type: bytes) -> Response | None:
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > MOST_BYTES:
        return problems.answer(413, _TOO_LONG, headers={"Connection": "close"})
    has_body = length != b"0" or b"transfer-encoding" in headers
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if has_body and kind != media_type:
        wanted = media_type.decode("ascii")
        told = f"Send {'JSON' if media_type == JSON else 'a form'}, with the header 'Content-Type: {wanted}'."
        return problems.answer(415, told, headers={"Accept": wanted})
    return None
