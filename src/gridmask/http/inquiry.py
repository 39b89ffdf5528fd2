"""One question to a source: what to ask for, on which conditions, and who asks."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field

import httpx2

from gridmask import __version__
from gridmask.domain.errors import FetchFailed, InvalidConfiguration
from gridmask.http.answer import Validators
from gridmask.http.limits import Limits
from gridmask.http.redaction import redacted

WEB = frozenset({"http", "https"})
"""The URL schemes that go over the network."""

_HEADERS = {"User-Agent": f"gridmask/{__version__}", "Accept": "*/*", "Accept-Encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A checked question. ``url`` has no credentials: they are in ``authorization``; ``shown`` is for readers."""

    url: httpx2.URL
    shown: str
    validators: Validators
    limits: Limits
    authorization: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str, validators: Validators, limits: Limits) -> Inquiry:
        """Check ``url``, which somebody configured; it may hold user and password.

        Raises:
            InvalidConfiguration: It is no absolute http or https URL.
        """
        parsed = _parsed(url)
        bare = parsed.copy_with(userinfo=b"", fragment=None)
        return cls(bare, redacted(url), validators, limits, _basic(parsed))

    @property
    def endpoint(self) -> str:
        """Scheme, host, port and path: what answers, whatever the query."""
        return str(self.url.copy_with(query=None))

    def request(self, url: httpx2.URL) -> httpx2.Request:
        """The request to ``url``, to which the question was redirected; only its own origin sees the credentials."""
        headers = _HEADERS | self.validators.conditions()
        if self.authorization and url.origin == self.url.origin:
            headers["Authorization"] = self.authorization
        timeouts = httpx2.Timeout(self.limits.timeout).as_dict()
        return httpx2.Request("GET", url, headers=headers, extensions={"timeout": timeouts})

    def redirected(self, url: httpx2.URL, location: str) -> httpx2.URL:
        """Where ``location`` leads from ``url``.

        Raises:
            FetchFailed: Away from the web, or from https to http.
        """
        target = url.join(location)
        if not _is_web(target):
            raise FetchFailed(self.shown, "redirects to something that is no http or https URL")
        if url.scheme == "https" and target.scheme == "http":
            raise FetchFailed(self.shown, "redirects from https to plain http, which is not followed")
        return target


def _parsed(url: str) -> httpx2.URL:
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        raise InvalidConfiguration(redacted(url), "is not a URL") from None
    if not _is_web(parsed):
        raise InvalidConfiguration(redacted(url), "is no http, https or file URL with all its parts")
    return parsed


def _is_web(url: httpx2.URL) -> bool:
    return url.scheme in WEB and bool(url.raw_host) and (url.port is None or 0 < url.port < 65536)


def _basic(url: httpx2.URL) -> str | None:
    if not url.userinfo:
        return None
    return "Basic " + b64encode(f"{url.username}:{url.password}".encode()).decode()
