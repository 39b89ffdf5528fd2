"""What feeds that tell of sites alone tell of each: whether its VO may use it, since when, and where to read more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from gridmask.domain.element import SITE, WHOLE
from gridmask.domain.row import seen_by

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.mask import Holding
    from gridmask.domain.status import Status


class SiteStatus(NamedTuple):
    """A site as a VO sees it; ``url`` is empty where nobody knows where the portal is."""

    name: str
    status: Status
    since: datetime
    url: str = ""


def sites(vo: str, holdings: Iterable[Holding], portal: str = "") -> list[SiteStatus]:
    """The sites in the mask of ``vo``, by name; ``portal``: where people find it."""
    found = (_site(vo, holding, portal) for holding in holdings if holding.element.key[:2] == (SITE, SITE))
    return sorted(site for site in found if site is not None)


def _site(vo: str, holding: Holding, portal: str) -> SiteStatus | None:
    element, row = holding.element, seen_by(vo, WHOLE, holding.rows)
    if row is None or not element.in_service or not element.is_offered_to(vo):
        return None
    return SiteStatus(element.key.name, row.status, row.standing.since, _page(portal, element.key.name, vo))


def _page(portal: str, site: str, vo: str) -> str:
    return f"{portal}/elements/{SITE}/{SITE}/{quote(site)}?vo={quote(vo, safe='')}" if portal else ""
