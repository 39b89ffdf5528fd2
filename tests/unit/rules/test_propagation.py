from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.mask import Holding
from gridmask.domain.policy import Case, Finding
from gridmask.domain.status import Status
from gridmask.rules.propagation import Propagation
from gridmask.testing import element, moment, row

A, D, B, U, P = Status.ACTIVE, Status.DEGRADED, Status.BANNED, Status.UNKNOWN, Status.PROBING
NOON = moment("12:00")
SITE = element("SITE", type="Site", site="SITE")
SITE = replace(SITE, key=ElementKey("Site", "Site", "SITE"))

statuses = st.lists(st.sampled_from([A, D, B, P]), min_size=1, max_size=6)


def holding(number: int, status: Status, **attributes: Any) -> Holding:  # noqa: ANN401 - whatever an element has
    one = element(f"ce{number}", site="SITE", **attributes)
    made = row(one, status)
    return Holding(one, {(made.key.status_type, made.key.vo): made})


def of_site(rule: Propagation, *found: Status, around: tuple[Holding, ...] = (), vo: str = "all") -> Finding:
    members = tuple(holding(number, status) for number, status in enumerate(found)) + around
    return rule.assess(Case(RowKey(SITE.key, "all", vo), SITE, (), (), NOON, members))


@pytest.mark.parametrize(
    ("found", "expected"),
    [((A,), A), ((B, A), A), ((D, B), D), ((D, A), A), ((B, B), B), ((P, P), B), ((U, A), A), ((U, B), B)],
)
def test_any_resource_that_is_usable_keeps_a_site(found: tuple[Status, ...], expected: Status) -> None:
    assert of_site(Propagation(), *found).status is expected


@pytest.mark.parametrize(("found", "expected"), [((A, A), A), ((A, D), A), ((A, B), B), ((D, D), D)])
def test_all_of_them_can_be_asked_for(found: tuple[Status, ...], expected: Status) -> None:
    assert of_site(Propagation(active_share=1), *found).status is expected


def test_a_smaller_share_can_make_it_degraded() -> None:
    rule = Propagation(active_share=0.75, degraded_share=0.5)
    assert [of_site(rule, *found).status for found in ((A, A, A, B), (A, A, B, B), (A, B, B, B))] == [A, D, B]


@pytest.mark.parametrize("found", [(), (U,), (U, U)])
def test_where_nothing_is_known_nothing_is_concluded(found: tuple[Status, ...]) -> None:
    assert of_site(Propagation(), *found).status is None


def test_only_what_counts_counts() -> None:
    others = (
        holding(1, A, type="Squid"),
        holding(2, A, in_service=False),
        holding(3, A, offered=["atlas"]),
    )
    assert of_site(Propagation(types=("Computing*",)), B, around=others, vo="cms").status is B
    assert of_site(Propagation(types=("Computing*",)), B, around=others, vo="atlas").status is A


def test_the_rows_are_those_that_the_vo_sees() -> None:
    one = element("ce", site="SITE")
    rows = {("all", "all"): row(one, A), ("all", "cms"): row(one, B, vo="cms")}
    for vo, expected in (("cms", B), ("atlas", A)):
        assert of_site(Propagation(), around=(Holding(one, rows),), vo=vo).status is expected


def test_a_reason_names_what_is_not_usable() -> None:
    [reason] = of_site(Propagation(), A, *[B] * 6).reasons
    assert reason.text == (
        "1 of 7 at the site are usable: ce1 is Banned, ce2 is Banned, ce3 is Banned, ce4 is Banned and 2 more."
    )


@pytest.mark.parametrize(("site", "expected"), [(A, A), (D, D), (B, B), (P, B), (U, None)])
def test_a_resource_can_follow_its_site(site: Status, expected: Status | None) -> None:
    one = element("ce", site="SITE")
    at = Holding(SITE, {("all", "all"): replace(row(SITE, site), key=RowKey(SITE.key, "all", "all"))})
    rule = Propagation(of="site")
    assert rule.assess(Case(RowKey(one.key, "all", "all"), one, (), (), NOON, (at,))).status is expected


def test_it_says_nothing_about_what_it_is_not_for() -> None:
    assert of_site(Propagation(of="site"), A).status is None
    one = element("ce", site="SITE")
    assert Propagation().assess(Case(RowKey(one.key, "all", "all"), one, (), (), NOON, ())).status is None


@pytest.mark.parametrize("shares", [(1.5, None), (0.5, 0.6), (-0.1, None)])
def test_shares_that_cannot_be_are_refused(shares: tuple[float, float | None]) -> None:
    with pytest.raises(ValueError, match="share"):
        Propagation(active_share=shares[0], degraded_share=shares[1])


@given(statuses, statuses, st.floats(0, 1))
def test_one_more_that_is_usable_never_makes_it_worse(some: list[Status], more: list[Status], share: float) -> None:
    del more
    rule = Propagation(active_share=share)
    before, after = of_site(rule, *some).status, of_site(rule, *some, A).status
    assert before is not None
    assert after is not None
    assert after >= before


@given(statuses, st.randoms())
def test_the_order_does_not_matter(some: list[Status], random: object) -> None:
    del random
    assert of_site(Propagation(), *some).status is of_site(Propagation(), *reversed(some)).status
