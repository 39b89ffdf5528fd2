"""Telling: bytes that were made to be served as an answer; to who has them already, that it is so."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gridmask.conditional import chosen, has_it

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from starlette.types import Scope, Send

    from gridmask.bootstrap import Installation
    from gridmask.service.served import Served

Headers = list[tuple[bytes, bytes]]

LASTS = 24 * 3600
"""Seconds for which what will never be another may be kept without asking."""

NO_CACHE, OF_ALL, OF_ONE = b"no-cache", b"public, max-age=%d, immutable" % LASTS, b"private, max-age=%d, immutable" % LASTS
"""Who may keep an answer: whoever asks each time; what will never be another, everyone between, or the reader alone."""

_STRING = {"type": "string"}
HEADERS: dict[str, Any] = {
    "ETag": {"schema": _STRING, "description": "A strong validator: another if and only if the bytes are."},
    "Gridmask-Revision": {"schema": {"type": "integer"}, "description": "The last revision that changed this mask."},
    "Gridmask-Mark": {"schema": _STRING, "description": "By what this is told apart from a revision of another past."},
    "Gridmask-Checked-At": {"schema": {**_STRING, "format": "date-time"}, "description": "Until when it is known to be right."},
    "Age": {"schema": {"type": "integer"}, "description": "How many seconds ago that was: many while the database is away."},
}
"""What OpenAPI says of them."""

HAS_IT = {name: HEADERS[name] for name in ("ETag", "Age")}
"""The same, of an answer to who has it."""


def coding_for(scope: Scope) -> str:
    """How the answer is to be packed; empty: not at all."""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            return chosen(value.decode("latin-1"))
    return ""


def age(gridmask: Installation) -> Headers:
    """How old what is told may be: older than a moment only while the database is away."""
    checked_at = gridmask.board.checked_at
    if checked_at is None:
        return []
    seconds = (gridmask.clock() - checked_at).total_seconds()
    return [(b"gridmask-checked-at", iso(checked_at)), (b"age", b"%d" % max(seconds, 0))]


def iso(moment: datetime) -> bytes:
    """``moment`` as it is told."""
    return moment.isoformat().replace("+00:00", "Z").encode()


async def tell(
    scope: Scope,
    send: Send,
    served: Served,
    media_type: bytes,
    more: Iterable[tuple[bytes, bytes]] = (),
    cached: bytes = NO_CACHE,
) -> None:
    """Answer with ``served``; or, if the reader has it, with that. ``cached``: who may keep it."""
    known = next((value for name, value in scope["headers"] if name == b"if-none-match"), None)
    if known is not None and has_it(known.decode("latin-1"), served.etag):
        head = [*unchanged(served.etag, cached), *(header for header in more if header[0] == b"age")]
        await send({"type": "http.response.start", "status": 304, "headers": head})
        await send({"type": "http.response.body", "body": b""})
        return
    head = [*about(served, cached), *more, *of_body(media_type, len(served.body), served.coding)]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else served.body})


def about(served: Served, cached: bytes = NO_CACHE) -> tuple[tuple[bytes, bytes], ...]:
    """What is told about ``served`` beside its bytes."""
    return _about(served.etag, served.revision, served.mark, cached)


@lru_cache(4096)
def unchanged(etag: str, cached: bytes = NO_CACHE) -> tuple[tuple[bytes, bytes], ...]:
    """What is told to who has it: the rest came with it, and is as it was."""
    return (b"cache-control", cached), (b"vary", b"Accept-Encoding"), (b"etag", etag.encode())


@lru_cache(4096)
def _about(etag: str, revision: int, mark: str, cached: bytes) -> tuple[tuple[bytes, bytes], ...]:
    told = (*unchanged(etag, cached), (b"gridmask-revision", b"%d" % revision))
    return (*told, (b"gridmask-mark", mark.encode())) if mark else told


@lru_cache(4096)
def of_body(media_type: bytes, length: int, coding: str) -> tuple[tuple[bytes, bytes], ...]:
    """What is told about the bytes themselves."""
    told = ((b"content-type", media_type), (b"content-length", b"%d" % length))
    return (*told, (b"content-encoding", coding.encode())) if coding else told
