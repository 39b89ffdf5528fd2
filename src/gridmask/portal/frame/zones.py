"""Zones: in whose hours a page tells moments. UTC always stands beside, so that two people who talk mean the same moment."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

from starlette.requests import cookie_parser

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

COOKIE = "gridmask-zone"
"""The cookie in which a page's script says where the reader is, as a name of the IANA database. Without it: UTC."""

UTC = "UTC"

LONGEST = 4096
"""Bytes of all cookies together that are looked at for a zone."""

_telling: ContextVar[str] = ContextVar("zone", default=UTC)


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_of(headers: Mapping[bytes, bytes]) -> str:
    """Whose hours the reader of a page lives by: the name of a zone that this machine knows."""
    sent = headers.get(b"cookie", b"")
    return known_zone(unquote(cookie_parser(sent.decode("latin-1")).get(COOKIE, "")) if len(sent) <= LONGEST else "")


def known_zone(name: str) -> str:
    """``name``, if this machine knows a zone that is called so; UTC if not."""
    return name if name in _names() else UTC


def tell_in(zone: str) -> None:
    """Tell moments in ``zone`` from now on, in whatever runs in this context."""
    _telling.set(zone)


def telling() -> str:
    """The zone in which moments are told."""
    return _telling.get()


def here(moment: datetime) -> datetime | None:
    """``moment`` by the reader's clock; None where that shows UTC."""
    zone = telling()
    if zone == UTC:
        return None
    local = moment.astimezone(ZoneInfo(zone))
    return local if local.utcoffset() else None
