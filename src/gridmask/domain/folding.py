"""Takes in what an event says, without drawing conclusions from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from immutables import Map

from gridmask.domain.automation import NO_RULINGS, Ruling, Rulings
from gridmask.domain.custody import in_custody
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import NotKnown
from gridmask.domain.events import (
    AutomationRuled,
    BatchDecided,
    DowntimesChanged,
    Event,
    EvidenceChanged,
    InventoryChanged,
    PoliciesLoaded,
    RowsTakenOver,
    StatusSet,
    TimePassed,
    TokenExtended,
    TokenReleased,
    TokenTaken,
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
    SaveRuling,
    SaveVo,
    TakeOutElement,
    WithdrawDowntime,
)
from gridmask.domain.naming import handle
from gridmask.domain.policy_changes import PolicyChange, adopted
from gridmask.domain.row import Rows, of_another, with_rows
from gridmask.domain.state import (
    NO_ROWS,
    NOTHING,
    Hearsay,
    State,
    with_evidence,
    without_evidence,
    without_record,
    without_what_is_over,
)
from gridmask.domain.takeover import taken_over

Folded = tuple[State, frozenset[ElementKey], tuple[Instruction, ...]]
"""The state with what was said in it, the elements that it concerns, and what was learnt of the world itself."""


def fold(state: State, event: Event, now: datetime) -> Folded:  # noqa: C901, PLR0911 - one case for each kind of event
    """``state`` after ``event``, with no row evaluated yet.

    Raises:
        NotKnown: a person named a row that ``state`` cannot have.
        StaleWrite: a person set a row that changed after they saw it.
        Conflict: a person extended a token that is not theirs.
    """
    match event:
        case TimePassed(elements):
            return state, _present(state, elements), ()
        case PoliciesLoaded(policies, before=before):
            return *adopted(state, PolicyChange(before, policies)), ()
        case InventoryChanged():
            return _fold_inventory(state, event)
        case VosChanged():
            return _fold_vos(state, event)
        case DowntimesChanged():
            return _fold_downtimes(state, event, now)
        case EvidenceChanged():
            return _fold_evidence(state, event, now)
        case StatusSet() | TokenTaken() | TokenExtended() | TokenReleased():
            return in_custody(state, event, now), frozenset(row.element for row in event.rows), ()
        case AutomationRuled():
            return _fold_ruling(state, event, now)
        case BatchDecided():
            return _fold_decision(state, event, now)
        case RowsTakenOver(rows=rows):
            return taken_over(state, rows, now), frozenset(row.key.element for row in rows), ()


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
        *_moves_of_rulings(state, event.renamed),
    )
    touched = frozenset({*(element.key for element in saved), *event.taken_out})
    rows, rulings = _moved_rows(state, event.renamed), _moved_rulings(state, event.renamed)
    return replace(state.with_elements(draft.finish(), touched), rows=rows, rulings=rulings), touched, learnt


def _moved_rows(state: State, renamed: Mapping[ElementKey, ElementKey]) -> Map[ElementKey, Rows]:
    """The rows, with those of elements that have another name now under that name: status, debts and tokens go on."""
    if not renamed:
        return state.rows
    draft = state.rows.mutate()
    for before in renamed.values():
        draft.pop(before, None)
    for after, before in renamed.items():
        draft[after] = {key: of_another(row, after) for key, row in state.rows.get(before, NO_ROWS).items()}
    return draft.finish()


def _moved_rulings(state: State, renamed: Mapping[ElementKey, ElementKey]) -> Map[ElementKey, Rulings]:
    """The rulings, with those about elements that have another name now under that name, as with their rows."""
    if not any(key in state.rulings for pair in renamed.items() for key in pair):
        return state.rulings
    draft = state.rulings.mutate()
    for before in renamed.values():
        draft.pop(before, None)
    draft.update({after: state.rulings.get(before, NO_RULINGS) for after, before in renamed.items()})
    return draft.finish()


def _moves_of_rulings(state: State, renamed: Mapping[ElementKey, ElementKey]) -> Iterator[SaveRuling]:
    """What to remember of that."""
    after = _moved_rulings(state, renamed)
    for key in sorted({key for pair in renamed.items() for key in pair}):
        before, now = state.rulings.get(key, NO_RULINGS), after.get(key, NO_RULINGS)
        others = (vo for vo in sorted(before.keys() | now.keys()) if before.get(vo) != now.get(vo))
        yield from (SaveRuling(key, vo, now.get(vo)) for vo in others)


def _fold_vos(state: State, event: VosChanged) -> Folded:
    # also of elements that were taken out: should they return, the VO's rows must not
    kept = {key: _without_vos(rows, event.retired) for key, rows in state.rows.items()}
    fewer = {key: rows for key, rows in kept.items() if len(rows) < len(state.rows[key])}
    vos = (state.vos | event.added) - event.retired
    over = [(key, vo) for key, rulings in sorted(state.rulings.items()) for vo in sorted(rulings.keys() & event.retired)]
    left = {key: {vo: one for vo, one in state.rulings[key].items() if vo not in event.retired} for key, _ in over}
    learnt: tuple[Instruction, ...] = (
        *map(SaveVo, sorted(event.added)),
        *map(RetireVo, sorted(event.retired)),
        *(SaveRuling(key, vo, None) for key, vo in over),
    )
    after = replace(state, rows=state.rows.update(fewer), rulings=state.rulings.update(left), vos=vos)
    return after, _present(state, None) | fewer.keys(), learnt


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
    evidence = without_what_is_over(evidence, named, now)
    evidence = with_evidence(evidence, (item for downtime in announced for item in downtime.evidence(now)))
    learnt: tuple[Instruction, ...] = (*map(SaveDowntime, announced), *map(WithdrawDowntime, difference.withdrawn))
    coverage, touched = state.coverage, set(state.directory.meant_by(named))
    if event.coverage is not None:
        learnt = (*learnt, SaveCoverage(event.coverage))
        touched.update(_newly_covered(state, event.coverage, now))
        coverage = {**coverage, (event.coverage.source, event.coverage.kind): event.coverage}
    return replace(state, evidence=evidence, coverage=coverage), frozenset(touched), learnt


def _fold_evidence(state: State, event: EvidenceChanged, now: datetime) -> Folded:
    left = without_evidence(state.evidence, event.gone) if event.gone else state.evidence
    put = _news(left, event.put, now)
    evidence = with_evidence(left, put)
    named = (*(item.key.about for item in put), *(key.about for key in event.gone))
    learnt: list[Instruction] = [SaveEvidence(put)] if put else []
    if event.gone:
        learnt.append(DropEvidence(event.gone))
    return replace(state, evidence=evidence), frozenset(state.directory.meant_by(named)), tuple(learnt)


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


def _fold_ruling(state: State, event: AutomationRuled, now: datetime) -> Folded:
    ruling = None if event.mode is None else Ruling(event.mode, event.actor.name, event.reason, now)
    draft = state.rulings.mutate()
    for key in event.elements:
        others = {vo: one for vo, one in draft.get(key, NO_RULINGS).items() if vo != event.vo}
        draft[key] = others if ruling is None else {**others, event.vo: ruling}
    learnt = tuple(SaveRuling(key, event.vo, ruling) for key in sorted(event.elements))
    return replace(state, rulings=draft.finish()), event.elements, learnt


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
                draft[key] = with_rows(rows, *(replace(row, hold=kept) for row in held))
    return replace(state, rows=draft.finish(), watch=watch), frozenset(touched), (SaveBatch(decided),)
