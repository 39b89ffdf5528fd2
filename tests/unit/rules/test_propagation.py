from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.mask import Holding
from gridmask.domain.policy import Case, Finding
from gridmask.domain.quantities import Share
from gridmask.domain.status import Status
from gridmask.rules.aggregation import Condition, Line
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
    assert of_site(Propagation(active_share=Share(1)), *found).status is expected


def test_a_smaller_share_can_make_it_degraded() -> None:
    rule = Propagation(active_share=Share(0.75), degraded_share=Share(0.5))
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
        Propagation(active_share=Share(shares[0]), degraded_share=None if shares[1] is None else Share(shares[1]))


@given(statuses, statuses, st.floats(0, 1))
def test_one_more_that_is_usable_never_makes_it_worse(some: list[Status], more: list[Status], share: float) -> None:
    del more
    rule = Propagation(active_share=Share(share))
    before, after = of_site(rule, *some).status, of_site(rule, *some, A).status
    assert before is not None
    assert after is not None
    assert after >= before


@given(statuses, st.randoms())
def test_the_order_does_not_matter(some: list[Status], random: object) -> None:
    del random
    assert of_site(Propagation(), *some).status is of_site(Propagation(), *reversed(some)).status


# --- Tables

COMPUTING, STORAGE = ("ComputingElement",), ("StorageElement",)
WLCG = Propagation(
    cases=(
        Line(B, (Condition(("!usable",), STORAGE),)),
        Line(B, (Condition(("!usable",), COMPUTING, share=Share(1)),)),
        Line(D, (Condition(("!usable",)),), because="A part of it is down."),
    )
)


def member(number: int, status: Status, type_: str) -> Holding:
    return holding(number, status, type=type_, category="storage" if type_ in STORAGE else "computing")


@pytest.mark.parametrize(
    ("computing", "storage", "expected"),
    [
        ((A, A), (A,), A),
        ((A, A), (D,), A),
        ((A, B), (A,), D),
        ((B, P), (A,), B),
        ((A, A), (A, B), B),
        ((B, U), (A,), B),
        ((A, A), (), A),
        ((), (A,), A),
        ((), (B,), B),
        ((U, U), (A,), A),
    ],
)
def test_a_table_says_what_a_site_is_by_the_types_of_its_resources(
    computing: tuple[Status, ...], storage: tuple[Status, ...], expected: Status
) -> None:
    found = [(status, COMPUTING[0]) for status in computing] + [(status, STORAGE[0]) for status in storage]
    around = tuple(member(number, status, type_) for number, (status, type_) in enumerate(found))
    assert of_site(WLCG, around=around).status is expected


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(("Banned",)), [(B,), (A, B), (B, B)]),
        (Condition(("Banned",), at_least=2), [(B, B)]),
        (Condition(("Banned",), at_most=0), [(A,), (A, A)]),
        (Condition(("Banned",), at_most=1), [(A,), (B,), (A, A), (A, B)]),
        (Condition(("Banned",), at_least=1, at_most=1), [(B,), (A, B)]),
        (Condition(("usable",), share=Share(1)), [(A,), (A, A)]),
        (Condition(("usable",), share=Share(0.5)), [(A,), (A, A), (A, B)]),
        (Condition(("usable",), share_below=Share(0.5)), [(B,), (B, B)]),
        (Condition(("!usable", "!Banned")), []),
    ],
)
def test_a_condition_counts(condition: Condition, holds: list[tuple[Status, ...]]) -> None:
    found = [(A,), (B,), (A, A), (A, B), (B, B)]
    rule = Propagation(cases=(Line(P, (condition,)),))
    assert [statuses for statuses in found if of_site(rule, *statuses).status is P] == holds


@pytest.mark.parametrize("condition", [Condition(("Banned",), at_most=0), Condition(("usable",), share_below=Share(0.5))])
def test_a_condition_about_nothing_does_not_hold(condition: Condition) -> None:
    around = replace(condition, types=("FTS",))
    assert of_site(Propagation(cases=(Line(P, (around,)),)), A).status is A


def test_all_conditions_of_a_line_must_hold_and_the_first_line_decides() -> None:
    rule = Propagation(
        cases=(Line(P, (Condition(("Banned",)), Condition(("Active",)))), Line(D, (Condition(("Banned",)),)), Line(A))
    )
    assert [of_site(rule, *found).status for found in ((B, A), (B, B), (A, A), (P, P))] == [P, D, A, A]


def test_a_reason_says_what_was_counted_or_what_the_table_says() -> None:
    around = tuple(member(number, status, COMPUTING[0]) for number, status in enumerate((B, B)))
    [counted] = of_site(WLCG, around=around).reasons
    assert counted.text == "2 of 2 ComputingElement are not usable (ce0, ce1): at least 100 %."
    [said] = of_site(WLCG, around=(*around, member(3, A, COMPUTING[0]))).reasons
    assert said.text == "A part of it is down."


def test_a_table_can_say_what_a_resource_is_by_its_site() -> None:
    one = element("ce", site="SITE")
    rule = Propagation(of="site", cases=(Line(P, (Condition(("Probing",)),)), Line(D, (Condition(("Banned",)),))))
    found = []
    for site in (A, P, B):
        at = Holding(SITE, {("all", "all"): replace(row(SITE, site), key=RowKey(SITE.key, "all", "all"))})
        found.append(rule.assess(Case(RowKey(one.key, "all", "all"), one, (), (), NOON, (at,))).status)
    assert found == [A, P, D]


@pytest.mark.parametrize(
    ("are", "problem"),
    [
        ("Baned", "did you mean 'Banned'?"),
        ("Unknown", "does not count"),
        ("!usabel", "did you mean 'usable'?"),
    ],
)
def test_a_status_that_there_is_not_is_refused(are: str, problem: str) -> None:
    with pytest.raises(ValueError, match=r"are: .*") as caught:
        Condition((are,))
    assert problem in str(caught.value)


def test_conditions_that_can_never_be_are_refused() -> None:
    for wrong in ({"at_least": 2, "at_most": 1}, {"share": Share(0.5), "share_below": Share(0.5)}):
        with pytest.raises(ValueError, match="can never be"):
            Condition(("Banned",), **wrong)
    with pytest.raises(ValueError, match="no status agrees"):
        Condition(("Banned", "!Banned"))
