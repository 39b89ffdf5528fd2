"""Addresses: where a probe goes, written as a URL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

PORTS: Mapping[str, int] = {
    "amqp": 5672,
    "amqps": 5671,
    "dav": 80,
    "davs": 443,
    "dns": 53,
    "http": 80,
    "https": 443,
    "ldap": 389,
    "ldaps": 636,
    "mqtt": 1883,
    "mqtts": 8883,
    "mysql": 3306,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "root": 1094,
    "roots": 1094,
    "stomp": 61613,
    "stomps": 61614,
    "tcp": 0,
    "tls": 443,
}
"""The port of each scheme where none is given; 0: one must be."""

SECURE = frozenset({"amqps", "davs", "https", "ldaps", "mqtts", "rediss", "roots", "stomps", "tls"})
"""The schemes that are spoken within TLS; ``roots`` gets there by the protocol's own means."""

_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?\.?|[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a probe goes. ``path`` has the query as well, and begins with a slash unless it is empty."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @classmethod
    def of(cls, url: str) -> Address:
        """The address that ``url`` is.

        Raises:
            ValueError: it is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.netloc:
            raise ValueError(f"{url!r} is no address; write SCHEME://HOST:PORT/PATH, with one of {', '.join(PORTS)}")
        if parts.username is not None or parts.password is not None:
            raise ValueError("user and password do not belong in an address; name them as user and password_file")
        host = (parts.hostname or "").rstrip(".")
        if not _HOST.fullmatch(host):
            raise ValueError(f"{host!r} is no name of a host")
        port = parts.port or PORTS[parts.scheme]
        if not port:
            raise ValueError(f"{url!r} says nothing of a port, and {parts.scheme}:// has no usual one")
        return cls(parts.scheme, host, port, parts.path + (f"?{parts.query}" if parts.query else ""))

    @property
    def secure(self) -> bool:
        """Whether it is spoken within TLS."""
        return self.scheme in SECURE

    @property
    def authority(self) -> str:
        """Host and port; without the latter where it is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, path: str) -> Address:
        """The same with another path."""
        return replace(self, path=path)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"
