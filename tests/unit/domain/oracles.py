"""What must be true of any step, worked out without the code that is tried: slowly, from the promises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from itertools import takewhile
from typing import NamedTuple

from immutables import Map

from gridmask.domain.automation import Mode
from gridmask.domain.decision import ReasonKind, combine
from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.evaluation import evaluate
from gridmask.domain.events import (
    AutomationRuled,
    BatchDecided,
    DowntimesChanged,
    Event,
    EvidenceChanged,
    InventoryChanged,
    PoliciesLoaded,
    StatusSet,
    TimePassed,
    TokenExtended,
    TokenReleased,
    TokenTaken,
)
from gridmask.domain.evidence import DOWNTIME, Evidence, EvidenceKey
from gridmask.domain.folding import fold
from gridmask.domain.guard import UNGUARDED, BatchState, Cause, Guard, causes_of
from gridmask.domain.guarding import census
from gridmask.domain.instructions import EndRow, Instruction, MoveMasks, SaveElement, SaveRow, TakeOutElement
from gridmask.domain.mask import Mask, mask_of
from gridmask.domain.naming import handles, names
from gridmask.domain.policy import Policy, PolicySet, static_values
from gridmask.domain.row import INHERITED, Row
from gridmask.domain.state import NO_ROWS, State
from gridmask.domain.status import Status, usable
from gridmask.domain.step import step
from gridmask.domain.transition import ProbingExit
from gridmask.domain.vo import ALL

CUSTODY = (StatusSet, TokenTaken, TokenExtended, TokenReleased)
"""What people do with rows."""


class Taken(NamedTuple):
    """A step that was taken."""

    before: State
    event: Event
    after: State
    instructions: tuple[Instruction, ...]
    now: datetime


def take(state: State, event: Event, now: datetime) -> Taken:
    return Taken(state, event, *step(state, event, now), now)


def all_rows(state: State) -> dict[RowKey, Row]:
    return {row.key: row for rows in state.rows.values() for row in rows.values()}


def present_rows(state: State) -> Iterator[Row]:
    return (row for row in all_rows(state).values() if row.key.element in state.elements)


def masks(state: State, vos: Iterable[str]) -> dict[str, Mask]:
    held = [holding for key in state.elements if (holding := state.holding(key))]
    return {vo: mask_of(vo, 0, held) for vo in (ALL, *vos)}


# --- Instructions say all that is new, and nothing else


def check_instructions(taken: Taken) -> None:
    rows, elements = all_rows(taken.before), dict(taken.before.elements)
    for instruction in taken.instructions:
        match instruction:
            case SaveRow(before, after):
                assert rows.get(after.key) == before != after
                rows[after.key] = after
            case EndRow(row):
                assert row.key.vo != ALL
                assert rows.pop(row.key) == row
            case SaveElement(element):
                elements[element.key] = element
            case TakeOutElement(key):
                del elements[key]
            case _:
                pass
    assert rows == all_rows(taken.after)
    assert elements == dict(taken.after.elements)


def check_moved_masks(taken: Taken) -> None:
    before, after = (masks(state, taken.after.vos) for state in (taken.before, taken.after))
    said = [i.vos for i in taken.instructions if isinstance(i, MoveMasks)]
    differing = frozenset(vo for vo in after if before[vo].entries != after[vo].entries)
    assert said == ([differing] if differing else [])


# --- Time


def check_a_second_look_changes_nothing(taken: Taken) -> None:
    if not taken.after.policies.probing.dwell:
        return  # Probing may be over at once
    second, instructions = step(taken.after, TimePassed(), taken.now)
    assert not any(map(is_change, instructions))  # a due time may turn out to be later than it was
    third, instructions = step(second, TimePassed(), taken.now)
    assert (instructions, all_rows(third)) == ((), all_rows(second))


def is_change(instruction: Instruction) -> bool:
    """Whether it is more than a note about a row that stays as it is."""
    return not isinstance(instruction, SaveRow) or instruction.change is not None


def check_due(taken: Taken) -> None:
    exit_ = taken.after.policies.probing
    patient = exit_.dwell and exit_.spacing
    for row in present_rows(taken.after):
        assert row.due is None or row.due > taken.now or (row.due == taken.now and not patient)


def due_at(state: State) -> datetime | None:
    """When the first row is due."""
    return min((row.due for row in present_rows(state) if row.due is not None), default=None)


def check_nothing_happens_before_it_is_due(taken: Taken) -> None:
    due = due_at(taken.after) or taken.now + timedelta(days=30)
    for moment in (taken.now + (due - taken.now) / 2, due - timedelta(microseconds=1)):
        if moment > taken.now:
            _, instructions = step(taken.after, TimePassed(), moment)
            assert not any(map(is_change, instructions))


# --- Tokens


def check_people_keep_what_they_hold(taken: Taken) -> None:
    before = all_rows(taken.before)
    named = taken.event.rows if isinstance(taken.event, CUSTODY) else ()
    for key, row in all_rows(taken.after).items():
        old = before.get(key)
        if old is None or not old.held(taken.now) or key in named:
            continue
        if INHERITED in old.reasons and key._replace(vo=ALL) in named:
            continue
        assert row.status is old.status
        if old.token is not None and old.token.agreed and row.token is None:
            continue  # automation agrees, and has it back
        assert (row.standing, row.binding) == (old.standing, old.binding)
        # who followed a row of all that automation has back stands alone
        assert row.reasons in (old.reasons, tuple(reason for reason in old.reasons if reason != INHERITED))
        # of what is not in the inventory, nobody is reminded
        reminded = old.token and old.token.reminded(taken.now)
        assert row.token in ({reminded} if key.element in taken.after.elements else {reminded, old.token})


def check_people_get_what_they_decide(taken: Taken) -> None:
    match taken.event:
        case StatusSet(actor, rows, status, _, term, binding):
            # where automation agrees at once, a VO's own row may be over at once
            there = all_rows(taken.after)
            assert term.agreed or there.keys() >= set(rows)
            for row in (there[key] for key in rows if key in there):
                assert row.status is status
                if not term.agreed or row.token is not None:
                    assert row.token == taken.after.policies.tokens.token(actor.name, term, taken.now)
                    assert row.binding is (binding and row.key.vo == ALL)
        case TokenTaken(actor, rows, _, term) | TokenExtended(actor, rows, _, term):
            before, there = all_rows(taken.before), all_rows(taken.after)
            for row in (there[key] for key in rows if key in there):
                old = before.get(row.key) or before.get(row.key._replace(vo=ALL))
                assert old is None or row.status is old.status
                assert row.token is None or (row.token.owner, row.token.expires_at) == (actor.name, term.until)
        case TokenReleased(rows=rows):
            left = (all_rows(taken.after).get(key) for key in rows)
            assert not any(row.token or row.binding for row in left if row)
        case _:
            pass


def check_opinions(taken: Taken) -> None:
    state = taken.after
    for row in present_rows(state):
        if row.held(taken.now) or (row.hold is not None and _is_called_for(state, row.key, taken.now)):
            element = state.elements[row.key.element]
            free = evaluate(
                replace(row, token=None, binding=False, hold=None),
                element,
                state.evidence_about(element),
                coverage=tuple(c for c in state.coverage_in_order() if c.covers(element)),
                policies=state.policies,
                now=taken.now,
            )
            if mode_of(state, row.key) is Mode.OFF:
                assert (row.opinion, row.verdicts) == (row.status, ())
                continue
            assert row.opinion is free.status
            # whoever waits for automation to agree is told as soon as it does
            told = row.opinion is not row.status or row.binding or row.penalty is not None
            assert row.token is None or not row.token.agreed or told
        elif row.hold is None and mode_of(state, row.key) in {Mode.FULL, Mode.OFF}:
            assert row.opinion is row.status


def mode_of(state: State, key: RowKey) -> Mode:
    """How far automation may go with a row: what was decided for its VO, else for all."""
    rulings = state.rulings.get(key.element, {})
    ruling = rulings[key.vo] if key.vo in rulings else rulings.get(ALL)
    return ruling.mode if ruling else Mode.FULL


def check_automation_goes_no_further(taken: Taken) -> None:
    """What nobody but automation touched is as its mode allows."""
    named = taken.event.rows if isinstance(taken.event, CUSTODY) else ()
    before = all_rows(taken.before)
    for row in present_rows(taken.after):
        old, mode = before.get(row.key), mode_of(taken.after, row.key)
        if old is None or row.key in named or row.key._replace(vo=ALL) in named or mode is Mode.FULL:
            continue
        if mode is Mode.EXCLUDE_ONLY:
            assert (
                not usable(row.status) or usable(old.status) or (old.status is Status.UNKNOWN and not old.standing.owes_probing)
            )
        else:
            assert row.status is old.status


def check_followers(taken: Taken) -> None:
    """Who follows a row of all is held with it, by the same person; and nobody is told of who holds nothing."""
    for row in present_rows(taken.after):
        general = taken.after.rows[row.key.element][row.key.status_type, ALL]
        if INHERITED in row.reasons:
            assert row.key.vo != ALL
            assert row.token is not None
            assert general.token is not None
            assert (row.token.owner, row.token.expires_at) == (general.token.owner, general.token.expires_at)
        assert row.token is not None or all(reason.kind is not ReasonKind.TOKEN for reason in row.reasons)


# --- Which rows there are


def governing(policies: PolicySet, key: RowKey, element: Element) -> list[Policy]:
    """The policies that decide about a row, by promise V2."""
    own = {p.name: p for p in policies.policies if p.layer == key.vo}
    general = [own.pop(p.name, p) if key.vo != ALL else p for p in policies.policies if p.layer == ALL]
    candidates = general if key.vo == ALL else [*general, *own.values()]
    return [p for p in candidates if p.enabled and _accepts(p, key, element)]


def _accepts(policy: Policy, key: RowKey, element: Element) -> bool:
    values = static_values(key, element)
    return all(_agrees(patterns, values[name]) for name, patterns in policy.match.patterns)


def _agrees(patterns: tuple[str, ...], value: str | Iterable[str]) -> bool:
    candidates = [value] if isinstance(value, str) else value
    return any(fnmatchcase(candidate, pattern) for candidate in candidates for pattern in patterns)


def called_for(state: State, key: RowKey, now: datetime) -> bool:
    """Whether a VO has a row of its own, by promise V3."""
    element = state.elements[key.element]
    own = state.rows[key.element].get((key.status_type, key.vo))
    by_policy = governing(state.policies, key, element) != governing(state.policies, key._replace(vo=ALL), element)
    by_token = own is not None and own.held(now)
    about_it = all_about(state, state.elements[key.element])
    declared = any(e.kind == DOWNTIME and e.vo == key.vo and e.counts(now) for e in about_it)
    by_ruling = mode_of(state, key) is not mode_of(state, key._replace(vo=ALL))
    return ((by_policy or by_ruling) and element.is_offered_to(key.vo)) or by_token or declared


def _is_called_for(state: State, key: RowKey, now: datetime) -> bool:
    return key.vo == ALL or called_for(state, key, now)


def check_existence(taken: Taken) -> None:
    state = taken.after
    for element_key in state.elements:
        rows = state.rows[element_key]
        status_types = state.types.status_types(element_key)
        assert {t for t, vo in rows if vo == ALL} == set(status_types)
        for key in (RowKey(element_key, t, vo) for t in status_types for vo in state.vos):
            own, general = rows.get((key.status_type, key.vo)), rows[key.status_type, ALL]
            if called_for(state, key, taken.now):
                assert own is not None, f"{key} is called for"
            elif own is not None and own.hold is None and general.hold is None:  # else it waits for what is held
                restrained = not mode_of(state, key).permits(own.standing, general.status)
                assert restrained or _stays(own, general), f"{key} is not called for"


def _stays(own: Row, general: Row) -> bool:
    """Whether ending ``own`` would free something: by what it owes, or by a verdict that only it holds on to."""
    mine, theirs = own.standing, general.standing
    goes_on = theirs.owes_probing and theirs.status <= mine.status and theirs.run in {None, mine.run}
    held = any(verdict.held for verdict in own.verdicts if not verdict.advisory)
    return (mine.owes_probing and not goes_on) or (held and theirs.status > mine.status)


# --- Parts of the world


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


def all_about(state: State, element: Element) -> Iterator[Evidence]:
    """What is known about ``element``, looked for everywhere."""
    everything = (item for said in state.evidence.values() for item in said.values())
    return (item for item in everything if names(item.key.about, element))


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


def without_vo(event: Event, vo: str) -> Event:
    """``event`` as it would be if nobody ever had said anything about ``vo`` in particular."""
    match event:
        case StatusSet() | TokenTaken() | TokenExtended() | TokenReleased():
            return replace(event, rows=tuple(row for row in event.rows if row.vo != vo))
        case AutomationRuled() if event.vo == vo:
            return replace(event, elements=frozenset())
        case PoliciesLoaded(policies):
            kept = tuple(p for p in policies.policies if p.layer != vo)
            return PoliciesLoaded(
                replace(policies, policies=kept, _effective={}, _by_vo={}, _apart_by_vo={}, _governing={}, _called_for={})
            )
        case EvidenceChanged(put, gone):
            return EvidenceChanged(tuple(e for e in put if e.vo != vo), gone)
        case DowntimesChanged(difference=difference, before=before):
            general = {key for key, downtime in before.items() if downtime.vo != vo}
            kept_difference = replace(
                difference,
                added=tuple(d for d in (*difference.added, *difference.edited) if d.vo != vo and d.key not in general),
                edited=tuple(d for d in difference.edited if d.vo != vo and d.key in general),
                withdrawn=tuple(
                    [*(k for k in difference.withdrawn if k in general)]
                    + [d.key for d in difference.edited if d.vo == vo and d.key in general]
                ),
            )
            return replace(event, difference=kept_difference)
        case _:
            return event


class TwoWorlds:
    """The same history, with one VO and without it. All is looked at after each event, so that both look equally often."""

    def __init__(self, state: State, vo: str) -> None:
        self._with = self._without = state
        self._vo = vo

    def check(self, event: Event, now: datetime) -> None:
        """Let ``event`` happen in both, and object to a difference in what is not about the VO."""
        event = _unguarded(event)
        self._with = _swept(self._with, event, now)
        self._without = _swept(self._without, without_vo(event, self._vo), now)
        assert self._others(self._with) == self._others(self._without)

    def _others(self, state: State) -> dict[RowKey, Row]:
        return {key: row for key, row in all_rows(state).items() if key.vo != self._vo}


def _unguarded(event: Event) -> Event:
    """``event`` where nothing is held: what is held of a cause is held for all."""
    match event:
        case PoliciesLoaded(policies):
            return PoliciesLoaded(replace(policies, guard=UNGUARDED))
        case BatchDecided():
            return TimePassed()
        case _:
            return event


def _swept(state: State, event: Event, now: datetime) -> State:
    return step(step(state, event, now)[0], TimePassed(), now)[0]


# --- No ban ends by itself without its Probing


class Seen(NamedTuple):
    """What a reader saw from a moment on."""

    at: datetime
    row: Row
    held: bool

    @property
    def is_ban(self) -> bool:
        """Whether automation must lead through Probing what the reader saw."""
        combination = combine(self.row.verdicts)
        by_itself = combination.lasting and combination.status is Status.BANNED
        return self.row.status is Status.PROBING or (self.row.status is Status.BANNED and (self.held or by_itself))

    @property
    def is_good_check(self) -> bool:
        return self.row.status is Status.PROBING and not self.held and usable(combine(self.row.verdicts).status)


class Watch:
    """What each reader saw, as time went by."""

    def __init__(self) -> None:
        self._seen: dict[RowKey, list[Seen]] = {}

    def look(self, taken: Taken) -> None:
        """Note what each reader sees, binding rows apart, and object to what has come free unduly."""
        state = taken.after
        # what becomes of a VO that people let go is up to them
        self._seen = {key: story for key, story in self._seen.items() if key.vo == ALL or key.vo in state.vos}
        for element_key in state.elements:
            for status_type in state.types.status_types(element_key):
                for vo in (ALL, *state.vos):
                    self._note(RowKey(element_key, status_type, vo), taken)

    def _note(self, key: RowKey, taken: Taken) -> None:
        rows = taken.after.rows[key.element]
        row = rows.get((key.status_type, key.vo)) or rows[key.status_type, ALL]
        story = self._seen.setdefault(key, [])
        if story and story[-1].row == row:
            return
        paid = has_paid(story, taken.now, taken.after.policies.probing)
        if row.key.vo != key.vo and paid:
            story[:] = self._seen[key._replace(vo=ALL)][:-1]  # who owes nothing goes on as `all` does
            paid = has_paid(story, taken.now, taken.after.policies.probing)
        story.append(Seen(taken.now, row, row.held(taken.now)))
        # people are not bound, even where automation agrees with them at once
        set_free = isinstance(taken.event, StatusSet) and not {row.key, row.key._replace(vo=ALL)}.isdisjoint(taken.event.rows)
        assert paid or set_free or not usable(row.status) or row.held(taken.now), story[-6:]


def has_paid(story: list[Seen], now: datetime, exit_: ProbingExit) -> bool:
    """Whether what a reader saw until ``now`` may become usable by itself (promise D2)."""
    if not any(seen.is_ban for seen in takewhile(lambda seen: not usable(seen.row.status), reversed(story))):
        return True
    good = [seen.at for seen in takewhile(lambda seen: seen.is_good_check, reversed(story))]
    return bool(good) and now - good[-1] >= exit_.dwell and _spaced([*reversed(good), now], exit_) >= exit_.checks


def _spaced(moments: list[datetime], exit_: ProbingExit) -> int:
    """How many of ``moments`` are far enough apart to count."""
    counted = moments[:1]
    for moment in moments[1:]:
        if moment >= counted[-1] + exit_.spacing and moment > counted[-1]:
            counted.append(moment)
    return len(counted)


# --- Nothing takes much at once but people


def waiting(state: State, now: datetime) -> list[str]:
    """The batches that a person can decide about."""
    return sorted(batch.id for batch in state.watch.batches.values() if batch.is_open(now))


def known(state: State) -> set[EvidenceKey]:
    """What there is evidence by."""
    return {key for items in state.evidence.values() for key in items}


def seen(state: State, key: RowKey) -> Row | None:
    """The row that decides for the VO of ``key``, binding rows apart."""
    rows = state.rows.get(key.element, NO_ROWS)
    return rows.get((key.status_type, key.vo)) or rows.get((key.status_type, ALL))


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
            assert not usable(row.opinion) or not _is_called_for(taken.after, row.key, taken.now)
        if old is None or old.hold is None or row.key in named or row.token or usable(row.status):
            continue
        if not taken.after.elements[row.key.element].in_service:
            continue  # nobody can lose it any more
        batch = batches[old.hold.batch]
        is_over = taken.now >= old.hold.until or not taken.after.policies.guard.enabled
        causes, _ = causes_of(row.verdicts)
        assert is_over or batch.state is BatchState.CONFIRMED or batch.cause not in causes, row


def check_the_order_of_evidence_does_not_matter(state: State, put: tuple[Evidence, ...], now: datetime) -> None:
    forth, back = (step(state, EvidenceChanged(order), now)[0] for order in (put, put[::-1]))
    assert forth.rows == back.rows
    one_by_one = state
    for item in sorted(put, key=lambda e: e.observed_at, reverse=True):
        one_by_one, _ = step(one_by_one, EvidenceChanged((item,)), now)
    assert one_by_one.evidence == forth.evidence


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
