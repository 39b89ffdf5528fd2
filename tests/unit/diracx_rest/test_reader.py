from __future__ import annotations

import pytest

from gridmask.access.doorkeeper import LOCAL, NOBODY, READS_ALL
from gridmask.diracx_rest.reader import named, require, vos_of
from gridmask.domain.actor import Actor
from gridmask.domain.errors import Ambiguous, Forbidden, InvalidRequest, Unauthenticated
from gridmask.domain.rights import Grant, Role

LHCB, CMS = Grant(Role.READER, "lhcb"), Grant(Role.OPERATOR, "cms")


def actor(*grants: Grant, name: str = "somebody") -> Actor:
    return Actor(name, grants=frozenset(grants))


@pytest.mark.parametrize("query", [b"", b"vo=cms", b"vo=all&x=1"])
def test_who_belongs_to_one_vo_reads_for_it_whatever_they_ask_for(query: bytes) -> None:
    assert named(actor(LHCB), query, "cms") == "lhcb"
    assert named(actor(LHCB, *READS_ALL), query, "cms") == "lhcb"


def test_reporting_and_roles_of_all_make_nobody_belong_to_a_vo() -> None:
    assert vos_of(frozenset({Grant(Role.REPORTER, "cms"), Grant(Role.ADMINISTRATOR, "all"), *READS_ALL})) == ()
    assert vos_of(frozenset({LHCB, CMS, Grant(Role.READER, "cms")})) == ("cms", "lhcb")


def test_who_belongs_to_several_says_which() -> None:
    assert named(actor(LHCB, CMS), b"vo=cms", "") == "cms"
    with pytest.raises(Ambiguous, match="The VO could be any of: cms, lhcb"):
        named(actor(LHCB, CMS), b"", "")


@pytest.mark.parametrize("who", [LOCAL, actor(*READS_ALL), actor(*READS_ALL, name=NOBODY)])
def test_whom_nothing_ties_to_a_vo_says_which_or_gets_that_of_the_settings(who: Actor) -> None:
    assert named(who, b"vo=cms", "lhcb") == "cms"
    assert named(who, b"", "lhcb") == "lhcb"
    for query in (b"", b"vo=", b"VO=cms", b"\xff&;="):
        with pytest.raises(InvalidRequest, match=r"'[?]vo=NAME'"):
            named(who, query, "")


def test_who_shows_nothing_where_something_is_needed_is_told_so_first() -> None:
    with pytest.raises(Unauthenticated, match="Authorization header is missing"):
        named(actor(name=NOBODY), b"vo=cms", "lhcb")


def test_nobody_reads_for_a_vo_that_they_may_not_read() -> None:
    require(actor(LHCB), "lhcb")
    with pytest.raises(Forbidden, match="a reader of cms"):
        require(actor(LHCB), "cms")
    with pytest.raises(Unauthenticated):
        require(actor(name=NOBODY), "cms")
