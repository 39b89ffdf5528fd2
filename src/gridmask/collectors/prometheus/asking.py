"""Asks Prometheus each of the queries, all of them as of one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gridmask.collectors.prometheus.options import PrometheusOptions
from gridmask.http import Gathered

if TYPE_CHECKING:
    from gridmask.asking import Asking

PATH = "/api/v1/query"


async def gather(asking: Asking) -> Gathered:
    """The answers to all queries, in their order.

    Raises:
        SourceError: one of them was not answered.
    """
    base = asking.source.url.rstrip("/").removesuffix(PATH)
    queries = PrometheusOptions.of(asking.source).query
    asked = ({"query": query.expr, "time": f"{asking.now.timestamp():.3f}"} for query in queries)
    return Gathered.of([await asking.get(f"{base}{PATH}?{urlencode(question)}") for question in asked])
