from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.element import Element, RowKey
from gridmask.domain.matching import STATIC_KEYS, Match
from gridmask.domain.places import LOOKS, Places
from gridmask.domain.policy import static_values
from gridmask.domain.vo import ALL
from gridmask.testing import element
from tests.unit.domain.strategies import CE, ELEMENTS, SE, matches

READ = RowKey(SE.key, "Read", ALL)


def test_every_static_key_is_looked_at() -> None:
    assert set(LOOKS) == set(STATIC_KEYS)


def test_rows_that_differ_in_nothing_that_is_asked_are_at_one_place() -> None:
    places = Places([Match.of(type="Store"), Match.of(site="A")])
    assert places.of(READ, SE) == places.of(READ._replace(status_type="Write"), SE)
    assert places.of(READ, SE) != places.of(READ, element("se", "Store", site="A"))


def test_whose_a_row_is_makes_no_place() -> None:
    places = Places([Match.of(vo="cms")])
    assert places.of(READ, SE) == places.of(READ._replace(vo="cms"), SE)
    assert places.agreeing(places.of(READ, SE)) == {places.number(Match.of(vo="cms"))}


def test_matches_that_say_the_same_have_one_number() -> None:
    places = Places([Match.of(site="A"), Match(), Match.of(site="A")])
    assert places.number(Match.of(site="A")) != places.number(Match())


@pytest.mark.parametrize("key", [key for key in STATIC_KEYS if key != "vo"])
def test_each_key_tells_places_apart(key: str) -> None:
    row, one = RowKey(CE.key, "all", ALL), element("ce", site="LCG.A.ch", tags=frozenset({"tape"}))
    agreeing = Match.of(**{key: static_values(row, one)[key]})
    places = Places([agreeing, Match.of(**{key: "no such"})])
    assert places.agreeing(places.of(row, one)) == {places.number(agreeing)}


@given(made=st.lists(matches, max_size=4), one=st.sampled_from(ELEMENTS))
def test_the_matches_that_agree_with_a_place_are_those_that_accept_its_row(made: list[Match], one: Element) -> None:
    places, row = Places(made), RowKey(one.key, "Read", "cms")
    agreeing = places.agreeing(places.of(row, one))
    seen = static_values(row, one)
    for match in made:
        assert match.accepts(seen) is (places.number(match) in agreeing and match.accepts({"vo": "cms"}))
