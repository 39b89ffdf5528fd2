"""Expiry: what the world forgets by itself, as the database does: downtimes once they are over."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from gridmask.domain.downtime import Downtime, DowntimeKey
from gridmask.domain.naming import Target, handle
from gridmask.domain.state import NOTHING, State


class Expiry:
    """Knows when downtimes are over, and takes them out of a world that has come so far."""

    def __init__(self, state: State) -> None:
        self._ends: list[tuple[datetime, DowntimeKey, tuple[Target, ...]]] = []
        for known in state.evidence.values():
            self.expect(item.value for item in known.values() if isinstance(item.value, Downtime))

    def expect(self, downtimes: Iterable[Downtime]) -> None:
        """Know of ``downtimes``."""
        for one in downtimes:
            if one.interval.end is not None:
                heapq.heappush(self._ends, (one.interval.end, one.key, tuple(one.targets)))

    def passed(self, state: State, now: datetime) -> State:
        """``state`` without the downtimes that are over at ``now``."""
        if not self._ends or self._ends[0][0] > now:
            return state
        draft = state.evidence.mutate()
        while self._ends and self._ends[0][0] <= now:
            _, key, targets = heapq.heappop(self._ends)
            for name in {handle(target) for target in targets}:
                known = draft.get(name, NOTHING)
                # another version of it may end later
                over = [k for k, item in known.items() if (k.source, k.record) == key and not item.counts(now)]
                if over:
                    draft[name] = {k: item for k, item in known.items() if k not in over}
        return replace(state, evidence=draft.finish())
