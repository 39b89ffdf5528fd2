from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.excuse import END, Announced, Between, common, excuses, union

EPOCH = datetime(2026, 8, 21, tzinfo=UTC)


def hour(number: float) -> datetime:
    return EPOCH + timedelta(hours=number)


def announced(start: float, end: float, since: float, until: float | None = None) -> Announced:
    return Announced(hour(start), hour(end), hour(since), END if until is None else hour(until))


def hours(found: tuple[Between, ...]) -> list[tuple[float, float]]:
    return [((start - EPOCH) / timedelta(hours=1), (end - EPOCH) / timedelta(hours=1)) for start, end in found]


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([announced(10, 14, 2)], [(10, 14)]),
        ([announced(10, 14, 10)], [(10, 14)]),  # as it begins
        ([announced(10, 14, 11)], []),  # after it began
        ([announced(10, 14, 20)], []),  # after it was over
        ([announced(10, 14, 2, 12), announced(10, 18, 12)], [(10, 14)]),  # made longer while it lasted
        ([announced(10, 14, 2, 5), announced(10, 18, 5)], [(10, 18)]),  # made longer before
        ([announced(10, 18, 2, 12), announced(10, 12, 12)], [(10, 12)]),  # ended early
        ([announced(10, 18, 2, 12)], [(10, 12)]),  # withdrawn
        ([announced(10, 18, 2, 8)], []),  # withdrawn before
        ([announced(10, 14, 2, 9), announced(12, 16, 9)], [(12, 16)]),  # postponed
    ],
)
def test_an_outage_excuses_what_was_announced_before_it_began(
    versions: list[Announced], expected: list[tuple[float, float]]
) -> None:
    assert hours(excuses(versions)) == expected


VERSIONS = st.lists(st.tuples(st.integers(0, 24), st.integers(1, 12), st.integers(1, 8)), max_size=5)
"""Of each version: its start, how long it is, and for how long it stood."""


@given(VERSIONS, st.integers(0, 40))
def test_a_moment_is_excused_if_it_was_so_told_then_and_in_time(drawn: list[tuple[int, int, int]], at: int) -> None:
    moment, known, versions = hour(at + 0.5), 0, []
    for start, length, stood in drawn:
        versions.append(announced(start, start + length, known, known + stood))
        known += stood
    told_then = any(v.since <= moment < v.until and v.start <= moment < v.end for v in versions)
    in_time = any(v.since <= v.start and v.since <= moment and v.start <= moment < v.end for v in versions)
    assert any(start <= moment < end for start, end in excuses(versions)) == (told_then and in_time)


BETWEENS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 6)).map(lambda one: (hour(one[0]), hour(sum(one)))), max_size=6
)


@given(BETWEENS, BETWEENS, st.integers(0, 26))
def test_unions_and_what_is_common_to_them_agree_with_each_moment(some: list[Between], others: list[Between], at: int) -> None:
    moment = hour(at + 0.5)
    left, right = (any(start <= moment < end for start, end in found) for found in (some, others))
    both = tuple(common(union(some), union(others)))
    assert any(start <= moment < end for start, end in union(some)) == left
    assert any(start <= moment < end for start, end in both) == (left and right)
    assert all(one[1] < two[0] for one, two in zip(union(some), union(some)[1:], strict=False))
