"""Settles an element: evaluates its rows, opens those that are called for, ends those that are not."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.domain.element import Element, RowKey
from gridmask.domain.evaluation import evaluate
from gridmask.domain.evidence import DECLARATIONS, Coverage
from gridmask.domain.row import Row, Rows, new_row, split_off
from gridmask.domain.state import NO_ROWS, State
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.mask import Holding


def settle(
    state: State, element: Element, coverage: tuple[Coverage, ...], now: datetime, around: tuple[Holding, ...] = ()
) -> Rows:
    """The rows of ``element`` at ``now``; the very same mapping where nothing about them is new.

    ``coverage`` is the part of the state's that speaks of ``element``, ``around`` what the policies look at beside it.
    """
    rows = state.rows.get(element.key, NO_ROWS)
    evidence = state.evidence_about(element)
    declared = frozenset(e.vo for e in evidence if e.kind in DECLARATIONS and e.vo in state.vos and e.counts(now))

    def judged(row: Row) -> Row:
        return evaluate(row, element, evidence, coverage=coverage, policies=state.policies, now=now, around=around)

    settled: dict[tuple[str, str], Row] = {}
    for status_type in state.types.status_types(element.key):
        general = rows.get((status_type, ALL)) or new_row(RowKey(element.key, status_type, ALL), now)
        settled[status_type, ALL] = judged(general)
        own = {vo: row for (aspect, vo), row in rows.items() if vo != ALL and aspect == status_type}
        by_policy = state.policies.vos_called_for(general.key, element, state.vos)
        by_token = (vo for vo, row in own.items() if row.held(now))
        # the VOs that have a row of their own, by policies, by tokens, and by what people declared about them (promise V3)
        called_for = by_policy.union(by_token, declared)
        for vo in sorted(called_for | own.keys()):
            row = judged(own.get(vo) or split_off(general, vo))
            if vo in called_for or not _may_end(row, settled[status_type, ALL]):
                settled[status_type, vo] = row
    return rows if _same(settled, rows) else settled


def _may_end(row: Row, general: Row) -> bool:
    """Whether falling back to ``general`` frees nothing: neither of a debt, nor of what is held for want of evidence."""
    holds_on = any(verdict.held and not verdict.advisory for verdict in row.verdicts)
    return general.standing.frees_no_sooner_than(row.standing) and (not holds_on or general.status <= row.status)


def _same(settled: Rows, rows: Rows) -> bool:
    return len(settled) == len(rows) and all(rows.get(key) is row for key, row in settled.items())
