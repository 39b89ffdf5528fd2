"""What the HTTP door counts about itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

if TYPE_CHECKING:
    from starlette.types import Scope

REQUESTS = Counter("gridmask_http_requests_total", "Requests, by method, route and status.", ["method", "route", "status"])
SECONDS = Histogram("gridmask_http_request_seconds", "From a request's arrival to the head of its answer.", ["method", "route"])
STREAMS = Gauge("gridmask_streams", "Streams that are open.")
MASK_REVISION = Gauge("gridmask_mask_revision", "The last revision that changed a VO's mask.", ["vo"])

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

OTHER = "other"
"""In place of methods and routes that there are not: callers must not be able to make up label values."""


def answered(scope: Scope, status: int, seconds: float) -> None:
    """Count a request by what its answer began with."""
    method = scope["method"] if scope["method"] in _METHODS else OTHER
    requests, duration = _of(method, getattr(scope.get("route"), "path", OTHER), status)
    requests.inc()
    duration.observe(seconds)


@lru_cache(1024)
def _of(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    # looking them up by label takes longer than counting
    return REQUESTS.labels(method, route, status), SECONDS.labels(method, route)
