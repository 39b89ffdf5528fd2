"""Asks ARGO for a report."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from gridmask.collectors.argo.options import ArgoResults, ArgoStatus
from gridmask.collectors.dating import afresh

if TYPE_CHECKING:
    from gridmask.asking import Asking
    from gridmask.http import Gathered

PATH = "/api/v3"


async def gather_statuses(asking: Asking) -> Gathered:
    """The statuses of today.

    Raises:
        SourceError: they are not told.
    """
    report = ArgoStatus.of(asking.source).report
    today = datetime.combine(asking.now.astimezone(UTC), time(), UTC)
    return await _asked(asking, f"status/{quote(report, safe='')}", today)


async def gather_results(asking: Asking) -> Gathered:
    """The results of the days that the settings ask for.

    Raises:
        SourceError: they are not told.
    """
    options = ArgoResults.of(asking.source)
    first = datetime.combine((asking.now - options.window).astimezone(UTC), time(), UTC)
    return await _asked(asking, f"results/{quote(options.report, safe='')}", first)


async def _asked(asking: Asking, path: str, since: datetime) -> Gathered:
    if asking.is_document:
        return await afresh(asking)
    span = {"start_time": _written(since), "end_time": _written(asking.now)}
    base = asking.source.url.rstrip("/").removesuffix(PATH)
    return await afresh(asking, f"{base}{PATH}/{path}?{urlencode(span)}")


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
