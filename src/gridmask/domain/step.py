"""The one function that decides: ``step(state, event, now) → (state, instructions)``.

The live loop, a trial run and a replay all drive it. It takes in what happened, settles every row that it can concern, and says
what to remember. It knows no database and no clock, and treats one row and a million alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from gridmask.domain.decision import records_named
from gridmask.domain.element import ElementKey
from gridmask.domain.events import Event, PoliciesLoaded, RowsTakenOver
from gridmask.domain.evidence import Evidence, among
from gridmask.domain.folding import fold
from gridmask.domain.guarding import guarded
from gridmask.domain.hearing import Hearing
from gridmask.domain.instructions import EndRow, Instruction, MoveMasks, SaveRow
from gridmask.domain.mask import moved
from gridmask.domain.neighbours import Neighbourhood, followers
from gridmask.domain.occasion import ANY, Occasion, occasion_of
from gridmask.domain.row import Row, Rows
from gridmask.domain.settling import settle
from gridmask.domain.state import NO_ROWS, State


def step(state: State, event: Event, now: datetime) -> tuple[State, tuple[Instruction, ...]]:
    """Let ``event`` happen to ``state`` at ``now``.

    Returns:
        The state after it, and what to remember. Nothing about elements that the event does not touch is in either.

    Raises:
        NotKnown: a person named a row that ``state`` cannot have.
        StaleWrite: a person set a row that changed after they saw it.
        Conflict: a person extended a token that is not theirs.
        CensusNeeded: it takes so much that shares decide, and ``state`` is a part that does not tell them.
        RecallNeeded: it takes something, and ``state.watch`` does not tell what was taken of late.
    """
    folded, touched, learnt = fold(state, event, now)
    if isinstance(event, RowsTakenOver):
        # what was decided elsewhere goes into the books as it was, before anybody here has a say
        return folded, (*learnt, *_consequences(state, folded, touched))
    revision = event.policies.revision if isinstance(event, PoliciesLoaded) else None
    following = followers(state, folded, touched)
    after, held = _judged(folded, touched - following, now, revision, folded, occasion_of(event, state))
    if following:
        # what follows others comes after these, and sees what became of them
        after, more = _judged(after, following, now, revision, folded)
        held = (*held, *more)
    return after, (*learnt, *held, *_consequences(state, after, touched | following))


def _judged(
    state: State,
    touched: frozenset[ElementKey],
    now: datetime,
    revision: str | None,
    at_first: State,
    occasion: Occasion = ANY,
) -> tuple[State, tuple[Instruction, ...]]:
    """``state`` with ``touched`` settled and guarded, and what to remember of that. Shares are of what was there at first."""
    settled, ended = _settled(state, touched, now, occasion)
    return guarded(state, settled, touched, now, ended=ended, revision=revision, counted=at_first)


def _settled(state: State, touched: Iterable[ElementKey], now: datetime, occasion: Occasion) -> tuple[State, tuple[Row, ...]]:
    """``state`` as automation wants it, and the rows that ended on the way."""
    ended: list[Row] = []
    draft, coverage = state.rows.mutate(), state.coverage_in_order()
    around = Neighbourhood(state).around if state.policies.reaches else lambda _: ()
    for key in touched:
        element = state.elements.get(key)
        if element is not None:
            speaking = tuple(c for c in coverage if c.covers(element))
            settlement = settle(state, element, speaking, now, around(element), occasion)
            if settlement.rows is not state.rows.get(key):
                draft[key] = settlement.rows
            ended += settlement.ended
    return replace(state, rows=draft.finish()), tuple(ended)


def _consequences(before: State, after: State, touched: Iterable[ElementKey]) -> Iterator[Instruction]:
    masks: set[str] = set()
    for key in sorted(touched):
        old, new = before.rows.get(key, NO_ROWS), after.rows.get(key, NO_ROWS)
        if old is new and before.elements.get(key) is after.elements.get(key):
            continue
        changed = [row for row_key, row in new.items() if (was := old.get(row_key)) is not row and was != row]
        yield from _saved(key, changed, old, after)
        for row_key in sorted(old.keys() - new.keys()):
            yield EndRow(old[row_key])
        masks |= moved(before.holding(key), after.holding(key), after.vos)
    if masks:
        yield MoveMasks(frozenset(masks))


def _saved(key: ElementKey, rows: Sequence[Row], before: Rows, state: State) -> Iterator[SaveRow]:
    """That ``rows`` of an element are to be kept, those that are decisions together with the evidence that they rest on."""
    element = state.elements.get(key)
    hearing = Hearing(state.evidence_about(element)) if element is not None and rows else None
    # rows of many VOs share what they rest on
    used: dict[tuple[int, int], tuple[Evidence, ...]] = {}
    for row in rows:
        saved = SaveRow(before.get((row.key.status_type, row.key.vo)), row)
        if hearing is not None and saved.is_decision:
            heard = hearing.by(row.key.vo)
            question = id(row.verdicts), id(heard)
            if question not in used:
                used[question] = among(records_named(row.verdicts), heard)
            saved = SaveRow(saved.before, row, used[question])
        yield saved
