from __future__ import annotations

from dataclasses import replace

import pytest

from gridmask.domain.decision import Verdict
from gridmask.domain.element import WHOLE, ElementType
from gridmask.domain.matching import Match
from gridmask.domain.policy import OnMissing, Policy
from gridmask.domain.row import Row, Rows
from gridmask.domain.settling import settle
from gridmask.domain.state import State
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.domain.transition import GoodRun
from gridmask.domain.vo import ALL
from gridmask.rules import Always, DeclaredDowntime
from gridmask.testing import coverage, downtime, element, moment, policies, row, state
from gridmask.testing.times import Time
from tests.unit.domain.strategies import SE, TYPES

CE = element()
GENERAL, OWN = (WHOLE, ALL), (WHOLE, "cms")
FINE = Policy("fine", Always(Status.ACTIVE))
STRICT = Policy("strict", Always(Status.DEGRADED))
FOLLOW = Policy("declared", DeclaredDowntime())
BAN = Policy("ban", Always(Status.BANNED), layer="cms")


def settled(before: State, at: Time = "12:00") -> Rows:
    (one,) = before.elements.values()
    return settle(before, one, before.coverage_in_order(), moment(at)).rows


def world(*rows: Row, by: tuple[Policy, ...] = (FINE,), **rest: object) -> State:
    return state(CE, by=policies(*by), vos=["cms", "atlas"], rows=rows, **rest)  # type: ignore[arg-type]  # those of a state


# --- Which rows there are (promise V3)


def test_a_new_element_has_a_row_of_all_for_each_status_type() -> None:
    rows = settled(state(SE, types=TYPES))
    assert {key: r.status for key, r in rows.items()} == {("Read", ALL): Status.ACTIVE, ("Write", ALL): Status.ACTIVE}


def test_a_vos_policy_calls_for_a_row_of_its_own() -> None:
    rows = settled(world(by=(FINE, BAN)))
    assert {key: r.status for key, r in rows.items()} == {GENERAL: Status.ACTIVE, OWN: Status.BANNED}


def test_a_new_row_starts_with_the_full_state_of_all() -> None:
    owing = row(CE, Status.BANNED, owes_probing=True)
    rows = settled(world(owing, by=(FINE, replace(BAN, rule=Always(Status.ACTIVE)))))
    assert rows[OWN].status is Status.PROBING


def test_a_downtime_of_a_vo_calls_for_its_row_until_its_end() -> None:
    before = state(CE, vos=["cms"], downtimes=[downtime("10:00", "12:00", CE, vo="cms")])
    assert {key: r.status for key, r in settled(before, "11:59").items()} == {GENERAL: Status.ACTIVE, OWN: Status.BANNED}
    assert settled(before).keys() == {GENERAL}


def test_a_downtime_of_everyone_calls_for_no_row_but_that_of_all() -> None:
    binding = row(CE, Status.BANNED, token=Token("olga", None), binding=True)
    rows = settled(world(binding, downtimes=[downtime("10:00", "14:00", CE)]))
    assert rows.keys() == {GENERAL}
    assert rows[GENERAL].binding


def test_a_token_keeps_a_row_until_its_end() -> None:
    held = world(row(CE), row(CE, vo="cms", token=Token("olga", moment("12:00"))))
    assert OWN in settled(held, "11:59")
    assert OWN not in settled(held)


def test_a_row_follows_from_configuration_and_not_from_evidence() -> None:
    listening = Policy("declared", DeclaredDowntime(), layer="cms")
    assert OWN in settled(world(by=(FINE, listening)))


def test_a_status_type_that_is_declared_no_longer_has_no_rows() -> None:
    before = state(SE, types=TYPES, rows=[row(SE, status_type="Read"), row(SE), row(SE, vo="cms")])
    assert settled(before).keys() == {("Read", ALL), ("Write", ALL)}


def test_rows_about_which_nothing_is_new_are_the_very_same() -> None:
    once = settled(world(by=(FINE, BAN)))
    assert settled(world(*once.values(), by=(FINE, BAN))) == once
    again = world(*once.values(), by=(FINE, BAN))
    assert settled(again) is again.rows[CE.key]


# --- How a row ends


def test_a_row_that_is_not_called_for_ends() -> None:
    assert settled(world(row(CE), row(CE, vo="cms"))).keys() == {GENERAL}


def test_a_row_does_not_end_while_it_owes_its_probing() -> None:
    rows = settled(world(row(CE), row(CE, Status.BANNED, vo="cms", owes_probing=True)))
    assert {key: r.status for key, r in rows.items()} == {GENERAL: Status.ACTIVE, OWN: Status.PROBING}


def test_a_row_that_has_paid_its_debt_ends() -> None:
    run = GoodRun(moment("11:00"), 5, moment("11:50"))
    paid = row(CE, Status.PROBING, vo="cms", owes_probing=True, run=run)
    assert settled(world(row(CE), paid)).keys() == {GENERAL}


def test_a_debt_can_go_on_with_all() -> None:
    banned, own = row(CE, Status.BANNED, owes_probing=True), row(CE, Status.BANNED, vo="cms", owes_probing=True)
    assert settled(world(banned, own)).keys() == {GENERAL}


def test_a_debt_does_not_go_on_with_all_where_that_is_about_to_be_free() -> None:
    """Else the VO would be free after one more check, having just been banned."""
    nearly = row(CE, Status.PROBING, owes_probing=True, run=GoodRun(moment("11:40"), 1, moment("11:40")))
    rows = settled(world(nearly, row(CE, Status.BANNED, vo="cms", owes_probing=True)))
    assert {key: r.status for key, r in rows.items()} == {GENERAL: Status.PROBING, OWN: Status.PROBING}


@pytest.mark.parametrize(("on_missing", "keys"), [(OnMissing.HOLD, {GENERAL, OWN}), (OnMissing.UNKNOWN, {GENERAL})])
def test_a_ban_that_is_held_for_want_of_evidence_is_not_lost_with_its_row(on_missing: OnMissing, keys: object) -> None:
    follow = replace(FOLLOW, on_missing=on_missing)
    down = downtime("10:00", "12:00", CE, vo="cms")
    before = world(by=(follow,), downtimes=[down], covered_by=[coverage(valid_until="11:30")])
    banned = replace(before, rows=before.rows.set(CE.key, settled(before, "11:00")))
    assert settled(banned).keys() == keys


def test_what_is_held_can_be_held_by_all() -> None:
    before = world(by=(FOLLOW,), downtimes=[downtime("10:00", "12:00", CE)], covered_by=[coverage(valid_until="11:30")])
    banned = settled(before, "11:00")[GENERAL]
    own = replace(banned, key=banned.key._replace(vo="cms"))
    rows = settled(replace(before, rows=before.rows.set(CE.key, {GENERAL: banned, OWN: own})))
    assert {key: r.status for key, r in rows.items()} == {GENERAL: Status.BANNED}


def test_a_row_that_rests_on_evidence_ends_also_where_a_person_made_more_of_all() -> None:
    decided = row(CE, token=Token("olga", None))
    before = world(decided, row(CE, vo="cms"), by=(FOLLOW,), downtimes=[downtime("10:00", "14:00", CE)])
    assert settled(before).keys() == {GENERAL}


def test_advice_that_is_held_keeps_no_row() -> None:
    advice, decided = replace(FOLLOW, advisory=True), row(CE, token=Token("olga", None))
    held = Verdict("declared", ALL, Status.BANNED, (), advisory=True, held=True)
    own = row(CE, Status.DEGRADED, vo="cms", verdicts=(held,))
    assert settled(world(decided, own, by=(STRICT, advice), covered_by=[coverage(valid_until="11:30")])).keys() == {GENERAL}


def test_a_row_that_ends_leaves_the_others_as_they_are() -> None:
    reads = Policy("reads", Always(Status.BANNED), Match.of(status_type="Read"), "cms")
    before = state(SE, types=TYPES, by=policies(FINE, reads), vos=["cms"], rows=[row(SE, vo="cms", status_type="Write")])
    assert settled(before).keys() == {("Read", ALL), ("Read", "cms"), ("Write", ALL)}


def test_a_type_that_is_not_declared_has_one_row() -> None:
    telescope = state(element("x", "Telescope"), types=TYPES.with_types(ElementType("Other", status_types=("a", "b"))))
    assert settled(telescope).keys() == {GENERAL}
