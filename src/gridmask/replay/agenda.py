"""Agenda: when rows are to be looked at again without anything having happened."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import datetime

from gridmask.domain.element import ElementKey
from gridmask.domain.row import Row
from gridmask.domain.state import NO_ROWS, State


class Agenda:
    """Knows which elements are due when."""

    def __init__(self, state: State, noted: Iterable[tuple[datetime, ElementKey]] | None = None) -> None:
        """``noted``: what an agenda :attr:`noted` that goes on here; None: all that is due in ``state``."""
        self._due: list[tuple[datetime, ElementKey]] = sorted(noted or ())
        self._noted: set[tuple[datetime, ElementKey]] = set(self._due)
        for rows in state.rows.values() if noted is None else ():
            self.note(rows.values())

    @property
    def noted(self) -> tuple[tuple[datetime, ElementKey], ...]:
        """Which elements it knows to be due when, in order."""
        return tuple(sorted(self._due))

    def note(self, rows: Iterable[Row]) -> None:
        """Know when ``rows`` are due."""
        for row in rows:
            if row.due is not None and (row.due, row.key.element) not in self._noted:
                self._noted.add((row.due, row.key.element))
                heapq.heappush(self._due, (row.due, row.key.element))

    def next(self, state: State, until: datetime) -> tuple[datetime, frozenset[ElementKey]] | None:
        """The next moment up to ``until`` at which something is due in ``state``, and what; None: there is none."""
        while self._due and self._due[0][0] <= until:
            moment, keys = self._due[0][0], set()
            while self._due and self._due[0][0] == moment:
                item = heapq.heappop(self._due)
                self._noted.discard(item)
                if item[1] in state.elements and _is_due(state, item[1], moment):
                    keys.add(item[1])
            if keys:
                return moment, frozenset(keys)
        return None


def _is_due(state: State, key: ElementKey, moment: datetime) -> bool:
    return any(row.due == moment for row in state.rows.get(key, NO_ROWS).values())
