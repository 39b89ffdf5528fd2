"""Nothing takes much at once but people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from gridmask.domain.automation import Mode
from gridmask.domain.element import Element, RowKey
from gridmask.domain.events import BatchDecided, PoliciesLoaded, StatusSet
from gridmask.domain.folding import fold
from gridmask.domain.guard import BatchState, Cause, Guard, causes_of
from gridmask.domain.row import Row
from gridmask.domain.state import State
from gridmask.domain.status import usable
from gridmask.domain.vo import ALL
from tests.unit.domain.oracles.existence import is_called_for
from tests.unit.domain.oracles.taken import CUSTODY, Taken, all_rows, mode_of, present_rows, seen


def waiting(state: State, now: datetime) -> list[str]:
    """The batches that a person can decide about."""
    return sorted(batch.id for batch in state.watch.batches.values() if batch.is_open(now))


def check_holds(taken: Taken) -> None:
    before, batches = all_rows(taken.before), taken.after.watch.batches
    named = taken.event.rows if isinstance(taken.event, CUSTODY) else ()
    for row in present_rows(taken.after):
        old = before.get(row.key)
        if row.hold is not None:
            assert row.hold.batch in batches
            assert mode_of(taken.after, row.key) in {Mode.FULL, Mode.EXCLUDE_ONLY}
            assert row.token is None
            assert usable(row.status)
            assert not usable(row.opinion) or not is_called_for(taken.after, row.key, taken.now)
        if old is None or old.hold is None or row.key in named or row.token or usable(row.status):
            continue
        if not taken.after.elements[row.key.element].in_service:
            continue  # nobody can lose it any more
        batch = batches[old.hold.batch]
        is_over = taken.now >= old.hold.until or not taken.after.policies.guard.enabled
        causes, _ = causes_of(row.verdicts)
        assert is_over or batch.state is BatchState.CONFIRMED or batch.cause not in causes, row


class Took(NamedTuple):
    """What was taken from whom, when, and because of what."""

    at: datetime
    row: RowKey
    vos: frozenset[str]
    causes: frozenset[Cause]
    declared: bool


class Takings:
    """What automation took, as time went by."""

    def __init__(self) -> None:
        self._took: list[Took] = []
        self._confirmed: dict[Cause, datetime] = {}

    def look(self, taken: Taken) -> None:
        """Note what a step took, and object to what is more than the guard lets through."""
        if isinstance(taken.event, BatchDecided) and taken.event.confirmed:
            self._confirmed[taken.after.watch.batches[taken.event.batch].cause] = taken.now
        guard = taken.after.policies.guard
        if guard.enabled:
            new = list(self._new(taken))
            self._took += new
            for cause in {cause for took in new for cause in took.causes}:
                self._check(cause, guard, taken.now)

    def _new(self, taken: Taken) -> Iterator[Took]:
        named = taken.event.rows if isinstance(taken.event, StatusSet) else ()
        revision = taken.event.policies.revision if isinstance(taken.event, PoliciesLoaded) else None
        folded, _, _ = fold(taken.before, taken.event, taken.now)
        for key, row in all_rows(taken.after).items():
            old, element = seen(folded, key), taken.after.elements.get(key.element)
            if old is None or row.token or key in named or element is None or not element.in_service:
                continue
            if usable(old.status) and not usable(row.status) and not _is_let_through(old, taken.after):
                causes, declared = causes_of(row.verdicts, revision)
                yield Took(taken.now, key, self._whose(taken.after, key, element), causes, declared)

    def _whose(self, state: State, key: RowKey, element: Element) -> frozenset[str]:
        own = {vo for aspect, vo in state.rows[key.element] if aspect == key.status_type}
        heirs = {ALL, *(vo for vo in state.vos - own if element.is_offered_to(vo))}
        return frozenset(heirs if key.vo == ALL else {key.vo} if element.is_offered_to(key.vo) else ())

    def _check(self, cause: Cause, guard: Guard, now: datetime) -> None:
        since = max(now - guard.window, self._confirmed.get(cause, now - guard.window))
        counting = [took for took in self._took if cause in took.causes and took.at > since]
        for declared, cap in ((True, guard.declared), (False, guard.general)):
            rows: dict[tuple[str, str], set[RowKey]] = {}
            latest = {took.row: took for took in counting}
            for took in latest.values():
                if declared or not took.declared:
                    for vo in took.vos:
                        rows.setdefault((vo, took.row.element.type), set()).add(took.row)
            assert cap.share or all(len(taken) <= cap.number for taken in rows.values()), (cause, rows)


def _is_let_through(old: Row, state: State) -> bool:
    return old.hold is not None and state.watch.batches[old.hold.batch].state is BatchState.CONFIRMED
