"""A part of the world fares in a step as it does in the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from immutables import Map

from gridmask.domain.element import Element, ElementKey
from gridmask.domain.events import (
    AutomationRuled,
    Event,
    EvidenceChanged,
    InventoryChanged,
    StatusSet,
    TokenExtended,
    TokenReleased,
    TokenTaken,
)
from gridmask.domain.evidence import Evidence
from gridmask.domain.folding import fold
from gridmask.domain.guarding import census
from gridmask.domain.naming import handles
from gridmask.domain.state import NO_ROWS, State
from gridmask.domain.step import step
from tests.unit.domain.oracles.taken import Taken


def part_of(state: State, key: ElementKey, coming: Iterable[Element] = ()) -> State:
    """``state`` with nothing in it but one element, as it is or as it is going to be."""
    present = [state.elements[key]] if key in state.elements else []
    goes_by = {name for element in (*present, *coming) for name in handles(element)}
    return replace(
        state,
        elements=Map({k: v for k, v in state.elements.items() if k == key}),
        rows=Map({k: v for k, v in state.rows.items() if k == key}),
        evidence=Map({name: v for name, v in state.evidence.items() if name in goes_by}),
    )


def about(event: Event, key: ElementKey) -> Event:
    """What ``event`` says about one element."""
    match event:
        case StatusSet() | TokenTaken() | TokenExtended() | TokenReleased():
            return replace(event, rows=tuple(row for row in event.rows if row.element == key))
        case AutomationRuled():
            return replace(event, elements=event.elements & {key})
        case InventoryChanged():
            return replace(
                event,
                added=tuple(e for e in event.added if e.key == key),
                edited=tuple(e for e in event.edited if e.key == key),
                taken_out=tuple(k for k in event.taken_out if k == key),
            )
        case _:
            return event


def check_a_part_gives_the_same(taken: Taken) -> None:
    folded, touched, _ = fold(taken.before, taken.event, taken.now)
    holdings = (holding for key in folded.elements if (holding := folded.holding(key)))
    told = replace(taken.before, is_whole=False, census=census(holdings, folded.vos))
    keys = {key for key in (*taken.before.elements, *taken.before.rows) if key in touched}
    part = replace(
        told,
        elements=Map({k: v for k, v in told.elements.items() if k in keys}),
        rows=Map({k: v for k, v in told.rows.items() if k in keys}),
    )
    after, _ = step(part, taken.event, taken.now)
    assert all(after.rows.get(key, NO_ROWS) == taken.after.rows.get(key, NO_ROWS) for key in touched)
    if not any(state.policies.guard.enabled for state in (taken.before, taken.after)):
        _check_each_alone_fares_the_same(taken)


def _check_each_alone_fares_the_same(taken: Taken) -> None:
    for key in {*taken.before.elements, *taken.after.elements}:
        coming = [taken.after.elements[key]] if key in taken.after.elements else []
        part, _ = step(part_of(taken.before, key, coming), about(taken.event, key), taken.now)
        assert part.rows.get(key, NO_ROWS) == taken.after.rows.get(key, NO_ROWS)


def check_the_order_of_evidence_does_not_matter(state: State, put: tuple[Evidence, ...], now: datetime) -> None:
    forth, back = (step(state, EvidenceChanged(order), now)[0] for order in (put, put[::-1]))
    assert forth.rows == back.rows
    one_by_one = state
    for item in sorted(put, key=lambda e: e.observed_at, reverse=True):
        one_by_one, _ = step(one_by_one, EvidenceChanged((item,)), now)
    assert one_by_one.evidence == forth.evidence
