"""The link to a server: where it is, how it is asked, and with what. It is the same for both kinds of client."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import urlsplit

import httpx2

from gridmask_client import tls
from gridmask_client.call import Call
from gridmask_client.errors import Unusable
from gridmask_client.version import __version__

_LONGEST_KEY = 255
_AGENT = f"gridmask-client/{__version__}"


class Request(TypedDict):
    """What httpx2 is told of a request."""

    method: str
    url: str
    content: bytes | None
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """See above.

    Attributes:
        url: where the server is; a path is put before those of the API.
        ca: PEM file or folder of hashed certificates to believe, instead of the system's.
        identity: the client's certificate.
        timeout: seconds that a single attempt may take.
        most_bytes: so long an answer may be.
    """

    url: str
    ca: Path | None = None
    identity: tls.Identity | None = None
    timeout: float = 30.0
    most_bytes: int = 64 * 1024 * 1024
    context: ssl.SSLContext = field(init=False, repr=False)
    shown: tls.Shown | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", _address(self.url))
        secure = self.url.startswith("https:")
        object.__setattr__(self, "context", tls.context_for(self.ca) if secure else tls.blank())
        object.__setattr__(self, "shown", tls.Shown(self.context, self.identity) if self.identity else None)

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        return _is_loopback(urlsplit(self.url).hostname or "")

    @property
    def keeps_secrets(self) -> bool:
        """Whether nobody in between hears what is sent."""
        return self.url.startswith("https:") or self.is_local

    def settings(self) -> dict[str, Any]:
        """What a client of httpx2 is made with. What is on this machine is asked directly, past all proxies."""
        return {"verify": self.context, "timeout": self.timeout, "trust_env": not self.is_local}

    def request(self, call: Call[Any], token: str) -> Request:
        """What is sent for ``call``; ``token`` is empty if there is none.

        Raises:
            Unusable: a header would have something in it that cannot be sent; or the certificate cannot be used any more.
        """
        if self.shown is not None:
            self.shown.renew()
        headers = {"Accept-Encoding": "gzip", "User-Agent": _AGENT, **dict(call.headers)}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if call.key:
            headers["Idempotency-Key"] = _quoted(call.key)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable()):
                raise Unusable(f"{name} would have something in it that cannot be sent: that is ASCII that can be shown.")
        return {"method": call.method, "url": self.url + call.target, "content": call.body, "headers": headers}


def _quoted(key: str) -> str:
    if len(key) > _LONGEST_KEY:
        raise Unusable(f"An idempotency key has {_LONGEST_KEY} characters at most.")
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _address(url: str) -> str:
    """``url`` as paths can be put after it.

    Raises:
        Unusable: nothing can be asked for there.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        httpx2.URL(url)
    except (ValueError, httpx2.InvalidURL) as error:
        raise Unusable("The address of the server is none; it is as in https://rss.example.org:8443") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise Unusable("The address of the server begins with https:// or http://, and names a host.")
    if "@" in parts.netloc or "\\" in url or parts.query or parts.fragment:
        raise Unusable("The address of the server has no user, password, query or fragment; give a token as token=.")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
