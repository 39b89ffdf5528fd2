"""What the HTTP door counts about itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

if TYPE_CHECKING:
    from starlette.types import Scope

    from gridmask.bootstrap import Installation

REQUESTS = Counter("gridmask_http_requests_total", "Requests, by method, route and status.", ["method", "route", "status"])
SECONDS = Histogram("gridmask_http_request_seconds", "From a request's arrival to the head of its answer.", ["method", "route"])
THROTTLED = Counter(
    "gridmask_http_throttled_total", "Requests that were refused since somebody asked too often, by what counted.", ["by"]
)
STREAMS = Gauge("gridmask_streams", "Streams that are open.")
MASK_REVISION = Gauge("gridmask_mask_revision", "The last revision that changed a VO's mask.", ["vo"])
MASKS_CHECKED = Gauge(
    "gridmask_masks_checked_timestamp_seconds", "When masks were last compared with the database, since 1970."
)
DATABASE_UP = Gauge("gridmask_database_up", "1 while the database answers, 0 while masks are served without it.")
CONNECTIONS = Gauge("gridmask_database_connections", "Connections to the database that are in use.")
MOST_CONNECTIONS = Gauge("gridmask_database_connections_most", "How many of them there may be.")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

OTHER = "other"
"""In place of methods and routes that there are not: callers must not be able to make up label values."""


def look_at(gridmask: Installation) -> None:
    """Take down how things are now."""
    board, database = gridmask.board, gridmask.database
    for vo, revision in board.mask_revisions.items():
        MASK_REVISION.labels(vo).set(revision)
    DATABASE_UP.set(not board.is_away)
    if board.checked_at is not None:
        MASKS_CHECKED.set(board.checked_at.timestamp())
    CONNECTIONS.set(database.in_use)
    MOST_CONNECTIONS.set(database.limits.most)


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
