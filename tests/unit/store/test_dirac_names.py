from __future__ import annotations

import pytest

from gridmask.domain.element import ElementKey
from gridmask.store.dirac_views.names import Names, told_apart

ALL, READ = {"all"}, {"ReadAccess"}


def key(type_: str, name: str = "x", family: str = "Resource") -> ElementKey:
    return ElementKey(family, type_, name)


CE, SE, FTS, SQUID, ZOO = map(key, ("ComputingElement", "StorageElement", "FTS", "Squid", "Zoo"))
NAMES = Names(frozenset({FTS, SQUID}))


@pytest.mark.parametrize(
    ("sharing", "apart"),
    [
        ([(FTS, ALL), (CE, ALL)], {FTS}),
        ([(FTS, ALL), (CE, READ)], set()),
        ([(FTS, ALL), (SE, READ)], set()),
        ([(ZOO, ALL), (SQUID, ALL)], {ZOO}),
        ([(ZOO, ALL), (SQUID, ALL), (FTS, ALL)], {ZOO, SQUID}),
        ([(SQUID, ALL | READ), (CE, ALL), (SE, READ)], {SQUID}),
        ([(FTS, ALL), (key("ComputingElement", family="Node"), ALL)], set()),
        ([(FTS, set()), (CE, ALL)], set()),
    ],
)
def test_the_first_keeps_the_name_and_others_that_share_an_aspect_go_by_their_type(
    sharing: list[tuple[ElementKey, set[str]]], apart: set[ElementKey]
) -> None:
    assert told_apart([sharing]).apart == apart
    assert told_apart([sharing[::-1]]).apart == apart


def test_what_is_told_apart_is_called_by_name_and_type() -> None:
    assert [NAMES.of(one) for one in (CE, FTS, SQUID)] == ["x", "x@FTS", "x@Squid"]
    assert (NAMES.found("Resource", "x@FTS"), NAMES.found("Node", "x@FTS"), NAMES.found("Resource", "x")) == (FTS, None, None)
    assert NAMES.kept("Resource", ["x@FTS", "y@FTS"]) == {"x", "x@FTS", "y@FTS"}


def test_who_says_the_type_says_enough() -> None:
    assert NAMES.with_types("Resource", ["x", "y"], ["FTS", "Zoo"]) == ("x", "y", "x@FTS")
    assert NAMES.with_types("Node", ["x"], ["FTS"]) == ("x",)
    assert NAMES.means(FTS, "x", "FTS")
    assert NAMES.means(FTS, "x@FTS", "nonsense")
    assert not NAMES.means(FTS, "x")
    assert not NAMES.means(CE, "x@ComputingElement", "ComputingElement")
