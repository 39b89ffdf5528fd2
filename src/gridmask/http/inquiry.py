"""One question to a source: what to ask for, on which conditions, and who asks."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from urllib.parse import urlencode

import httpx2

from gridmask import __version__, tracing
from gridmask.domain.errors import FetchFailed, InvalidConfiguration
from gridmask.http.access import ANYBODY, Access
from gridmask.http.answer import Validators
from gridmask.http.limits import Limits
from gridmask.http.redaction import redacted

WEB = frozenset({"http", "https"})
"""The URL schemes that go over the network."""

_HEADERS = {"User-Agent": f"gridmask/{__version__}", "Accept": "*/*", "Accept-Encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class Content:
    """The body of a question, and how it is put.

    Attributes:
        type: what it is.
        body: itself.
        method: the method of the request.
        headers: further ones.
        status: that of an answer.
    """

    type: str
    body: bytes = field(repr=False)
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    @classmethod
    def of_form(cls, form: Mapping[str, str]) -> Content:
        """``form``, as browsers send one."""
        return cls("application/x-www-form-urlencoded", urlencode(form).encode("ascii"))

    @classmethod
    def of_document(cls, document: object) -> Content:
        """``document`` as JSON."""
        return cls("application/json", json.dumps(document).encode("ascii"))

    @classmethod
    def of_properties(cls, names: Iterable[str]) -> Content:
        """The question for WebDAV's properties ``names`` of what stands there, and not of what is in that (:rfc:`4918`)."""
        asked = "".join(f"<{name}/>" for name in names)
        body = f'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>{asked}</prop></propfind>'
        return cls("application/xml; charset=utf-8", body.encode("ascii"), "PROPFIND", {"Depth": "0"}, 207)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A checked question. ``url`` has no credentials: they are in ``credential``, a header; ``shown`` is for readers.

    ``content`` is what is sent; None: it is a GET.
    """

    url: httpx2.URL
    shown: str
    validators: Validators
    limits: Limits
    access: Access = ANYBODY
    content: Content | None = None
    credential: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls, url: str, validators: Validators, limits: Limits, access: Access = ANYBODY, content: Content | None = None
    ) -> Inquiry:
        """Check ``url``, which somebody configured; it may hold user and password.

        Raises:
            InvalidConfiguration: It is no absolute http or https URL, or none that the token of ``access`` may be sent to.
        """
        parsed = _parsed(url)
        bare = parsed.copy_with(userinfo=b"", fragment=None)
        if access.token_place:
            _check_for_token(parsed, redacted(url), access.token_place)
        return cls(bare, redacted(url), validators, limits, access, content, _basic(parsed))

    def bearing(self, credential: tuple[str, str] | None) -> Inquiry:
        """The same question with a header that says who asks."""
        return replace(self, credential=credential) if credential else self

    @property
    def endpoint(self) -> str:
        """Scheme, host, port and path: what answers, whatever the query."""
        return str(self.url.copy_with(query=None))

    def request(self, url: httpx2.URL) -> httpx2.Request:
        """The request to ``url``, to which the question was redirected; only its own origin sees the credentials."""
        headers = _HEADERS | self.validators.conditions()
        if self.is_home(url):
            headers |= {**tracing.headers(), **(dict([self.credential]) if self.credential else {})}
        extensions = {"timeout": httpx2.Timeout(self.limits.timeout).as_dict()}
        if self.content is None:
            return httpx2.Request("GET", url, headers=headers, extensions=extensions)
        headers |= {**self.content.headers, "Content-Type": self.content.type}
        return httpx2.Request(self.content.method, url, headers=headers, content=self.content.body, extensions=extensions)

    @property
    def status(self) -> int:
        """The status of an answer."""
        return 200 if self.content is None else self.content.status

    def is_home(self, url: httpx2.URL) -> bool:
        """Whether ``url`` is of the origin that was asked for, which alone sees who asks."""
        return bool(url.origin == self.url.origin)

    def redirected(self, url: httpx2.URL, location: str) -> httpx2.URL:
        """Where ``location`` leads from ``url``.

        Raises:
            FetchFailed: Away from the web, or from https to http; or it is not followed, since what was asked is no GET.
        """
        if self.content is not None:
            told = f"redirects a {self.content.method}, which is not followed; give the address that it leads to"
            raise FetchFailed(self.shown, told)
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


def _basic(url: httpx2.URL) -> tuple[str, str] | None:
    if not url.userinfo:
        return None
    return "Authorization", "Basic " + b64encode(f"{url.username}:{url.password}".encode()).decode()


def _check_for_token(url: httpx2.URL, shown: str, option: str) -> None:
    if url.userinfo:
        raise InvalidConfiguration(shown, f"holds user and password, and there is {option} as well; give one of them")
    if url.scheme != "https" and not _is_loopback(url.host):
        raise InvalidConfiguration(shown, f"{option}: a token is sent by https only")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
