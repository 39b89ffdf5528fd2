from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.evidence import DOWNTIME, Coverage, Evidence, EvidenceKey, heard_by
from gridmask.domain.vo import ALL
from gridmask.testing import coverage, element, moment
from tests.unit.domain.strategies import VOS, WHOM, whom

CE = element()
NOON = moment("12:00")


def evidence(record: str = "1", vo: str = ALL, kind: str = "load", valid_until: datetime | None = None) -> Evidence:
    return Evidence(EvidenceKey("source", record, CE.key), kind, 0, moment("10:00"), valid_until, vo)


pieces = st.builds(evidence, st.sampled_from("1234"), whom, st.sampled_from(["load", DOWNTIME, "pilots"]))


def test_evidence_counts_up_to_its_end() -> None:
    assert evidence(valid_until=NOON).counts(NOON - timedelta.resolution)
    assert not evidence(valid_until=NOON).counts(NOON)
    assert evidence(valid_until=None).counts(NOON)


def test_a_measurement_about_a_vo_stands_in_place_of_the_general_one() -> None:
    general, own, other = evidence("1"), evidence("2", "cms"), evidence("3", kind="pilots")
    assert heard_by("cms", [general, own, other]) == (own, other)


def test_a_downtime_of_a_vo_does_not_make_a_general_one_untrue() -> None:
    general, own = evidence("1", kind=DOWNTIME), evidence("2", "cms", DOWNTIME)
    assert heard_by("cms", [general, own]) == (general, own)


@given(st.lists(pieces, max_size=6))
def test_all_hears_only_what_says_nothing_of_vos(known: list[Evidence]) -> None:
    assert all(e.vo == ALL for e in heard_by(ALL, known))


@given(st.lists(pieces, max_size=6), st.sampled_from(VOS))
def test_a_vo_never_hears_what_is_about_another(known: list[Evidence], vo: str) -> None:
    assert {e.vo for e in heard_by(vo, known)} <= {vo, ALL}


@given(st.lists(pieces, max_size=4, unique_by=lambda e: e.key), whom)
def test_the_order_in_which_evidence_arrives_does_not_matter(known: list[Evidence], vo: str) -> None:
    assert len({heard_by(vo, order) for order in permutations(known)}) == 1


def test_a_vo_without_evidence_of_its_own_hears_the_general_one() -> None:
    assert {heard_by(vo, [evidence()]) for vo in WHOM} == {(evidence(),)}


def test_a_source_speaks_of_the_inventories_that_it_covers() -> None:
    assert coverage().covers(CE)
    assert coverage(inventories=["inventory", "more"]).covers(CE)
    assert not coverage(inventories=["more"]).covers(CE)
    assert coverage(inventories=["more"]).covers(replace(CE, elsewhere=frozenset({("more", "ce")})))


def test_silence_says_something_until_the_last_answer_is_too_old() -> None:
    answered = coverage(answered_at="10:00", valid_until="12:00")
    assert answered.counts(NOON - timedelta.resolution)
    assert not answered.counts(NOON)
    assert coverage(answered_at="10:00").counts(NOON)


def test_the_silence_of_a_source_that_never_answered_says_nothing() -> None:
    assert not coverage(answered_at=None).counts(NOON)


@pytest.mark.parametrize(
    ("before", "continues"),
    [
        (None, False),
        (coverage(answered_at=None), False),
        (coverage(valid_until="12:00"), False),
        (coverage(valid_until="13:00"), True),
        (coverage(valid_until="15:00"), True),
        (coverage(valid_until="16:00"), False),
        (coverage(valid_until=None), False),
        (coverage(valid_until="13:00", inventories=["osg"]), False),
    ],
)
def test_a_new_answer_continues_one_that_counts_and_says_no_more(before: Coverage | None, *, continues: bool) -> None:
    assert coverage(answered_at="12:00", valid_until="15:00").continues(before, NOON) is continues


def test_an_answer_that_counts_for_ever_continues_any_that_counts() -> None:
    assert coverage(valid_until=None).continues(coverage(valid_until=None), NOON)
    assert coverage(valid_until=None).continues(coverage(valid_until="13:00"), NOON)
