"""The crowd: how many connections there are at once, and from where. Beyond what there is room for, none is taken."""

from __future__ import annotations

import resource
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from gridmask.access.doorkeeper import within
from gridmask.api import metrics
from gridmask.api.throttle import network_of, plain
from gridmask.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmask.access.doorkeeper import Network
    from gridmask.access.settings import Limits

log = structlog.get_logger()

KEPT_FREE = 256
"""Files that others may have open: the database, sources, logs."""


class Crowd:
    """The connections of one server: as many as ``limits`` say, of which ``proxies`` and this machine may have any share."""

    def __init__(self, limits: Limits, proxies: Sequence[Network] = ()) -> None:
        self._most = limits.connections
        self._each = limits.connections_each
        self._proxies = proxies
        self._there = 0
        self._from: Counter[str] = Counter()

    def fit(self) -> None:
        """Take no more than this process may have files open; that is raised, as far as it may be."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = self._most + KEPT_FREE
        if soft != resource.RLIM_INFINITY and soft < wanted:
            raised = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
            with suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
                soft = raised
            if soft < wanted:
                self._most = max(soft - KEPT_FREE, soft // 2)
                log.warning("fewer connections than limits.connections says: for more, raise LimitNOFILE", most=self._most)

    def enter(self, address: str) -> bool:
        """Count a connection from ``address``; False: there is no room for it."""
        whence = self._whence(address)
        if self._there >= self._most or (whence and self._from[whence] >= self._each):
            metrics.THROTTLED.labels("connection").inc()
            return False
        self._there += 1
        self._from[whence] += 1
        return True

    def leave(self, address: str) -> None:
        """Count one less."""
        whence = self._whence(address)
        self._there -= 1
        self._from[whence] -= 1
        if not self._from[whence]:
            del self._from[whence]

    def _whence(self, address: str) -> str:
        """What ``address`` is counted as; empty: those that come from there come from elsewhere."""
        there = plain(address)
        return "" if is_loopback(there) or within(there, self._proxies) else network_of(there)
