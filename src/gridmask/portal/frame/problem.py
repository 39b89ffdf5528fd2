"""A page that tells what went wrong, and where to go on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fastapi.responses import HTMLResponse

from gridmask.domain.element import ElementKey
from gridmask.domain.errors import NotKnown, Unauthenticated
from gridmask.domain.vo import ALL
from gridmask.portal.frame import addresses
from gridmask.portal.frame.assets import TAG, environment
from gridmask.portal.frame.pages import HEADERS
from gridmask.portal.frame.reader import UNKNOWN, reader_of

if TYPE_CHECKING:
    from fastapi import Request, Response

_OF_PROGRAMS = ("/api/", "/static/")
_KEPT = ("allow", "retry-after", "www-authenticate")


def is_for_people(request: Request) -> bool:
    """Whether it is a person who should be told what went wrong with ``request``: who looked for a page, or goes astray."""
    route = request.scope.get("route")
    if TAG in getattr(route, "tags", ()) and request.method in {"GET", "HEAD"}:
        return True
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(_OF_PROGRAMS)


def problem(request: Request, told: Response, error: Exception) -> HTMLResponse:
    """What went wrong, as a page; ``told`` is how programs are told."""
    said = json.loads(bytes(told.body))
    reader = reader_of(request)
    if isinstance(error, Unauthenticated) and reader.login and not request.url.path.startswith("/login"):
        said["title"] = "Log in to see this"
    ways = {"nearest": _nearest(request, error), "search": _search(request, error), "reader": reader}
    page = environment().get_template("frame/problem.html").render({**said, **ways})
    kept = {name: value for name, value in told.headers.items() if name in _KEPT}
    headers = {**HEADERS, **kept, "Cache-Control": "no-store"}
    return HTMLResponse(page.encode(errors="replace"), told.status_code, headers=headers)


def fault() -> HTMLResponse:
    """That it is our own fault, as a page that needs nothing but itself."""
    told = {"status": 500, "title": "Gridmask met a fault of its own", "detail": "Its log says more. Try again in a moment."}
    page = environment().get_template("frame/problem.html").render({**told, "nearest": None, "search": None, "reader": UNKNOWN})
    return HTMLResponse(page, 500, headers={**HEADERS, "Cache-Control": "no-store"})


def _nearest(request: Request, error: Exception) -> tuple[str, str] | None:
    """What was probably meant, and where it is."""
    if not isinstance(error, NotKnown) or error.suggestion is None:
        return None
    asked, vo = request.path_params, request.query_params.get("vo", ALL)
    if error.kind == "VO" and "vo" in asked:
        return error.suggestion, addresses.matrix(error.suggestion, dict(request.query_params))
    if error.kind == "source":
        return error.suggestion, addresses.source(error.suggestion)
    if "family" not in asked:
        return None
    if error.kind == "VO":
        return error.suggestion, addresses.element(ElementKey(asked["family"], asked["type"], asked["name"]), error.suggestion)
    return error.suggestion, addresses.element(ElementKey(asked["family"], asked["type"], error.suggestion), vo)


def _search(request: Request, error: Exception) -> str | None:
    """Where elements with such a name would be found, of whatever type."""
    if not isinstance(error, NotKnown) or error.kind == "VO" or "family" not in request.path_params:
        return None
    return addresses.matrix(ALL, {"q": error.name})
