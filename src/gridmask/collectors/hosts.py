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
    host = host_in(address.strip()).rstrip(".")
    return host if _is_host(host) else ""


def host_in(address: str) -> str:
    """What stands for the host in ``address``, in lower case, whatever it is; nothing where there is nothing.

    >>> host_in("davs://se01.example.org:443/path"), host_in("node01:9100"), host_in("[2001:db8::1]:1094")
    ('se01.example.org', 'node01', '2001:db8::1')
    """
    try:
        return urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""


def _is_host(text: str) -> bool:
    return len(text) <= _LONGEST and (_NAME.fullmatch(text) is not None or _is_address(text))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
