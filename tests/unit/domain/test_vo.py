from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.errors import InvalidRequest, NotKnown
from gridmask.domain.vo import ALL, VoRegistry, canonical

REGISTRY = VoRegistry(frozenset({"cms", "atlas"}), {"uscms": "cms"})

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}", fullmatch=True)


@given(names, st.text(string.whitespace, max_size=3))
def test_a_name_has_one_canonical_form_however_it_is_spelled(name: str, space: str) -> None:
    assert canonical(name) == canonical(space + name.upper() + space) == canonical(canonical(name))


@pytest.mark.parametrize("name", ["", " ", "-cms", "c ms", "cms/prod", "c" * 65, "čms"])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be a VO's name"):
        canonical(name)


@pytest.mark.parametrize("name", ["cms", "CMS", " Cms ", "USCMS"])
def test_a_vo_is_found_by_each_of_its_names(name: str) -> None:
    assert REGISTRY.resolve(name) == "cms"


@pytest.mark.parametrize("name", ["all", "ALL"])
def test_all_stands_for_itself(name: str) -> None:
    assert REGISTRY.resolve(name) == ALL


def test_nothing_can_go_by_the_name_of_all() -> None:
    assert VoRegistry(frozenset({"cms"}), {ALL: "cms"}).resolve("all") == ALL


def test_a_vo_that_does_not_exist_is_refused_with_a_suggestion() -> None:
    with pytest.raises(NotKnown, match=r"no VO called 'atlsa'. Did you mean 'atlas'"):
        REGISTRY.resolve("atlsa")


def test_new_names_are_added_in_canonical_form() -> None:
    assert REGISTRY.with_names(["LHCb"]).resolve("lhcb") == "lhcb"


def test_an_alias_of_a_known_vo_adds_nothing() -> None:
    assert REGISTRY.with_names(["USCMS", "Atlas", "all"]) == REGISTRY


@given(st.lists(names), st.lists(names))
def test_names_can_be_added_in_any_order(first: list[str], second: list[str]) -> None:
    assert REGISTRY.with_names(first).with_names(second) == REGISTRY.with_names([*second, *first])
