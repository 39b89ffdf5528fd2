from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.decision import Reason, ReasonKind, Verdict
from gridmask.domain.element import WHOLE, ElementKey, RowKey
from gridmask.domain.guard import (
    Batch,
    BatchState,
    Cap,
    CapFor,
    Cause,
    Guard,
    Taking,
    Watch,
    causes_of,
    exceeded,
    suspicious,
)
from gridmask.domain.status import Status
from gridmask.testing import moment

NOON = moment("12:00")
FEED, OTHER = Cause("source", "feed"), Cause("source", "other")
GUARD = Guard(general=Cap(0.2, 3), declared=Cap(0.5, 3))
CENSUS = {("cms", "FTS"): 20, ("atlas", "FTS"): 100}


def taking(number: int, *causes: Cause, vos: tuple[str, ...] = ("cms",), declared: bool = False, ago: int = 0) -> Taking:
    key = RowKey(ElementKey("Resource", "FTS", f"fts{number}"), WHOLE, "all")
    return Taking(NOON - timedelta(minutes=ago), key, frozenset(vos), frozenset(causes or (FEED,)), declared)


def takings(count: int, **more: object) -> list[Taking]:
    return [taking(number, **more) for number in range(count)]  # type: ignore[arg-type]  # those of a taking


def held(new: list[Taking], watch: Watch = Watch(), guard: Guard = GUARD) -> dict[Cause, list[str]]:  # noqa: B008
    return {cause: sorted(vos) for cause, vos in exceeded(new, watch, guard, CENSUS, NOON).items()}


def test_each_downtime_that_people_declare_is_a_cause_of_its_own() -> None:
    told = [
        Reason(ReasonKind.DOWNTIME, "Down.", source=source, record=record)
        for source, record in (("manual", "1"), ("feed", "2"))
    ]
    found, _ = causes_of([Verdict("downtimes", "all", Status.BANNED, (reason,)) for reason in told])
    assert {cause.name for cause in found if cause.kind == "source"} == {"manual 1", "feed"}


def test_more_than_the_share_and_more_than_the_number_is_too_much() -> None:
    assert held(takings(5)) == {FEED: ["cms"]}


def test_either_alone_is_not() -> None:
    assert held(takings(3)) == {}
    assert held(takings(4)) == {}
    assert held(takings(20, vos=("atlas",))) == {}


def test_each_vo_is_looked_at_by_itself() -> None:
    assert held(takings(5, vos=("cms", "atlas"))) == {FEED: ["cms"]}
    assert held([*takings(3), *(taking(n, vos=("atlas",)) for n in range(9, 20))]) == {}


def test_each_cause_is_looked_at_by_itself() -> None:
    both = [taking(n, FEED if n % 2 else OTHER) for n in range(8)]
    assert held(both) == {}
    assert held([replace(t, causes=frozenset({FEED, OTHER})) for t in both]) == {FEED: ["cms"], OTHER: ["cms"]}


def test_declared_downtimes_have_a_cap_of_their_own() -> None:
    assert held(takings(10, declared=True)) == {}
    assert held(takings(11, declared=True)) == {FEED: ["cms"]}
    assert held([*takings(6, declared=True), *(taking(n) for n in range(10, 15))]) == {FEED: ["cms"]}


def test_what_was_taken_a_while_ago_counts_with_it_and_what_was_taken_long_ago_does_not() -> None:
    for ago, expected in ((59, {FEED: ["cms"]}), (61, {})):
        watch = Watch(tuple(taking(100 + n, ago=ago) for n in range(4)))
        assert held(takings(2), watch) == expected


def test_a_row_that_is_taken_again_and_again_is_one_row() -> None:
    watch = Watch(tuple(taking(n % 2, ago=n + 1) for n in range(30)))
    assert held(takings(2), watch) == {}


def test_what_was_confirmed_is_not_held_against_what_follows() -> None:
    batch = Batch("b", FEED, NOON, NOON, state=BatchState.CONFIRMED, decided_at=NOON - timedelta(minutes=5))
    watch = Watch(tuple(taking(100 + n, ago=10) for n in range(10)), {"b": batch})
    assert held(takings(3), watch) == {}
    assert held(takings(5), watch) == {FEED: ["cms"]}


def test_caps_can_be_those_of_a_vo_and_a_type() -> None:
    lenient = Cap(1.0, 100)
    guard = replace(GUARD, caps=(CapFor(lenient, lenient, vo="cm*", type="FTS"),))
    assert held(takings(20), guard=guard) == {}
    assert held(takings(20, vos=("cms", "lhcb")), guard=guard) == {FEED: ["lhcb"]}


def test_shares_need_to_be_known_only_where_there_are_many() -> None:
    assert not suspicious(takings(3), Watch(), GUARD, NOON)
    assert suspicious(takings(4), Watch(), GUARD, NOON)


def test_a_batch_is_open_until_it_is_decided_or_expires() -> None:
    batch = Batch("b", FEED, NOON, NOON + timedelta(hours=1))
    watch = Watch(batches={"b": batch})
    assert watch.open_for(FEED, NOON) == batch
    assert watch.open_for(OTHER, NOON) is None
    assert watch.open_for(FEED, NOON + timedelta(hours=1)) is None
    assert not replace(batch, state=BatchState.DROPPED).is_open(NOON)


def test_causes_are_the_policies_that_won_and_the_sources_that_they_rest_on() -> None:
    down = Reason(ReasonKind.DOWNTIME, "down", source="feed")
    verdicts = (
        Verdict("declared", "all", Status.BANNED, (down,)),
        Verdict("mood", "cms", Status.DEGRADED, (Reason(ReasonKind.CONSTANT, "x", source="other"),)),
        Verdict("note", "cms", Status.ERROR, (Reason(ReasonKind.CONSTANT, "x"),), advisory=True),
    )
    found, declared = causes_of(verdicts)
    assert (sorted(found), declared) == ([Cause("policy", "declared of all"), FEED], True)
    assert Cause("policies", "r1") in causes_of(verdicts, "r1")[0]
    assert causes_of(()) == (frozenset(), False)


@given(st.integers(0, 30), st.integers(0, 30))
def test_more_takings_are_never_held_less(few: int, more: int) -> None:
    assert held(takings(min(few, more))).keys() <= held(takings(max(few, more))).keys()


@given(st.permutations(range(8)), st.integers(0, 8))
def test_it_does_not_matter_in_which_order_and_how_divided_they_come(order: list[int], cut: int) -> None:
    first, second = order[:cut], order[cut:]
    watch = Watch(tuple(taking(n, ago=1) for n in first))
    rest = {**CENSUS, ("cms", "FTS"): 20 - len(first)}
    assert bool(exceeded([taking(n) for n in second], watch, GUARD, rest, NOON)) is bool(second)
