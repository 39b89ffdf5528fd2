"""Origins: pages from elsewhere that may read. By default none may; nothing from elsewhere may ever change anything.

A browser lets them read what anybody could, or what a token opens that they have themselves: never what a cookie would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from starlette.types import Scope

ANY = "*"
METHODS = ("GET", "HEAD")
PATHS = ("/api/", "/openapi.json")
"""How what they may read begins: pages for people are not among it."""

SENT = ("Authorization", "If-None-Match", "Last-Event-ID")
"""Headers that they may send, beside those that any page may."""

SHOWN = (
    "Age",
    "ETag",
    "Gridmask-Checked-At",
    "Gridmask-Mark",
    "Gridmask-Next",
    "Gridmask-Revision",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-Id",
)
"""Headers of answers that they are shown."""

_REMEMBERED = 600


def preflight(scope: Scope, headers: Mapping[bytes, bytes], allowed: Collection[str]) -> Response | None:
    """The answer to a browser that asks what a page may do; None: it does not, or the page may do nothing."""
    wanted = headers.get(b"access-control-request-method", b"").decode("latin-1")
    if scope["method"] != "OPTIONS" or wanted not in METHODS or not _may(scope, headers, allowed):
        return None
    told = {
        "Access-Control-Allow-Methods": ", ".join(METHODS),
        "Access-Control-Allow-Headers": ", ".join(SENT),
        "Access-Control-Max-Age": str(_REMEMBERED),
    }
    return Response(status_code=204, headers=told)


def shared(scope: Scope, headers: Mapping[bytes, bytes], allowed: Collection[str]) -> list[tuple[bytes, bytes]]:
    """What an answer says to a browser about who may read it."""
    if not allowed or not scope["path"].startswith(PATHS):
        return []
    told = [(b"vary", b"Origin")] if ANY not in allowed else []
    if scope["method"] in {*METHODS, "OPTIONS"} and _may(scope, headers, allowed):
        told.append((b"access-control-allow-origin", ANY.encode() if ANY in allowed else headers[b"origin"]))
        told.append((b"access-control-expose-headers", ", ".join(SHOWN).encode()))
    return told


def _may(scope: Scope, headers: Mapping[bytes, bytes], allowed: Collection[str]) -> bool:
    origin = headers.get(b"origin", b"").decode("latin-1")
    return bool(origin) and scope["path"].startswith(PATHS) and (ANY in allowed or origin in allowed)
