"""Sites as the site support team of CMS tells CRAB of them, in its file ``usableSites.json``.

::

    [
    {"name": "T2_XX_Example", "nvalue": null, "color": "green", "value": "usable", "url": "", "date": 1785838950}
    ]

Those who read it look for ``not_usable`` and take any other site for usable; so no site is ever left out because it may not be
used. ``date`` is when the site came to have its status, in seconds since 1970.
"""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING

from gridmask.domain.status import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.feeds.sites import SiteStatus

MEDIA_TYPE = "application/json"


def encode(sites: Iterable[SiteStatus], purpose: Purpose = Purpose.USE) -> bytes:
    """``sites``, each with whether it may be used for ``purpose``; one a line."""
    lines = ",\n".join(_line(site, may_be_used=site.is_usable(purpose)) for site in sites)
    return f"[\n{lines}\n]\n".encode()


def _line(site: SiteStatus, *, may_be_used: bool) -> str:
    color, value = ("green", "usable") if may_be_used else ("red", "not_usable")
    date = int(site.since.timestamp())
    return dumps({"name": site.name, "nvalue": None, "color": color, "value": value, "url": site.url, "date": date})
