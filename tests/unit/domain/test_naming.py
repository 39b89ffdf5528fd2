from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.element import Element, ElementKey
from gridmask.domain.naming import HostedService, Target, handle, handles, named_by, names
from gridmask.testing import element

CE = replace(element("ce"), aliases=("old-ce",), hosts=("a.example.org",), services=frozenset({"arc-ce"}))
ANY = replace(CE, services=frozenset())

words = st.sampled_from("abc")
some_elements = st.builds(
    lambda name, aliases, hosts, services: replace(element(name), aliases=aliases, hosts=hosts, services=services),
    words,
    st.lists(words, max_size=2).map(tuple),
    st.lists(words, max_size=2).map(tuple),
    st.frozensets(st.sampled_from("xy"), max_size=2),
)
some_targets = st.builds(HostedService, words, st.sampled_from(["", "x", "y"])) | words.map(lambda w: element(w).key)


@pytest.mark.parametrize(
    ("target", "one", "meant"),
    [
        (CE.key, CE, True),
        (CE.key._replace(name="old-ce"), CE, True),
        (CE.key._replace(name="OLD-CE"), CE, False),
        (CE.key._replace(type="FTS"), CE, False),
        (ElementKey("Resource", "FTS", "old-ce"), CE, False),
        (HostedService("a.example.org", "arc-ce"), CE, True),
        (HostedService("a.example.org", "webdav"), CE, False),
        (HostedService("b.example.org", "arc-ce"), CE, False),
        (HostedService("a.example.org"), CE, True),
        (HostedService("a.example.org", "webdav"), ANY, True),
        (HostedService("ce", "arc-ce"), CE, False),
    ],
)
def test_what_a_target_means(target: Target, one: Element, meant: bool) -> None:  # noqa: FBT001
    assert names(target, one) is meant


@given(some_targets, some_elements)
def test_whatever_is_meant_goes_by_the_handle(target: Target, one: Element) -> None:
    assert not names(target, one) or handle(target) in handles(one)


@given(st.lists(some_targets, max_size=4), st.lists(some_elements, max_size=4))
def test_all_that_is_meant_is_found_and_nothing_else(targets: list[Target], listed: list[Element]) -> None:
    elements = {one.key: one for one in listed}
    meant = {key for key, one in elements.items() if any(names(target, one) for target in targets)}
    assert set(named_by(targets, elements)) == meant


def test_targets_are_told_in_words() -> None:
    assert str(HostedService("a.example.org", "webdav")) == "webdav on a.example.org"
    assert str(HostedService("a.example.org")) == "everything on a.example.org"
