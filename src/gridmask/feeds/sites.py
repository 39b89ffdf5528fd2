"""What feeds that tell of sites alone tell of each: whether its VO may use it, since when, and where to read more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from gridmask.domain.element import WHOLE
from gridmask.domain.row import seen_by
from gridmask.domain.status import Purpose, Status, usable

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.domain.mask import Holding


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class SiteStatus(NamedTuple):
    """A site as a VO sees it.

    Attributes:
        name: what it is called here.
        status: its status; unknown where no row says anything.
        since: since when.
        in_service: whether it is; if not, it may not be used, whatever its status.
        url: its page, empty where nobody knows where the portal is.
    """

    name: str
    status: Status
    since: datetime
    in_service: bool = True
    url: str = ""

    def is_usable(self, purpose: Purpose) -> bool:
        """Whether it may be used for ``purpose``."""
        return self.in_service and usable(self.status, purpose)


def sites(vo: str, holdings: Iterable[Holding], portal: str = "") -> list[SiteStatus]:
    """The sites that are offered to ``vo``, by name, also those out of service; ``portal``: where people find it."""
    offered = (holding for holding in holdings if holding.element.is_site and holding.element.is_offered_to(vo))
    return sorted(_site(vo, holding, portal) for holding in offered)


def _site(vo: str, holding: Holding, portal: str) -> SiteStatus:
    element, row = holding.element, seen_by(vo, WHOLE, holding.rows)
    status, since = (row.status, row.standing.since) if row is not None else (Status.UNKNOWN, _NEVER)
    return SiteStatus(element.key.name, status, since, element.in_service, _page(portal, element.key, vo))


def _page(portal: str, key: ElementKey, vo: str) -> str:
    return f"{portal}/elements/{key.family}/{quote(key.type)}/{quote(key.name)}?vo={quote(vo, safe='')}" if portal else ""
