"""By which connection pool a host is reached: directly, or through the environment's proxies."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.request import getproxies_environment, proxy_bypass

import httpx2

from gridmask.domain.errors import InvalidConfiguration
from gridmask.http.access import ANYBODY, Access
from gridmask.http.inquiry import WEB
from gridmask.http.redaction import redacted
from gridmask.http.tls import context_for

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Network:
    """How servers are reached. Certificates are always verified.

    Attributes:
        ca_bundle: PEM file, or folder of hashed certificates, of the CAs to trust instead of the system's.
        trust_env: Whether ``HTTPS_PROXY``, ``NO_PROXY``, ``SSL_CERT_FILE`` and their like have a say.
        per_host: Questions under way at once to one origin.
    """

    ca_bundle: Path | None = None
    trust_env: bool = False
    per_host: int = 4

    def __post_init__(self) -> None:
        if not self.per_host >= 1:
            raise InvalidConfiguration("network.per_host", f"must be at least 1, is {self.per_host}")


class Routes:
    """The transport that reaches hosts directly, and for each scheme that has one the transport through its proxy."""

    __slots__ = ("_direct", "_proxied")

    def __init__(
        self, direct: httpx2.AsyncBaseTransport, proxied: Mapping[str, httpx2.AsyncBaseTransport] | None = None
    ) -> None:
        self._direct = direct
        self._proxied = proxied or {}

    @classmethod
    def through(cls, network: Network, access: Access = ANYBODY) -> Routes:
        """The routes that ``network`` has for those who come with ``access``.

        Raises:
            InvalidConfiguration: A file of CAs, certificate or key, or a proxy, cannot be used.
        """
        tls = context_for(access, network.ca_bundle, trust_env=network.trust_env)
        known = getproxies_environment() if network.trust_env else {}
        proxies = {scheme: known.get(scheme) or known.get("all") for scheme in WEB}
        proxied = {scheme: _proxied(proxy, tls) for scheme, proxy in proxies.items() if proxy}
        return cls(httpx2.AsyncHTTPTransport(tls), proxied)

    def to(self, url: httpx2.URL) -> httpx2.AsyncBaseTransport:
        """The transport that reaches ``url``."""
        proxied = self._proxied.get(url.scheme)
        if proxied is None or proxy_bypass(url.netloc.decode()):
            return self._direct
        return proxied

    async def aclose(self) -> None:
        """Close all connections."""
        async with AsyncExitStack() as stack:
            for transport in (self._direct, *self._proxied.values()):
                stack.push_async_callback(transport.aclose)


def _proxied(proxy: str, tls: ssl.SSLContext) -> httpx2.AsyncBaseTransport:
    url = proxy if "://" in proxy else f"http://{proxy}"
    try:
        return httpx2.AsyncHTTPTransport(tls, proxy=url)
    except (ValueError, ImportError, httpx2.InvalidURL):
        raise InvalidConfiguration(f"proxy {redacted(url)} of the environment", "is none that can be used") from None
