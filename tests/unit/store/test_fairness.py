"""Who is next, of work that is due."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridmask.store.fairness import Candidate, UnderWay, chosen

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def due(key: str, vo: str = "all", host: str = "", kind: str = "read", since: int = 0) -> Candidate:
    return Candidate(kind, key, vo, host, NOW + timedelta(seconds=since))


def keys(found: list[Candidate]) -> list[str]:
    return [one.key for one in found]


def test_what_is_due_for_longest_goes_first() -> None:
    assert keys(chosen([due("b", since=2), due("a", since=1), due("c", since=3)], UnderWay(), {"read": 2}, "x")) == ["a", "b"]


def test_vos_take_turns_however_much_one_of_them_wants() -> None:
    waiting = [due(f"many{number:03}", "atlas") for number in range(100)] + [
        due("few1", "cms", since=9),
        due("few2", "cms", since=9),
    ]
    assert keys(chosen(waiting, UnderWay(), {"read": 4}, "x")) == ["many000", "few1", "many001", "few2"]


def test_who_has_something_under_way_already_comes_after_who_has_nothing() -> None:
    under_way = UnderWay()
    under_way.add("read", "atlas", "", "y")
    assert keys(chosen([due("a", "atlas"), due("b", "cms", since=9)], under_way, {"read": 1}, "x")) == ["b"]


def test_kinds_take_turns() -> None:
    waiting = [*(due(f"r{number}") for number in range(3)), due("s", kind="sweep", since=9)]
    assert keys(chosen(waiting, UnderWay(), {"read": 2, "sweep": 1}, "x")) == ["r0", "s", "r1"]


def test_a_host_of_another_process_is_left_alone_and_ones_own_is_not() -> None:
    under_way = UnderWay()
    under_way.add("read", "all", "theirs", "y")
    under_way.add("read", "all", "ours", "x")
    waiting = [due("a", host="theirs"), due("b", host="ours"), due("c", host="new"), due("d", host="new")]
    assert keys(chosen(waiting, under_way, {"read": 9}, "x")) == ["b", "c", "d"]


def test_there_may_be_no_room() -> None:
    assert chosen([due("a")], UnderWay(), {"read": 0, "sweep": 5}, "x") == []


CANDIDATES = st.lists(
    st.builds(
        due,
        key=st.text("abcdefgh", min_size=1, max_size=3),
        vo=st.sampled_from(["all", "cms", "atlas"]),
        host=st.sampled_from(["", "", "h1", "h2"]),
        kind=st.sampled_from(["read", "sweep"]),
        since=st.integers(0, 99),
    ),
    unique_by=lambda one: (one.kind, one.key),
)


@given(CANDIDATES, st.integers(0, 5), st.integers(0, 2))
def test_no_more_is_taken_than_there_is_room_for_and_nothing_is_left_while_there_is(
    waiting: list[Candidate], reads: int, sweeps: int
) -> None:
    found = chosen(waiting, UnderWay(), {"read": reads, "sweep": sweeps}, "x")
    taken = Counter(one.kind for one in found)
    there = Counter(one.kind for one in waiting)
    assert taken == +Counter({"read": min(reads, there["read"]), "sweep": min(sweeps, there["sweep"])})
    assert len(set(found)) == len(found)


@given(CANDIDATES, st.lists(st.sampled_from("xyz"), max_size=12))
def test_a_host_is_never_two_processes_at_once(waiting: list[Candidate], asking: list[str]) -> None:
    under_way, whose = UnderWay(), dict[str, set[str]]()
    left = list(waiting)
    for holder in asking:
        for one in chosen(left, under_way, {"read": 1, "sweep": 1}, holder):
            left.remove(one)
            whose.setdefault(one.host, set()).add(holder)
    assert all(len(holders) == 1 for host, holders in whose.items() if host)


@given(CANDIDATES, st.integers(1, 6))
def test_no_vo_gets_two_more_than_one_that_still_waits(waiting: list[Candidate], room: int) -> None:
    waiting = [one for one in waiting if one.kind == "read"]
    found = chosen(waiting, UnderWay(), {"read": room}, "x")
    taken = Counter(one.vo for one in found)
    still = {one.vo for one in waiting if one not in found}
    assert all(taken[vo] - taken[other] <= 1 for vo in taken for other in still)
