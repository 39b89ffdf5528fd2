"""Sites as a metric of the Site Status Board: lines of moment, site, value, colour and link, separated by tabs.

::

    #txt
    # Gridmask: the status of sites for cms
    2026-08-04 10:15:00	T2_XX_Example	Banned	red	https://gridmask.example.org/elements/Site/Site/T2_XX_Example?vo=cms

The moment, in UTC, is since when the site has its status.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gridmask.domain.status import Purpose, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.feeds.sites import SiteStatus

MEDIA_TYPE = "text/plain; charset=utf-8"

COLOURS = {
    Status.ERROR: "red",
    Status.BANNED: "red",
    Status.PROBING: "yellow",
    Status.DEGRADED: "yellow",
    Status.ACTIVE: "green",
    Status.UNKNOWN: "grey",
}
"""How the board is to show each status."""

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def encode(vo: str, sites: Iterable[SiteStatus], purpose: Purpose | None = None) -> bytes:
    """Those of ``sites`` in service as ``vo`` sees them, a line each; with ``purpose``, those that may be used for it."""
    shown = (site for site in sites if site.in_service and (purpose is None or site.is_usable(purpose)))
    return "".join(("#txt\n", f"# Gridmask: the status of sites for {_cell(vo)}\n", *map(_line, shown))).encode()


def _line(site: SiteStatus) -> str:
    fields = (f"{site.since:%F %T}", _cell(site.name), site.status.label, COLOURS[site.status], site.url)
    return "\t".join(fields) + "\n"


def _cell(text: str) -> str:
    """The format knows no way to write what would end a field or a line."""
    return _BREAKS.sub(" ", text)
