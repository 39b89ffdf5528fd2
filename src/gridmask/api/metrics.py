"""What the HTTP door counts about itself."""

from __future__ import annotations

from functools import lru_cache
from platform import python_version
from typing import TYPE_CHECKING

from anyio import to_thread
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from gridmask import __version__
from gridmask.series import become

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.types import Scope

    from gridmask.bootstrap import Installation
    from gridmask.service.checkup import Vitals

REQUESTS = Counter("gridmask_http_requests_total", "Requests, by method, route and status.", ["method", "route", "status"])
SECONDS = Histogram(
    "gridmask_http_request_seconds",
    "From a request's arrival to the head of its answer.",
    ["method", "route"],
    buckets=(0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0),  # there are many routes
)
THROTTLED = Counter(
    "gridmask_http_throttled_total", "Requests that were refused since somebody asked too often, by what counted.", ["by"]
)
STREAMS = Gauge("gridmask_streams", "Streams that are open.")
STREAMS_ENDED = Counter("gridmask_streams_ended_total", "Streams that ended, by why.", ["why"])
MASK_REVISION = Gauge("gridmask_mask_revision", "The last revision that changed a VO's mask.", ["vo"])
MASKS_CHECKED = Gauge(
    "gridmask_masks_checked_timestamp_seconds", "When masks were last compared with the database, since 1970."
)
DATABASE_UP = Gauge("gridmask_database_up", "1 while the database answers, 0 while masks are served without it.")
MASK_AGE = Gauge("gridmask_mask_age_seconds", "How long ago a VO's mask was last known to be current.", ["vo"])
MASK_UNCHANGED = Gauge("gridmask_mask_unchanged_seconds", "How long ago the last revision was made that changed it.", ["vo"])
BEHIND = Gauge("gridmask_board_behind_revisions", "Revisions that are in the database, and not in this process's masks.")
DUE = Gauge("gridmask_rows_due", "Rows that may be another by now, and were not looked at yet.")
DUE_LAG = Gauge("gridmask_rows_due_lag_seconds", "How long the first of these is due.")
ACTION_WAITS = Gauge("gridmask_action_waiting", "Entries of the outbox that an action is not through with.", ["action"])
ACTION_LAG = Gauge("gridmask_action_lag_seconds", "How old the oldest entry is that an action is not through with.", ["action"])
DEAD_LETTERS = Gauge("gridmask_action_dead_letters", "What an action could not tell, and gave up.", ["action"])
WORK_DUE = Gauge("gridmask_work_due", "Work that processes share, is due, and nobody does.", ["kind"])
WORK_LAG = Gauge("gridmask_work_lag_seconds", "How long the first of it is due.", ["kind"])
WORK_RUNNING = Gauge("gridmask_work_running", "Work that processes share, and that one of them does.", ["kind"])
WORKERS = Gauge("gridmask_workers", "Processes that do such work, and were heard of within a minute.")
WAITING = Gauge("gridmask_batches_waiting", "Batches that the guard holds, and that nobody has decided about yet.")
HELD = Gauge("gridmask_rows_held", "Rows that the guard holds.")
TAKEN = Gauge("gridmask_guard_taken", "Usable rows that automation took from a VO within the guard's window.", ["vo"])
WINDOW = Gauge("gridmask_guard_window_seconds", "The guard's window.")
BUILD = Gauge("gridmask_build_info", "1; its labels tell what runs.", ["version", "python", "database"])
CONNECTIONS = Gauge("gridmask_database_connections", "Connections to the database that are in use.")
MOST_CONNECTIONS = Gauge("gridmask_database_connections_most", "How many of them there may be.")

# the moments at which counters began are a third of what would be told, and nobody makes anything of them
disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no types

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

OTHER = "other"
"""In place of methods and routes that there are not: callers must not be able to make up label values."""


async def told(gridmask: Installation) -> tuple[str, bytes]:
    """The figures of this process, and of the installation, in Prometheus' text format: its type, and the bytes."""
    await look_at(gridmask)
    # OpenMetrics says nothing more here, and takes half as long again
    return CONTENT_TYPE_PLAIN_0_0_4, await to_thread.run_sync(generate_latest, REGISTRY)


async def look_at(gridmask: Installation) -> None:
    """Take down how things are now: in this process, and in the installation as far as the database tells."""
    _look_at_process(gridmask)
    if not gridmask.board.is_away:
        found = await gridmask.checkup.latest()
        if found is not None:
            _look_at_installation(found, gridmask.clock(), gridmask.board.revision)


def _look_at_process(gridmask: Installation) -> None:
    board, database = gridmask.board, gridmask.database
    become(MASK_REVISION, {(vo,): revision for vo, revision in board.mask_revisions.items()})
    DATABASE_UP.set(not board.is_away)
    if board.checked_at is not None:
        MASKS_CHECKED.set(board.checked_at.timestamp())
        age = max((gridmask.clock() - board.checked_at).total_seconds(), 0)
        become(MASK_AGE, dict.fromkeys(((vo,) for vo in board.mask_revisions), age))
    CONNECTIONS.set(database.in_use)
    MOST_CONNECTIONS.set(database.limits.most)
    become(BUILD, {(__version__, python_version(), database.url.get_backend_name()): 1})


def _look_at_installation(found: Vitals, now: datetime, revision: int) -> None:
    if revision >= 0:  # else no masks are held here
        BEHIND.set(max(found.revision - revision, 0))
    WAITING.set(found.batches)
    become(MASK_UNCHANGED, {(vo,): (now - at).total_seconds() for vo, at in found.changed_at.items()})
    DUE.set(found.due.waiting)
    DUE_LAG.set(found.due.lag(now))
    become(ACTION_WAITS, {(name,): queue.waiting for name, (queue, _) in found.actions.items()})
    become(ACTION_LAG, {(name,): queue.lag(now) for name, (queue, _) in found.actions.items()})
    become(DEAD_LETTERS, {(name,): dead for name, (_, dead) in found.actions.items()})
    become(WORK_DUE, {(kind,): queue.waiting for kind, queue in found.queues.items()})
    become(WORK_LAG, {(kind,): queue.lag(now) for kind, queue in found.queues.items()})
    become(WORK_RUNNING, {(kind,): queue.running for kind, queue in found.queues.items()})
    WORKERS.set(found.workers)
    HELD.set(found.held)
    become(TAKEN, {(vo,): found.taken.get(vo, 0) for vo in found.changed_at})
    WINDOW.set(found.window.total_seconds())


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
