"""The one function that decides: ``step(state, event, now) → (state, instructions)``.

The live loop, a trial run and a replay all drive it. It takes what happened, works out what follows for every row that can be
concerned, and says what to remember. It knows no database and no clock, and treats one row and a million alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.errors import NotKnown, StaleWrite
from gridmask.domain.evaluation import evaluate
from gridmask.domain.events import (
    DowntimesChanged,
    Event,
    InventoryChanged,
    PoliciesLoaded,
    StatusSet,
    TimePassed,
    TokenReleased,
)
from gridmask.domain.evidence import Coverage
from gridmask.domain.instructions import (
    EndRow,
    Instruction,
    MoveMasks,
    SaveCoverage,
    SaveDowntime,
    SaveElement,
    SaveRow,
    TakeOutElement,
    WithdrawDowntime,
)
from gridmask.domain.mask import moved
from gridmask.domain.row import Row, Rows, new_row, split_off
from gridmask.domain.state import NO_ROWS, State, with_evidence, without_record
from gridmask.domain.token import Token
from gridmask.domain.transition import decree
from gridmask.domain.vo import ALL


def step(state: State, event: Event, now: datetime) -> tuple[State, tuple[Instruction, ...]]:
    """Let ``event`` happen to ``state`` at ``now``.

    Returns:
        The state after it, and what to remember. Nothing about elements that the event does not touch is in either.

    Raises:
        NotKnown: a person named a row of an element that ``state`` does not have.
        StaleWrite: a person set a row that changed after they saw it.
    """
    folded, touched, learnt = _fold(state, event, now)
    settled = _settle(folded, touched, now)
    return settled, (*learnt, *_consequences(state, settled, touched))


def _fold(state: State, event: Event, now: datetime) -> tuple[State, frozenset[ElementKey], tuple[Instruction, ...]]:
    """Take in what ``event`` says, without drawing conclusions: the state, the elements concerned, what was learnt."""
    match event:
        case TimePassed(elements):
            return state, _present(state, elements), ()
        case PoliciesLoaded(policies):
            return replace(state, policies=policies), _present(state, None), ()
        case InventoryChanged():
            return _fold_inventory(state, event)
        case DowntimesChanged():
            return _fold_downtimes(state, event, now)
        case StatusSet():
            return _fold_status(state, event, now), frozenset(row.element for row in event.rows), ()
        case TokenReleased():
            return _fold_release(state, event, now), frozenset(row.element for row in event.rows), ()


def _present(state: State, elements: Iterable[ElementKey] | None) -> frozenset[ElementKey]:
    return frozenset(state.elements) if elements is None else frozenset(k for k in elements if k in state.elements)


def _fold_inventory(state: State, event: InventoryChanged) -> tuple[State, frozenset[ElementKey], tuple[Instruction, ...]]:
    saved = (*event.added, *event.edited)
    draft = state.elements.mutate()
    draft.update({element.key: element for element in saved})
    for key in event.taken_out:
        draft.pop(key, None)
    learnt: tuple[Instruction, ...] = (*map(SaveElement, saved), *map(TakeOutElement, event.taken_out))
    touched = frozenset({*(element.key for element in saved), *event.taken_out})
    return replace(state, elements=draft.finish()), touched, learnt


def _fold_downtimes(
    state: State, event: DowntimesChanged, now: datetime
) -> tuple[State, frozenset[ElementKey], tuple[Instruction, ...]]:
    difference = event.difference
    announced = (*difference.added, *difference.edited)
    evidence, touched = state.evidence, {target for downtime in announced for target in downtime.targets}
    for key in (*(downtime.key for downtime in difference.edited), *difference.withdrawn):
        named = event.before[key].targets
        evidence = without_record(evidence, key, named)
        touched |= named
    evidence = with_evidence(evidence, (item for downtime in announced for item in downtime.evidence(now)))
    learnt: tuple[Instruction, ...] = (*map(SaveDowntime, announced), *map(WithdrawDowntime, difference.withdrawn))
    coverage = state.coverage
    if event.coverage is not None:
        learnt = (*learnt, SaveCoverage(event.coverage))
        touched.update(_newly_covered(state, event.coverage, now))
        coverage = {**coverage, (event.coverage.source, event.coverage.kind): event.coverage}
    return replace(state, evidence=evidence, coverage=coverage), _present(state, touched), learnt


def _newly_covered(state: State, coverage: Coverage, now: datetime) -> Iterator[ElementKey]:
    """Elements about which the source's silence begins to say something."""
    before = state.coverage.get((coverage.source, coverage.kind))
    if before is not None and before.counts(now) and before.inventories == coverage.inventories:
        return iter(())
    return (key for key, element in state.elements.items() if coverage.covers(element))


def _fold_status(state: State, event: StatusSet, now: datetime) -> State:
    rows = state.rows
    for key in event.rows:
        row = _row_to_set(state, key, now)
        if key in event.seen and row.revision > event.seen[key]:
            raise StaleWrite(str(key), event.seen[key], row.revision, row.status.label)
        reason = Reason(ReasonKind.PERSON, event.reason, source=event.actor.name, since=now, until=event.until)
        decided = replace(
            row,
            standing=decree(row.standing, event.status, now),
            reasons=(reason,),
            token=Token(event.actor.name, event.until),
            binding=event.binding and key.vo == ALL,
        )
        rows = rows.set(key.element, {**rows.get(key.element, NO_ROWS), (key.status_type, key.vo): decided})
    return replace(state, rows=rows)


def _fold_release(state: State, event: TokenReleased, now: datetime) -> State:
    rows = state.rows
    for key in event.rows:
        row = _row_to_set(state, key, now)
        ended = replace(row, token=None, binding=False)
        rows = rows.set(key.element, {**rows.get(key.element, NO_ROWS), (key.status_type, key.vo): ended})
    return replace(state, rows=rows)


def _row_to_set(state: State, key: RowKey, now: datetime) -> Row:
    if key.element not in state.elements:
        raise NotKnown(key.element.type, key.element.name, (known.name for known in state.elements))
    declared = state.types.status_types(key.element)
    if key.status_type not in declared:
        raise NotKnown(f"status type of {key.element.type}", key.status_type, declared)
    rows = state.rows.get(key.element, NO_ROWS)
    general = rows.get((key.status_type, ALL)) or new_row(key._replace(vo=ALL), now)
    return rows.get((key.status_type, key.vo)) or (general if key.vo == ALL else split_off(general, key.vo))


def _settle(state: State, touched: Iterable[ElementKey], now: datetime) -> State:
    """Evaluate every row of the ``touched`` elements."""
    draft, coverage = state.rows.mutate(), state.coverage_in_order()
    for key in touched:
        element = state.elements.get(key)
        if element is not None:
            covering = tuple(c for c in coverage if c.covers(element))
            draft[key] = _settle_element(state, element, covering, now)
    return replace(state, rows=draft.finish())


def _settle_element(state: State, element: Element, coverage: tuple[Coverage, ...], now: datetime) -> Rows:
    rows = state.rows.get(element.key, NO_ROWS)
    judge = partial(
        evaluate,
        element=element,
        evidence=state.evidence.get(element.key, {}).values(),
        coverage=coverage,
        policies=state.policies,
        now=now,
    )
    settled: dict[tuple[str, str], Row] = {}
    for status_type in state.types.status_types(element.key):
        general = rows.get((status_type, ALL)) or new_row(RowKey(element.key, status_type, ALL), now)
        settled[status_type, ALL] = judge(general)
        own = {vo: row for (aspect, vo), row in rows.items() if aspect == status_type and vo != ALL}
        called_for = _vos_called_for(state, general, element, own.values(), now)
        for vo in sorted(called_for | own.keys()):
            row = judge(own.get(vo) or split_off(general, vo))
            if vo in called_for or not _may_end(row, settled[status_type, ALL]):
                settled[status_type, vo] = row
    unchanged = len(settled) == len(rows) and all(rows.get(key) is row for key, row in settled.items())
    return rows if unchanged else settled


def _vos_called_for(state: State, general: Row, element: Element, own: Iterable[Row], now: datetime) -> frozenset[str]:
    """The VOs that have a row of their own, by policies, by tokens and by what people declared about them (promise V3)."""
    by_policy = state.policies.vos_called_for(general.key, element, state.vos)
    by_token = {row.key.vo for row in own if row.held(now)}
    declared = {e.vo for e in state.evidence.get(element.key, {}).values() if e.vo != ALL and e.counts(now)}
    return by_policy | by_token | declared


def _may_end(row: Row, general: Row) -> bool:
    """Whether falling back to the row of ``all`` frees nothing: a debt must go on there, from no better a status."""
    return not row.standing.owes_probing or (general.standing.owes_probing and general.status <= row.status)


def _consequences(before: State, after: State, touched: Iterable[ElementKey]) -> Iterator[Instruction]:
    masks: set[str] = set()
    for key in sorted(touched):
        old, new = before.rows.get(key, NO_ROWS), after.rows.get(key, NO_ROWS)
        if old is new and before.elements.get(key) is after.elements.get(key):
            continue
        for row_key, row in new.items():
            if old.get(row_key) is not row:
                yield SaveRow(old.get(row_key), row)
        for row_key in old.keys() - new.keys():
            yield EndRow(old[row_key])
        masks |= moved(before.holding(key), after.holding(key), after.vos)
    if masks:
        yield MoveMasks(frozenset(masks))
