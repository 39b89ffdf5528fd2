"""The host in an address as people enter it: with a scheme or without, with a port, a path, or none of these."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST = 253


def host_of(address: str) -> str:
    """The host of ``address`` in lower case, or nothing where none can be told.

    A single word is not taken for a host: ``n/a`` is none.
    """
    text = address.strip()
    try:
        host = (urlsplit(text if "://" in text else f"//{text}").hostname or "").rstrip(".")
    except ValueError:
        return ""
    return host if _is_host(host) else ""


def _is_host(text: str) -> bool:
    return len(text) <= _LONGEST and (_NAME.fullmatch(text) is not None or _is_address(text))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
