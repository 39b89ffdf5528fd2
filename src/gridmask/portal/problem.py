"""A page that tells what went wrong, and where to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.responses import HTMLResponse

from gridmask.domain.element import ElementKey
from gridmask.domain.errors import GridmaskError, NotKnown
from gridmask.domain.vo import ALL
from gridmask.portal import addresses
from gridmask.portal.assets import POLICY, TAG, environment

if TYPE_CHECKING:
    from fastapi import Request

_OF_PROGRAMS = ("/api/", "/static/")


def is_for_people(request: Request) -> bool:
    """Whether it is a person who should be told what went wrong with ``request``: it was for a page, or for nothing."""
    route = request.scope.get("route")
    if route is not None:
        return TAG in getattr(route, "tags", ())
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(_OF_PROGRAMS)


def problem(request: Request, status: int, title: str, error: GridmaskError | str) -> HTMLResponse:
    """What went wrong, as a page."""
    ways = {"nearest": _nearest(request, error), "search": _search(request, error)}
    told = {"title": title, "detail": str(error), "status": status, **ways}
    page = environment().get_template("problem.html").render(told)
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(page.encode(errors="replace"), status, headers=headers)


def _nearest(request: Request, error: GridmaskError | str) -> tuple[str, str] | None:
    """What was probably meant, and where it is."""
    if not isinstance(error, NotKnown) or error.suggestion is None:
        return None
    asked, vo = request.path_params, request.query_params.get("vo", ALL)
    if error.kind == "VO" and "vo" in asked:
        return error.suggestion, addresses.matrix(error.suggestion, dict(request.query_params))
    if "name" not in asked:
        return None
    if error.kind == "VO":
        return error.suggestion, addresses.element(ElementKey(asked["family"], asked["type"], asked["name"]), error.suggestion)
    return error.suggestion, addresses.element(ElementKey(asked["family"], asked["type"], error.suggestion), vo)


def _search(request: Request, error: GridmaskError | str) -> str | None:
    """Where elements with such a name would be found, of whatever type."""
    if not isinstance(error, NotKnown) or error.kind == "VO" or "name" not in request.path_params:
        return None
    return addresses.matrix(ALL, {"q": error.name})
