"""Who reads a page: what they are told of themselves, and what they may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlencode

from starlette.requests import cookie_parser

from gridmask.access.cookies import LONGEST, READING, Cookies
from gridmask.access.doorkeeper import LOCAL, NOBODY, is_anonymous
from gridmask.access.return_paths import HOME, local
from gridmask.domain.actor import Actor
from gridmask.domain.rights import Action
from gridmask.portal.frame.zones import COOKIE, UTC, known_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapi import Request

    from gridmask.bootstrap import Installation


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page.

    Attributes:
        actor: who it is.
        login: where they can log in; empty: nowhere, or they need not.
        leaves: whether they are logged in, and can log out.
        zone: the zone whose hours they live by.
    """

    actor: Actor
    login: str = ""
    leaves: bool = False
    zone: str = UTC

    @property
    def name(self) -> str:
        """What they are called here; empty: nobody knows."""
        return "" if is_anonymous(self.actor) else self.actor.name

    def reads(self, vo: str) -> bool:
        """Whether they may read about ``vo``."""
        return self.actor.may(Action.READ, vo)

    def readable(self, vos: Iterable[str]) -> tuple[str, ...]:
        """Those of ``vos`` about which they may read."""
        return tuple(filter(self.reads, vos))


HERE = Reader(LOCAL)
"""Whoever sits at this machine."""

UNKNOWN = Reader(Actor(NOBODY))
"""Whoever it is."""


def reader_of(request: Request) -> Reader:
    """Who asks for a page."""
    gridmask: Installation = request.app.state.installation
    actor: Actor = request.state.actor
    headers = dict(request.scope["headers"])
    zone = zone_of(headers)
    if gridmask.logins is None:
        return Reader(actor, zone=zone)
    if is_anonymous(actor):
        return Reader(actor, login=_login(request), zone=zone)
    session = Cookies(gridmask.logins.url).session(request.method, request.scope["path"], headers)
    return Reader(actor, leaves=bool(session) and b"authorization" not in headers, zone=zone)


def zone_of(headers: Mapping[bytes, bytes]) -> str:
    """Whose hours the reader of a page lives by: the name of a zone that this machine knows."""
    sent = headers.get(b"cookie", b"")
    return known_zone(unquote(cookie_parser(sent.decode("latin-1")).get(COOKIE, "")) if len(sent) <= LONGEST else "")


def _login(request: Request) -> str:
    """Where to log in, and to come back from to the same page."""
    raw = request.scope.get("raw_path") or b""
    query = request.scope["query_string"]
    asked = (raw + b"?" + query if query else raw).decode("latin-1") if request.method in READING else HOME
    back = local(asked)
    return "/login" if back == HOME else f"/login?{urlencode({'next': back})}"
