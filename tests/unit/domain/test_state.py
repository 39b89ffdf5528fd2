from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from gridmask.domain.downtime import Downtime
from gridmask.domain.element import WHOLE
from gridmask.domain.state import group, with_evidence, without_record
from gridmask.domain.vo import ALL
from gridmask.testing import coverage, downtime, element, moment, row, state
from tests.unit.domain.strategies import NOON, downtimes

CE, SE = element("ce"), element("se")
announced = st.lists(downtimes(NOON), max_size=3, unique_by=lambda d: d.key)


def test_an_element_that_is_not_in_the_inventory_is_not_held() -> None:
    assert state(CE).holding(SE.key) is None


def test_an_element_is_held_with_its_rows() -> None:
    held = state(CE, rows=[row(CE), row(SE)]).holding(CE.key)
    assert held == (CE, {(WHOLE, ALL): row(CE)})


def test_rows_are_grouped_by_element() -> None:
    own, general = row(CE, vo="cms"), row(CE)
    assert group([own, general, row(SE)])[CE.key] == {(WHOLE, "cms"): own, (WHOLE, ALL): general}


def test_coverage_is_in_an_order_of_its_own() -> None:
    sources = [coverage("b"), coverage("a"), coverage("a", kind="load")]
    assert len({state(covered_by=order).coverage_in_order() for order in permutations(sources)}) == 1


def test_the_later_version_of_a_record_replaces_the_earlier() -> None:
    old, new = downtime("10:00", "12:00", CE), downtime("10:00", "14:00", CE)
    known = with_evidence(with_evidence(Map(), old.evidence(NOON)), new.evidence(NOON))
    assert [evidence.value for evidence in known[CE.key.name].values()] == [new]


def test_a_record_is_forgotten_about_the_elements_named_alone() -> None:
    kept, gone = downtime("10:00", "12:00", CE, SE, record="1"), downtime("10:00", "12:00", CE, SE, record="2")
    known = with_evidence(Map(), [*kept.evidence(NOON), *gone.evidence(NOON)])
    left = without_record(known, gone.key, [CE.key])
    assert [e.value for e in left[CE.key.name].values()] == [kept]
    assert [e.value for e in left[SE.key.name].values()] == [kept, gone]


@given(announced)
def test_evidence_that_comes_and_goes_leaves_nothing(listed: list[Downtime]) -> None:
    known = with_evidence(Map(), (e for d in listed for e in d.evidence(moment("09:00"))))
    for d in listed:
        known = without_record(known, d.key, d.targets)
    assert not any(known.values())
