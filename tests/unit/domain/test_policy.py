from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.element import WHOLE, Element, RowKey
from gridmask.domain.matching import ANY_ROW, STATIC_KEYS, Match
from gridmask.domain.policy import Policy, PolicySet, static_values
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.rules import Always
from gridmask.testing import element, policies
from tests.unit.domain import oracles
from tests.unit.domain.strategies import CE, ELEMENTS, SE, VOS, policy_sets, some_vos, whom

READ = RowKey(SE.key, "Read", ALL)


def policy(name: str, layer: str = ALL, match: Match = ANY_ROW, *, enabled: bool = True) -> Policy:
    return Policy(name, Always(Status.BANNED), match, layer, enabled=enabled)


def called_for(made: PolicySet, row: RowKey = READ) -> frozenset[str]:
    return made.vos_called_for(row, SE, frozenset(VOS))


def names(found: tuple[Policy, ...]) -> list[tuple[str, str]]:
    return [(p.name, p.layer) for p in found]


# --- Layers (promise V2)


def test_a_vo_is_decided_by_the_policies_of_all_and_by_its_own() -> None:
    made = policies(policy("general"), policy("own", "cms"))
    assert names(made.effective("cms")) == [("general", ALL), ("own", "cms")]
    assert names(made.effective("atlas")) == names(made.effective(ALL)) == [("general", ALL)]


def test_a_vo_overrides_a_policy_by_its_name_for_itself_alone() -> None:
    made = policies(policy("a"), policy("b"), policy("a", "cms"))
    assert names(made.effective("cms")) == [("a", "cms"), ("b", ALL)]
    assert names(made.effective("atlas")) == [("a", ALL), ("b", ALL)]


def test_a_vo_switches_a_policy_off_for_itself_alone() -> None:
    made = policies(policy("a"), policy("a", "cms", enabled=False))
    assert made.effective("cms") == ()
    assert names(made.effective("atlas")) == [("a", ALL)]


def test_a_policy_that_the_installation_switched_off_can_be_a_vos() -> None:
    made = policies(policy("a", enabled=False), policy("a", "cms"))
    assert made.effective(ALL) == ()
    assert names(made.effective("cms")) == [("a", "cms")]


def test_a_policy_governs_the_rows_that_it_matches() -> None:
    made = policies(policy("reads", match=Match.of(status_type="Re*")), policy("computing", match=Match.of(type="Comp*")))
    assert names(made.governing(READ, SE)) == [("reads", ALL)]
    assert names(made.governing(RowKey(CE.key, WHOLE, ALL), CE)) == [("computing", ALL)]


def test_what_a_policy_governs_follows_the_inventory() -> None:
    made = policies(policy("taped", match=Match.of(tags="tape")))
    tagged = element(SE.key.name, SE.key.type, tags=frozenset({"tape"}))
    assert names(made.governing(READ, SE)) == []
    assert names(made.governing(READ, tagged)) == [("taped", ALL)]


def test_a_match_on_the_rows_state_is_left_to_the_moment() -> None:
    made = policies(policy("freed", match=Match.of(status="Banned", type="Store")))
    assert names(made.governing(READ, SE)) == [("freed", ALL)]


@pytest.mark.parametrize("key", STATIC_KEYS)
def test_every_static_key_has_a_value(key: str) -> None:
    assert key in static_values(READ, SE)


@given(policy_sets, whom, st.sampled_from(ELEMENTS))
def test_the_policies_that_govern_a_row_are_those_that_apply_one_by_one(made: PolicySet, vo: str, one: Element) -> None:
    key = RowKey(one.key, WHOLE, vo)
    assert list(made.governing(key, one)) == oracles.governing(made, key, one)


# --- Rows of one's own (promise V3)


@pytest.mark.parametrize(
    "made",
    [
        policies(policy("own", "cms")),
        policies(policy("a"), policy("a", "cms")),
        policies(policy("a"), policy("a", "cms", enabled=False)),
        policies(policy("a", match=Match.of(vo="cms"))),
        policies(policy("a", match=Match.of(vo=[ALL, "atlas"]))),
        policies(policy("a", match=Match.of(vo="[!c]*"))),
    ],
    ids=["adds", "overrides", "switches off", "for it alone", "for others alone", "for all but it"],
)
def test_a_vo_that_is_decided_otherwise_than_all_has_its_own_row(made: PolicySet) -> None:
    assert called_for(made) == {"cms"}


@pytest.mark.parametrize(
    "made",
    [
        policies(policy("a")),
        policies(policy("a", match=Match.of(vo="*"))),
        policies(policy("own", "cms", Match.of(type="FTS"))),
        policies(policy("own", "cms", enabled=False)),
        policies(policy("own", "lhcb")),
    ],
    ids=["no layers", "for every VO alike", "about other elements", "switches off what is not", "of another VO"],
)
def test_a_vo_that_is_decided_as_all_is_has_no_row_of_its_own(made: PolicySet) -> None:
    assert called_for(made) == frozenset()


def test_a_vo_has_its_own_row_also_where_its_override_does_not_reach() -> None:
    """There, the policy that it overrides decides for `all`, and not for the VO."""
    made = policies(policy("a"), policy("a", "cms", Match.of(status_type="Write")))
    assert called_for(made, READ) == called_for(made, READ._replace(status_type="Write")) == {"cms"}
    assert made.governing(READ._replace(vo="cms"), SE) == ()


def test_a_vo_that_may_not_use_an_element_has_no_row_there() -> None:
    made = policies(policy("own", "cms"), policy("own", "atlas"))
    restricted = element(SE.key.name, SE.key.type, offered=["atlas"])
    assert made.vos_called_for(READ, restricted, frozenset(VOS)) == {"atlas"}
    assert called_for(made) == {"atlas", "cms"}


@given(policy_sets, st.sampled_from(ELEMENTS), some_vos)
def test_rows_are_called_for_exactly_where_other_policies_govern(made: PolicySet, one: Element, vos: frozenset[str]) -> None:
    row = RowKey(one.key, WHOLE, ALL)
    differing = {vo for vo in vos if made.governing(row._replace(vo=vo), one) != made.governing(row, one)}
    assert made.vos_called_for(row, one, vos) == differing
