"""Cookies: what browsers keep of a log-in, and when that counts.

A browser sends them along with whatever any page has it ask for. So they count only for what a page of ours asks for, or for a
page that somebody goes to: by ``Sec-Fetch-Site``, which no page can forge; from a browser too old to send it, by ``Origin``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.requests import cookie_parser

if TYPE_CHECKING:
    from starlette.responses import Response

SESSION, LOGIN = "gridmask", "gridmask-login"
"""What is kept while somebody is logged in, and while they are about to be."""

READING = frozenset({"GET", "HEAD"})
"""The methods of who only looks."""

LONGEST = 16 * 1024
"""Bytes of all cookies together that are looked at."""


class Cookies:
    """The cookies of the server that people find at ``url``."""

    def __init__(self, url: str) -> None:
        self._own = url.encode()
        self._is_secure = url.startswith("https:")

    def name(self, name: str) -> str:
        """What a cookie is called: so that a browser keeps it for this very host alone, where it can be kept apart at all."""
        return f"__Host-{name}" if self._is_secure else name

    def keep(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Have the browser keep ``value`` for so many seconds; none: forget it."""
        response.set_cookie(
            self.name(name), value, max_age=seconds, path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )

    def kept(self, headers: Mapping[bytes, bytes], name: str) -> str:
        """What the browser kept; empty: nothing, or something else."""
        sent = headers.get(b"cookie", b"")
        return cookie_parser(sent.decode("latin-1")).get(self.name(name), "") if len(sent) <= LONGEST else ""

    def session(self, method: str, path: str, headers: Mapping[bytes, bytes]) -> str:
        """The session that counts for a request; empty: none does."""
        return self.kept(headers, SESSION) if self._counts(method, path, headers) else ""

    def _counts(self, method: str, path: str, headers: Mapping[bytes, bytes]) -> bool:
        site = headers.get(b"sec-fetch-site")
        if site == b"same-origin":
            return True
        if method not in READING:
            return site is None and headers.get(b"origin") == self._own
        if site in {None, b"none"}:
            return True
        # somebody follows a link from elsewhere
        goes_there = (headers.get(b"sec-fetch-mode"), headers.get(b"sec-fetch-dest")) == (b"navigate", b"document")
        return goes_there and not path.startswith("/api/")
