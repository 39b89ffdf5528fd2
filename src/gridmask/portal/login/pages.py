"""``/login`` and ``/logout``: how people come in by their browser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode, urlsplit

import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from gridmask.access.cookies import LOGIN, SESSION, Cookies
from gridmask.access.logins import WITHIN
from gridmask.access.return_paths import HOME, local
from gridmask.domain.errors import InvalidRequest, Unauthenticated
from gridmask.portal.frame import pages
from gridmask.portal.frame.assets import TAG, environment
from gridmask.portal.frame.reader import reader_of
from gridmask.service.audit import LOGGED_IN, LOGGED_OUT

if TYPE_CHECKING:
    from gridmask.access.identity import Identity
    from gridmask.access.logins import Logins
    from gridmask.bootstrap import Installation

log = structlog.get_logger()

router = APIRouter(include_in_schema=False, tags=[TAG])

_UNKEPT = {"Cache-Control": "no-store"}

Next = Annotated[str, Query(description="The page to go on at, as a path; the first page if it is anything else.")]


@router.get("/login")
async def login(request: Request, next: Next = HOME) -> Response:  # noqa: A002 - its name in the URL
    """By whom to log in; where there is one issuer alone, on to that."""
    logins = _logins(request)
    if len(logins.names) == 1:
        return await _sent(request, logins, logins.names[0], next)
    back = urlencode({"next": local(next)})
    ways = {name: f"/login/{name}?{back}" for name in logins.names}
    page = environment().get_template("login/login.html").render(ways=ways, reader=replace(reader_of(request), login=""))
    return HTMLResponse(page, headers={**pages.HEADERS, **_UNKEPT})


@router.get("/login/{issuer}")
async def login_by(request: Request, issuer: str, next: Next = HOME) -> Response:  # noqa: A002 - its name in the URL
    """On to the issuer, to log in there."""
    return await _sent(request, _logins(request), issuer, next)


@router.get("/login/{issuer}/callback")
async def come_back(request: Request, issuer: str) -> Response:
    """Back from the issuer. Whoever logged in goes on to where they were."""
    logins = _logins(request)
    cookies = Cookies(logins.url)
    answer = dict(request.query_params)
    # RFC 6749, section 3.1; what we know nothing of is the issuer's business
    if len(answer) < len(request.query_params.multi_items()):
        raise InvalidRequest("What the issuer sent you back with is no answer: it has something twice. Log in again.")
    whence = request.state.actor.origin
    try:
        done = await logins.finish(issuer, cookies.kept(dict(request.scope["headers"]), LOGIN), answer)
    except Unauthenticated as error:
        log.info("a log-in was refused", issuer=issuer, address=whence.address, request=whence.request, problem=str(error))
        raise
    await _installation(request).audit.note(done.identity, whence, LOGGED_IN)
    response = RedirectResponse(done.path, 303, _UNKEPT)
    cookies.keep(response, SESSION, done.session, logins.sessions.seconds)
    cookies.keep(response, LOGIN, "", 0)
    return response


@router.post("/logout")
async def logout(request: Request) -> Response:
    """The end of a session, and back to the first page; or to where one can log out of the issuer as well."""
    logins = _logins(request)
    cookies = Cookies(logins.url)
    kept = cookies.session("POST", "/logout", dict(request.scope["headers"]))
    ended = logins.sessions.end(kept) if kept else None
    response = RedirectResponse(await _onward(logins, ended), 303, _UNKEPT)
    if kept:
        cookies.keep(response, SESSION, "", 0)
    if ended:
        await _installation(request).audit.note(ended, request.state.actor.origin, LOGGED_OUT)
    return response


@router.get("/logout")
async def logged_out(
    request: Request, issuer: Annotated[str, Query(description="By whom one was logged in.")] = ""
) -> Response:
    """That a session has ended, and where to log out of the issuer as well."""
    logins = _logins(request)
    reader = reader_of(request)
    if reader.leaves:
        return RedirectResponse(HOME, 303, _UNKEPT)
    told = {"issuer": issuer, "farewell": await logins.farewell(issuer) if issuer else "", "reader": reader}
    page = environment().get_template("login/logout.html").render(told)
    return HTMLResponse(page, headers={**pages.HEADERS, **_UNKEPT})


async def _onward(logins: Logins, ended: Identity | None) -> str:
    """Where somebody goes on whose session ``ended``."""
    if ended is None:
        return HOME
    name = logins.vouching(ended)
    return f"/logout?{urlencode({'issuer': name})}" if await logins.farewell(name) else HOME


async def _sent(request: Request, logins: Logins, issuer: str, back: str) -> Response:
    if request.headers.get("host", "").lower() != urlsplit(logins.url).netloc:
        raise InvalidRequest(f"Log in at {logins.url}/login: what that takes, a browser keeps for this one name alone.")
    begun = await logins.begin(issuer, back)
    response = RedirectResponse(begun.address, 303, _UNKEPT)
    Cookies(logins.url).keep(response, LOGIN, begun.kept, WITHIN)
    return response


def _logins(request: Request) -> Logins:
    logins = _installation(request).logins
    if logins is None:
        raise HTTPException(404, "Nobody can log in here: no issuer of the settings has a client_id.")
    return logins


def _installation(request: Request) -> Installation:
    gridmask: Installation = request.app.state.installation
    return gridmask
