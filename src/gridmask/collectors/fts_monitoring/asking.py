"""Asks for the overview, of all VOs or of each by itself.

All of it is asked for at once: its pages are cut anew each time, in the order of what waits, so that links would be found on
two of them or on none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gridmask.collectors.fts_monitoring.options import HOUR, FtsMonitoring
from gridmask.domain.vo import ALL
from gridmask.http import Gathered

if TYPE_CHECKING:
    from gridmask.asking import Asking

PATH = "/overview"


async def gather(asking: Asking) -> Gathered:
    """The overview, or one for each VO; of a file, the one that it is.

    Raises:
        SourceError: one of them was not answered.
    """
    if asking.is_document:
        return Gathered.of([await asking.get(asking.source.url)])
    options = FtsMonitoring.of(asking.source)
    return Gathered.of(await asking.get_all([_address(asking.source.url, options, vo) for vo in options.vos or (ALL,)]))


def _address(url: str, options: FtsMonitoring, vo: str) -> str:
    asked = {"time_window": str(options.window // HOUR), "page": "all", **({} if vo == ALL else {"vo": vo})}
    return f"{url.rstrip('/').removesuffix(PATH)}{PATH}?{urlencode(asked)}"
