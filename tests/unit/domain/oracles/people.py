"""What people hold and decide stands, and automation goes no further than it may."""

from __future__ import annotations

from dataclasses import replace

from gridmask.domain.assessing import Assessor
from gridmask.domain.automation import Mode
from gridmask.domain.decision import ReasonKind
from gridmask.domain.evaluation import evaluate
from gridmask.domain.events import StatusSet, TokenExtended, TokenReleased, TokenTaken
from gridmask.domain.hearing import Hearing
from gridmask.domain.row import INHERITED
from gridmask.domain.status import Status, usable
from gridmask.domain.vo import ALL
from tests.unit.domain.oracles.existence import is_called_for
from tests.unit.domain.oracles.taken import CUSTODY, Taken, all_rows, mode_of, present_rows


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
        if row.held(taken.now) or (row.hold is not None and is_called_for(state, row.key, taken.now)):
            element = state.elements[row.key.element]
            free = evaluate(
                replace(row, token=None, binding=False, hold=None),
                Assessor(
                    state.policies,
                    element,
                    Hearing(state.evidence_about(element)),
                    tuple(c for c in state.coverage_in_order() if c.covers(element)),
                    taken.now,
                ),
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
