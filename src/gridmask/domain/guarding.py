"""Guarding a step: finds what it would take, and holds what is too much of it (promise D4)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import count as numbers
from typing import TYPE_CHECKING, NamedTuple

from gridmask.domain.errors import GridmaskError
from gridmask.domain.guard import (
    Batch,
    BatchState,
    Cause,
    Census,
    Guard,
    Hold,
    Taking,
    Watch,
    causes_of,
    exceeded,
    suspicious,
)
from gridmask.domain.instructions import Instruction, NoteTakings, SaveBatch
from gridmask.domain.row import Row, Rows, left_behind, split_off
from gridmask.domain.state import NO_ROWS, State
from gridmask.domain.status import usable
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from immutables import Map

    from gridmask.domain.element import ElementKey, RowKey
    from gridmask.domain.mask import Holding


class CensusNeeded(GridmaskError):
    """A step takes so much that shares decide, and its state is a part of the world that does not tell them.

    Not for readers: whoever takes the step brings ``State.census`` along, and takes it again.
    """


class RecallNeeded(GridmaskError):
    """A step takes something, and what was taken of late is not told.

    Not for readers: whoever takes the step brings ``Watch.recent`` along, and takes it again.
    """


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A row as it was, as automation wants it, and the taking that this would be."""

    before: Row
    after: Row
    taking: Taking


class _Pair(NamedTuple):
    """What readers see of a row: as it was, and as automation wants it.

    ``ends``: the row is to end, and ``after`` is what its VO falls back to. ``served``: its element is in service.
    """

    before: Row
    after: Row
    ends: bool = False
    served: bool = True

    @property
    def takes(self) -> bool:
        """Whether automation makes it unusable."""
        return self.served and self.after.token is None and usable(self.before.status) and not usable(self.after.status)


def guarded(  # noqa: PLR0913 - all of it by name
    before: State,
    settled: State,
    touched: Iterable[ElementKey],
    now: datetime,
    *,
    ended: Iterable[Row] = (),
    revision: str | None = None,
    counted: State | None = None,
) -> tuple[State, tuple[Instruction, ...]]:
    """``settled``, but for what is held of it, and what to remember of that.

    Args:
        before: the world before the step, whose rows are as people and automation left them.
        settled: the world as automation wants it.
        touched: the elements that may differ.
        now: when.
        ended: the rows that ended, as they would be if they went on.
        revision: the policies, where they are what is new.
        counted: the world whose usable rows shares are of, where that is another than ``before``.

    Raises:
        CensusNeeded, RecallNeeded: see there.
    """
    guard = settled.policies.guard
    standing, fresh, freed = _sorted(before, settled, touched, now, revision)
    batches = _batches(before, fresh, guard, now, counted or before)
    held = {w.after.key: _kept(w, batches[cause]) for w in fresh if (cause := _first(w, batches)) is not None}
    changed = {**_going_on(before, ended, {**standing, **held}), **standing, **freed, **held}
    went_through = tuple(w.taking for w in fresh if w.after.key not in held)
    recent = (*(t for t in before.watch.recent if t.at > now - guard.window), *went_through)
    known = {**before.watch.batches, **{batch.id: batch for batch in batches.values()}}
    if not changed and not went_through and recent == before.watch.recent:
        return settled, ()
    told: tuple[Instruction, ...] = tuple(map(SaveBatch, batches.values()))
    if went_through:
        told = (*told, NoteTakings(went_through))
    return replace(
        settled, rows=_with(settled.rows, changed.values()), watch=replace(before.watch, recent=recent, batches=known)
    ), told


def _sorted(
    before: State, settled: State, touched: Iterable[ElementKey], now: datetime, revision: str | None
) -> tuple[dict[RowKey, Row], list[_Wanted], dict[RowKey, Row]]:
    """The rows that go on being held, those that would be taken for the first time, and those that nothing holds any more."""
    standing: dict[RowKey, Row] = {}
    fresh: list[_Wanted] = []
    freed: dict[RowKey, Row] = {}
    for pair in _pairs(before, settled, touched):
        old, new = pair.before, pair.after
        if not pair.takes or not settled.policies.guard.enabled or _is_confirmed(old.hold, before.watch):
            if new.hold is not None and not pair.ends:
                freed[new.key] = replace(new, hold=None)
            continue
        causes, declared = causes_of(new.verdicts, revision)
        if old.hold is not None and now < old.hold.until and _is_about(old.hold, causes, before.watch):
            standing[new.key] = _as_before(old, new, old.hold)
        else:
            vos = _concerned(settled, new.key)
            fresh.append(_Wanted(old, replace(new, hold=None), Taking(now, new.key, vos, causes, declared)))
            if new.hold is not None and not pair.ends:
                freed[new.key] = replace(new, hold=None)
    return standing, fresh, freed


def _going_on(before: State, ended: Iterable[Row], kept: Mapping[RowKey, Row]) -> dict[RowKey, Row]:
    """Those of ``ended`` that must not end yet: what they would fall back to is held, and would set their VO free."""
    found: dict[RowKey, Row] = {}
    for row in ended:
        general, old = kept.get(row.key._replace(vo=ALL)), before.rows[row.key.element].get(row.key[1:])
        if general is None or old is None or usable(old.status) or general.standing.frees_no_sooner_than(row.standing):
            continue
        found[row.key] = row
    return found


def _is_confirmed(hold: Hold | None, watch: Watch) -> bool:
    batch = watch.batches.get(hold.batch) if hold else None
    return batch is not None and batch.state is BatchState.CONFIRMED


def _is_about(hold: Hold, causes: Collection[Cause], watch: Watch) -> bool:
    """Whether what is asked for now still has the cause for which the row is held; else it is something else."""
    batch = watch.batches.get(hold.batch)
    return batch is None or batch.cause.kind == "policies" or batch.cause in causes


def _pairs(before: State, settled: State, touched: Iterable[ElementKey]) -> Iterator[_Pair]:
    """What readers saw and what they would see, where that may differ.

    A VO whose own row begins saw the row of ``all`` before, and one whose own row ends will.
    """
    for key in touched:
        element = settled.elements.get(key)
        if element is None:
            continue
        rows, wanted = before.rows.get(key, NO_ROWS), settled.rows.get(key, NO_ROWS)
        for (aspect, vo), new in wanted.items():
            general = rows.get((aspect, ALL))
            old = rows.get((aspect, vo)) or (split_off(general, vo) if general else None)
            # what is held is looked at even if it stays as it is: maybe nothing holds it any more
            if old is not None and (old is not new or new.hold is not None):
                yield _Pair(old, new, served=element.in_service)
        for aspect, vo in rows.keys() - wanted.keys():
            # with its status type all rows of it end, and nobody falls back to anything
            if (general := wanted.get((aspect, ALL))) is not None:
                after = replace(split_off(general, vo), hold=None)
                yield _Pair(rows[aspect, vo], after, ends=True, served=element.in_service)


def _concerned(state: State, key: RowKey) -> frozenset[str]:
    """The VOs that see the row ``key``: its own, or all that have none of their own there."""
    element, rows = state.elements[key.element], state.rows.get(key.element, NO_ROWS)
    if key.vo != ALL:
        return frozenset((key.vo,)) if element.is_offered_to(key.vo) else frozenset()
    heirs = (vo for vo in state.vos if (key.status_type, vo) not in rows and element.is_offered_to(vo))
    return frozenset((ALL, *heirs))


def _batches(before: State, fresh: Iterable[_Wanted], guard: Guard, now: datetime, counted: State) -> dict[Cause, Batch]:
    """The batches that hold any of ``fresh``, new ones and open ones, by their cause."""
    takings = [wanted.taking for wanted in fresh]
    if not takings:
        return {}
    if not before.watch.is_complete:
        raise RecallNeeded("What was taken of late has to be known.")
    found = {cause: batch for cause in _causes(takings) if (batch := before.watch.open_for(cause, now)) is not None}
    if suspicious(takings, before.watch, guard, now):
        names = set(before.watch.batches)
        for cause, vos in sorted(exceeded(takings, before.watch, guard, _census(counted), now).items()):
            if cause not in found:
                found[cause] = Batch(_name(cause, now, names), cause, now, now + guard.expires, vos=vos)
                names.add(found[cause].id)
    held = Counter(filter(None, (_first(wanted, found) for wanted in fresh)))
    return {cause: replace(batch, rows=batch.rows + held[cause]) for cause, batch in found.items() if held[cause]}


def _causes(takings: Iterable[Taking]) -> list[Cause]:
    return sorted({cause for taking in takings for cause in taking.causes})


_RANK = {"policies": 0, "source": 1, "policy": 2}


def _first(wanted: _Wanted, batches: Mapping[Cause, Batch]) -> Cause | None:
    """The cause in whose batch a row is held: of several, the one that says most about what went wrong."""
    found = (cause for cause in wanted.taking.causes if cause in batches)
    return min(found, key=lambda cause: (_RANK[cause.kind], cause), default=None)


LONGEST_NAME = 64


def _name(cause: Cause, now: datetime, taken: Collection[str]) -> str:
    """A name for a batch that none of ``taken`` is; it tells of the moment and the cause, and fits into an address."""
    told = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{now:%Y%m%dT%H%M%S}-{cause.kind}-{cause.name}")
    if len(told) <= LONGEST_NAME and told not in taken:
        return told
    marks = (sha256(f"{cause} {now} {number}".encode()).hexdigest()[:8] for number in numbers())
    return next(name for mark in marks if (name := f"{told[: LONGEST_NAME - 9]}-{mark}") not in taken)


def _kept(wanted: _Wanted, batch: Batch) -> Row:
    return _as_before(wanted.before, wanted.after, Hold(batch.id, batch.expires_at))


def _as_before(old: Row, new: Row, hold: Hold) -> Row:
    """``old``, with what automation thinks of it now."""
    due = min(moment for moment in (new.due, hold.until) if moment is not None)
    reasons = left_behind(old.reasons)
    kept = replace(new, standing=old.standing, reasons=reasons, penalty=old.penalty, hold=hold, due=due)
    return old if kept == old else kept


def _with(known: Map[ElementKey, Rows], rows: Iterable[Row]) -> Map[ElementKey, Rows]:
    draft = known.mutate()
    for row in rows:
        draft[row.key.element] = {**draft[row.key.element], (row.key.status_type, row.key.vo): row}
    return draft.finish()


def _census(state: State) -> Census:
    if state.census is not None:
        return state.census
    if not state.is_whole:
        raise CensusNeeded("Shares of what is usable have to be known.")
    return census(filter(None, map(state.holding, state.elements)), state.vos)


def census(holdings: Iterable[Holding], vos: frozenset[str]) -> Census:
    """How many rows are usable to each of ``vos``, and to ``all``, by element type."""
    alike = Counter(kind for holding in holdings if holding.element.in_service for kind in _usable(holding))
    counted: Counter[tuple[str, str]] = Counter()
    for (type_, offered, own, seen_by), count in alike.items():
        whom = frozenset((seen_by,)) if seen_by != ALL else ((vos & offered if offered else vos) - own) | {ALL}
        for vo in whom:
            counted[vo, type_] += count
    return counted


def _usable(holding: Holding) -> Iterator[tuple[str, frozenset[str], frozenset[str], str]]:
    """For each usable row of an element its type, its offer, the VOs with a row of their own beside it, and whose it is."""
    element, rows = holding
    for (status_type, vo), row in rows.items():
        if usable(row.status) and element.is_offered_to(vo):
            own = frozenset(other for aspect, other in rows if aspect == status_type) - {ALL}
            yield element.key.type, element.offered, own, vo
