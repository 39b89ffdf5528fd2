"""Zones: in whose hours a page tells moments. UTC always stands beside, so that two people who talk mean the same moment."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

if TYPE_CHECKING:
    from datetime import datetime

COOKIE = "gridmask-zone"
"""The cookie in which a page's script says where the reader is, as a name of the IANA database. Without it: UTC."""

UTC = "UTC"

_telling: ContextVar[str] = ContextVar("zone", default=UTC)


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


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
    """``moment`` by the reader's clock; None where that shows UTC, or has no such day: calendars end."""
    zone = telling()
    if zone == UTC:
        return None
    try:
        local = moment.astimezone(ZoneInfo(zone))
    except OverflowError:
        return None
    return local if local.utcoffset() else None
