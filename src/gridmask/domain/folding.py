"""Takes in what an event says, without drawing conclusions from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from immutables import Map

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.errors import NotKnown, StaleWrite
from gridmask.domain.events import (
    BatchDecided,
    DowntimesChanged,
    Event,
    EvidenceChanged,
    InventoryChanged,
    PoliciesLoaded,
    StatusSet,
    TimePassed,
    TokenReleased,
    VosChanged,
)
from gridmask.domain.evidence import Coverage, Evidence, EvidenceKey
from gridmask.domain.guard import BatchState, Hold
from gridmask.domain.instructions import (
    DropEvidence,
    Instruction,
    NoteRenaming,
    RetireVo,
    SaveBatch,
    SaveCoverage,
    SaveDowntime,
    SaveElement,
    SaveEvidence,
    SaveVo,
    TakeOutElement,
    WithdrawDowntime,
)
from gridmask.domain.naming import handle, named_by
from gridmask.domain.row import INHERITED, Row, Rows, follows, new_row, of_another, split_off
from gridmask.domain.state import NO_ROWS, NOTHING, Hearsay, State, with_evidence, without_evidence, without_record
from gridmask.domain.token import Token
from gridmask.domain.transition import decree
from gridmask.domain.vo import ALL

Folded = tuple[State, frozenset[ElementKey], tuple[Instruction, ...]]
"""The state with what was said in it, the elements that it concerns, and what was learnt of the world itself."""


def fold(state: State, event: Event, now: datetime) -> Folded:  # noqa: C901, PLR0911 - one case for each kind of event
    """``state`` after ``event``, with no row evaluated yet.

    Raises:
        NotKnown: a person named a row that ``state`` cannot have.
        StaleWrite: a person set a row that changed after they saw it.
    """
    match event:
        case TimePassed(elements):
            return state, _present(state, elements), ()
        case PoliciesLoaded(policies):
            return replace(state, policies=policies), _present(state, None), ()
        case InventoryChanged():
            return _fold_inventory(state, event)
        case VosChanged():
            return _fold_vos(state, event)
        case DowntimesChanged():
            return _fold_downtimes(state, event, now)
        case EvidenceChanged():
            return _fold_evidence(state, event, now)
        case StatusSet():
            return _fold_status(state, event, now), frozenset(row.element for row in event.rows), ()
        case TokenReleased():
            return _fold_release(state, event), frozenset(row.element for row in event.rows), ()
        case BatchDecided():
            return _fold_decision(state, event, now)


def _present(state: State, elements: Iterable[ElementKey] | None) -> frozenset[ElementKey]:
    return frozenset(state.elements) if elements is None else frozenset(k for k in elements if k in state.elements)


def _fold_inventory(state: State, event: InventoryChanged) -> Folded:
    saved = (*event.added, *event.edited)
    draft = state.elements.mutate()
    draft.update({element.key: element for element in saved})
    for key in event.taken_out:
        draft.pop(key, None)
    learnt: tuple[Instruction, ...] = (
        *map(SaveElement, saved),
        *map(TakeOutElement, event.taken_out),
        *(NoteRenaming(before, after) for after, before in event.renamed.items()),
    )
    touched = frozenset({*(element.key for element in saved), *event.taken_out})
    return replace(state, elements=draft.finish(), rows=_moved_rows(state, event.renamed)), touched, learnt


def _moved_rows(state: State, renamed: Mapping[ElementKey, ElementKey]) -> Map[ElementKey, Rows]:
    """The rows, with those of elements that have another name now under that name: status, debts and tokens go on."""
    if not renamed:
        return state.rows
    draft = state.rows.mutate()
    for after, before in renamed.items():
        rows = draft.pop(before, NO_ROWS)
        draft[after] = {key: of_another(row, after) for key, row in rows.items()}
    return draft.finish()


def _fold_vos(state: State, event: VosChanged) -> Folded:
    # also of elements that were taken out: should they return, the VO's rows must not
    kept = {key: _without_vos(rows, event.retired) for key, rows in state.rows.items()}
    fewer = {key: rows for key, rows in kept.items() if len(rows) < len(state.rows[key])}
    learnt: tuple[Instruction, ...] = (*map(SaveVo, sorted(event.added)), *map(RetireVo, sorted(event.retired)))
    vos = (state.vos | event.added) - event.retired
    return replace(state, rows=state.rows.update(fewer), vos=vos), _present(state, None) | fewer.keys(), learnt


def _without_vos(rows: Rows, vos: frozenset[str]) -> Rows:
    return {(aspect, vo): row for (aspect, vo), row in rows.items() if vo not in vos}


def _fold_downtimes(state: State, event: DowntimesChanged, now: datetime) -> Folded:
    difference = event.difference
    announced = (*difference.added, *difference.edited)
    evidence, named = state.evidence, {target for downtime in announced for target in downtime.targets}
    for key in (*(downtime.key for downtime in difference.edited), *difference.withdrawn):
        before = event.before[key].targets
        evidence = without_record(evidence, key, before)
        named |= before
    evidence = with_evidence(evidence, (item for downtime in announced for item in downtime.evidence(now)))
    learnt: tuple[Instruction, ...] = (*map(SaveDowntime, announced), *map(WithdrawDowntime, difference.withdrawn))
    coverage, touched = state.coverage, set(named_by(named, state.elements))
    if event.coverage is not None:
        learnt = (*learnt, SaveCoverage(event.coverage))
        touched.update(_newly_covered(state, event.coverage, now))
        coverage = {**coverage, (event.coverage.source, event.coverage.kind): event.coverage}
    return replace(state, evidence=evidence, coverage=coverage), frozenset(touched), learnt


def _fold_evidence(state: State, event: EvidenceChanged, now: datetime) -> Folded:
    left = without_evidence(state.evidence, event.gone)
    put = _news(left, event.put, now)
    evidence = with_evidence(left, put)
    named = (*(item.key.about for item in put), *(key.about for key in event.gone))
    learnt: list[Instruction] = [SaveEvidence(put)] if put else []
    if event.gone:
        learnt.append(DropEvidence(event.gone))
    return replace(state, evidence=evidence), frozenset(named_by(named, state.elements)), tuple(learnt)


def _news(known: Hearsay, put: Iterable[Evidence], now: datetime) -> tuple[Evidence, ...]:
    """What of ``put`` is not older than what is known already, in whatever order it came (promise D7).

    What claims to be of the future is no reason to disbelieve what comes after it.
    """
    newest: dict[EvidenceKey, Evidence] = {}
    for item in put:
        before = newest.get(item.key) or known.get(handle(item.key.about), NOTHING).get(item.key)
        if before is None or before.observed_at <= item.observed_at or before.observed_at > now:
            newest[item.key] = item
    return tuple(newest.values())


def _newly_covered(state: State, coverage: Coverage, now: datetime) -> Iterator[ElementKey]:
    """Elements about which the source's silence says something else than before."""
    before = state.coverage.get((coverage.source, coverage.kind))
    if coverage.continues(before, now):
        return iter(())
    either = (coverage,) if before is None else (before, coverage)
    return (key for key, element in state.elements.items() if any(c.covers(element) for c in either))


def _fold_status(state: State, event: StatusSet, now: datetime) -> State:
    told = Reason(ReasonKind.PERSON, event.reason, source=event.actor.name, since=now, until=event.until)

    def decided(row: Row, reasons: tuple[Reason, ...]) -> Row:
        standing, token = decree(row.standing, event.status, now), Token(event.actor.name, event.until)
        return replace(row, standing=standing, reasons=reasons, token=token, binding=event.binding and row.key.vo == ALL)

    rows = state.rows
    for key in event.rows:
        row = _row_to_set(state, key, now)
        if key in event.seen and row.revision > event.seen[key]:
            raise StaleWrite(str(key), event.seen[key], row.revision, row.status.label)
        kept = rows.get(key.element, NO_ROWS)
        inherited = [decided(heir, (told, INHERITED)) for heir in _heirs(kept, key)]
        rows = rows.set(key.element, _with_rows(kept, decided(row, (told,)), *inherited))
    return replace(state, rows=rows)


def _fold_release(state: State, event: TokenReleased) -> State:
    rows = state.rows
    for key in event.rows:
        _require_row(state, key)
        kept = rows.get(key.element, NO_ROWS)
        row = kept.get((key.status_type, key.vo))
        held = [one for one in (row, *_heirs(kept, key)) if one is not None and one.token is not None]
        if held:
            rows = rows.set(key.element, _with_rows(kept, *(replace(one, token=None, binding=False) for one in held)))
    return replace(state, rows=rows)


def _fold_decision(state: State, event: BatchDecided, now: datetime) -> Folded:
    batch = state.watch.batches.get(event.batch)
    if batch is None or not batch.is_open(now):
        waiting = (one.id for one in state.watch.batches.values() if one.is_open(now))
        raise NotKnown("batch that waits", event.batch, waiting)
    outcome = BatchState.CONFIRMED if event.confirmed else BatchState.DROPPED
    decided = replace(batch, state=outcome, decided_at=now, decided_by=event.actor.name, comment=event.reason)
    watch = replace(state.watch, batches={**state.watch.batches, batch.id: decided})
    draft, touched = state.rows.mutate(), set()
    for key in state.elements:
        rows = state.rows.get(key, NO_ROWS)
        held = [row for row in rows.values() if row.hold is not None and row.hold.batch == batch.id]
        if held:
            touched.add(key)
            if not event.confirmed:
                kept = Hold(batch.id, now + state.policies.guard.expires, dropped=True)
                draft[key] = _with_rows(rows, *(replace(row, hold=kept) for row in held))
    return replace(state, rows=draft.finish(), watch=watch), frozenset(touched), (SaveBatch(decided),)


def _heirs(rows: Rows, key: RowKey) -> tuple[Row, ...]:
    """The rows that follow what a person does with the row ``key``."""
    return tuple(row for row in rows.values() if follows(row, key))


def _with_rows(rows: Rows, *changed: Row) -> Rows:
    return {**rows, **{(row.key.status_type, row.key.vo): row for row in changed}}


def _require_row(state: State, key: RowKey) -> None:
    """Check that there can be a row ``key``."""
    if key.element not in state.elements:
        raise NotKnown(key.element.type, key.element.name, (known.name for known in state.elements))
    declared = state.types.status_types(key.element)
    if key.status_type not in declared:
        raise NotKnown(f"status type of {key.element.type}", key.status_type, declared)
    if key.vo != ALL and key.vo not in state.vos:
        raise NotKnown("VO", key.vo, state.vos)


def _row_to_set(state: State, key: RowKey, now: datetime) -> Row:
    _require_row(state, key)
    rows = state.rows.get(key.element, NO_ROWS)
    general = rows.get((key.status_type, ALL)) or new_row(key._replace(vo=ALL), now)
    return rows.get((key.status_type, key.vo)) or (general if key.vo == ALL else split_off(general, key.vo))
