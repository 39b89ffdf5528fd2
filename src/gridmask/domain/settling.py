"""Settles an element: evaluates its rows, opens those that are called for, ends those that are not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.assessing import Assessor
from gridmask.domain.automation import NO_RULINGS, Mode, Rulings, ruled
from gridmask.domain.element import Element, RowKey
from gridmask.domain.evaluation import evaluate
from gridmask.domain.evidence import DECLARATIONS, Coverage
from gridmask.domain.hearing import Hearing
from gridmask.domain.occasion import ANY, Occasion
from gridmask.domain.row import Row, Rows, new_row, on_its_own, split_off
from gridmask.domain.state import NO_ROWS, State
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from gridmask.domain.mask import Holding


class Settlement(NamedTuple):
    """The rows of an element as automation wants them; the very same mapping where nothing about them is new.

    ``ended``: those that are no longer called for, as they would be if they went on.
    """

    rows: Rows
    ended: tuple[Row, ...] = ()


def settle(
    state: State,
    element: Element,
    coverage: tuple[Coverage, ...],
    now: datetime,
    around: tuple[Holding, ...] = (),
    occasion: Occasion = ANY,
) -> Settlement:
    """The rows of ``element`` at ``now``.

    ``coverage`` is the part of the state's that speaks of ``element``, ``around`` what the policies look at beside it. Judged
    are the rows that begin, and those that the ``occasion`` calls for.
    """
    rows, policies = state.rows.get(element.key, NO_ROWS), state.policies
    hearing = Hearing(state.evidence_about(element))
    declared = frozenset(e.vo for e in hearing.evidence if e.kind in DECLARATIONS and e.vo in state.vos and e.counts(now))

    rulings, by_layer = state.rulings.get(element.key, NO_RULINGS), policies.automation
    by_ruling = _ruled_apart(rulings, by_layer, element, state)

    assessor = Assessor(policies, element, hearing, coverage, now, around)

    def judged(row: Row) -> Row:
        if rows.get(row.key[1:]) is row and not occasion.calls_for(row, assessor.panel, now):
            return row
        return evaluate(row, assessor, mode(row.key.vo))

    def mode(vo: str) -> Mode:
        return ruled(rulings, by_layer, vo) if rulings or by_layer else Mode.FULL

    by_aspect = _by_aspect(rows)
    settled: dict[tuple[str, str], Row] = {}
    ended: list[Row] = []
    for status_type in state.types.status_types(element.key):
        general = rows.get((status_type, ALL)) or new_row(RowKey(element.key, status_type, ALL), now)
        settled[status_type, ALL] = judged(general)
        own = by_aspect.get(status_type, {})
        by_policy = policies.vos_called_for(general.key, element, state.vos)
        # the VOs that have a row of their own, by policies and by what people said about them; and by tokens (promise V3)
        called_for = by_policy.union(declared, by_ruling)
        for vo in sorted(called_for | own.keys()):
            row = judged(own.get(vo) or split_off(general, vo))
            # automation may agree with the person about the one and not yet about the other
            row = row if settled[status_type, ALL].token is not None else on_its_own(row)
            if vo in called_for or row.held(now) or not _may_end(row, settled[status_type, ALL], mode(vo)):
                settled[status_type, vo] = row
            else:
                ended.append(row)
    return Settlement(rows if _same(settled, rows) else settled, tuple(ended))


def _by_aspect(rows: Rows) -> dict[str, dict[str, Row]]:
    """The rows of VOs by status type and VO."""
    found: dict[str, dict[str, Row]] = {}
    for (aspect, vo), row in rows.items():
        if vo != ALL:
            found.setdefault(aspect, {})[vo] = row
    return found


def _ruled_apart(rulings: Rulings, by_layer: Mapping[str, Mode], element: Element, state: State) -> frozenset[str]:
    """The VOs for which automation goes another way with ``element`` than for ``all``."""
    if not rulings and not by_layer:
        return frozenset()
    general = ruled(rulings, by_layer, ALL)
    candidates = (vo for vo in {*rulings, *by_layer} if vo in state.vos and element.is_offered_to(vo))
    return frozenset(vo for vo in candidates if ruled(rulings, by_layer, vo) is not general)


def _may_end(row: Row, general: Row, mode: Mode) -> bool:
    """Whether falling back to ``general`` frees nothing: neither of a debt, nor of what is held for want of evidence.

    Nor may it change what ``mode`` leaves to people.
    """
    if not mode.permits(row.standing, general.status):
        return False
    holds_on = any(verdict.held and not verdict.advisory for verdict in row.verdicts)
    return general.standing.frees_no_sooner_than(row.standing) and (not holds_on or general.status <= row.status)


def _same(settled: Rows, rows: Rows) -> bool:
    return len(settled) == len(rows) and all(rows.get(key) is row for key, row in settled.items())
