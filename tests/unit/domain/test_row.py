from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from gridmask.domain.decision import ReasonKind
from gridmask.domain.element import WHOLE, RowKey
from gridmask.domain.row import INHERITED, Row, follows, new_row, seen_by, split_off
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.domain.transition import GoodRun
from gridmask.domain.vo import ALL
from gridmask.testing import element, moment, row
from tests.unit.domain.strategies import ASPECTS, SE, WHOM, rows_of, whom

CE = element()
NOON = moment("12:00")
GENERAL = row(CE, Status.ACTIVE)


def rows(*made: Row) -> dict[tuple[str, str], Row]:
    return {(r.key.status_type, r.key.vo): r for r in made}


@pytest.mark.parametrize(("vo", "status"), [("lhcb", Status.BANNED), ("cta", Status.ACTIVE), (ALL, Status.ACTIVE)])
def test_a_reader_gets_the_row_of_its_vo_before_that_of_all(vo: str, status: Status) -> None:
    found = seen_by(vo, WHOLE, rows(GENERAL, row(CE, Status.BANNED, vo="lhcb")))
    assert found is not None
    assert found.status is status


def test_a_binding_row_comes_before_any_other() -> None:
    ban = row(CE, Status.BANNED, binding=True)
    assert {seen_by(vo, WHOLE, rows(ban, row(CE, vo="cms"))) for vo in WHOM} == {ban}


@pytest.mark.parametrize("vo", ["atlas", ALL])
def test_another_vos_row_is_nobody_elses(vo: str) -> None:
    assert seen_by(vo, WHOLE, rows(row(CE, vo="cms"))) is None


def test_each_status_type_is_seen_by_itself() -> None:
    read, write = row(SE, status_type="Read"), row(SE, Status.BANNED, status_type="Write", binding=True)
    assert (seen_by("cms", "Read", rows(read, write)), seen_by("cms", "Check", rows(read, write))) == (read, None)


@given(rows_of(SE), whom)
def test_what_is_seen_is_binding_or_ones_own_or_that_of_all(held: dict[tuple[str, str], Row], vo: str) -> None:
    for status_type in ASPECTS[SE.key]:
        general, own = held[status_type, ALL], held.get((status_type, vo))
        assert seen_by(vo, status_type, held) is (general if general.binding or own is None else own)


def test_of_a_new_element_nothing_is_known() -> None:
    fresh = new_row(GENERAL.key, NOON)
    assert (fresh.status, fresh.opinion, fresh.revision) == (Status.UNKNOWN, Status.UNKNOWN, 0)
    assert [reason.kind for reason in fresh.reasons] == [ReasonKind.NEW]


def test_a_vos_first_row_has_the_full_state_of_all_but_binds_nobody() -> None:
    run = GoodRun(NOON, 1, NOON)
    general = row(CE, Status.PROBING, owes_probing=True, run=run, token=Token("me", None), binding=True, revision=7, due=NOON)
    own = split_off(general, "cms")
    assert replace(own, reasons=()) == row(
        CE, Status.PROBING, vo="cms", owes_probing=True, run=run, token=Token("me", None), revision=7, due=NOON
    )
    assert own.key == RowKey(CE.key, WHOLE, "cms")


def test_a_row_that_a_person_holds_only_by_holding_all_says_so_and_follows_that() -> None:
    own = split_off(row(CE, token=Token("me", None)), "cms")
    assert own.reasons == (INHERITED,)
    assert follows(own, GENERAL.key)
    assert not follows(own, own.key)
    assert not follows(own, GENERAL.key._replace(status_type="Read"))
    assert not follows(split_off(GENERAL, "cms"), GENERAL.key)


def test_a_row_is_held_while_its_token_lasts() -> None:
    assert not GENERAL.held(NOON)
    assert row(CE, token=Token("me", moment("12:01"))).held(NOON)
    assert not row(CE, token=Token("me", NOON)).held(NOON)
