from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.confirmation import AT_ONCE, Check, Confirmation, Quorum, checked, confirmed
from gridmask.domain.status import Status
from gridmask.testing import moment

NOON = moment("12:00")
A, D, B = Status.ACTIVE, Status.DEGRADED, Status.BANNED
TWO_OF_THREE = Confirmation(Quorum(2, 3), Quorum(3, 3))


def course(found: str, confirmation: Confirmation = TWO_OF_THREE, start: Status = A) -> str:
    """The verdicts, one letter each, of checks that find ``found``, one every ten minutes."""
    letters = {"A": A, "D": D, "B": B}
    checks: tuple[Check, ...] = ()
    hard, told = start, ""
    for number, letter in enumerate(found):
        status = letters[letter]
        checks = checked(checks, status, NOON + number * timedelta(minutes=10), hard, confirmation.window)
        if status is not hard and confirmed(checks, status, hard, confirmation):
            hard = status
        told += hard.label[0]
    return told


@pytest.mark.parametrize(
    ("found", "verdicts"),
    [
        ("AAAA", "AAAA"),
        ("BAAA", "AAAA"),
        ("BBAA", "ABBB"),
        ("BABA", "AABB"),
        ("BBAAA", "ABBBA"),
        ("BBAABAAA", "ABBBBBBA"),
    ],
)
def test_two_of_three_make_it_worse_and_three_of_three_better(found: str, verdicts: str) -> None:
    assert course(found) == verdicts


@given(st.text("ADB", max_size=12))
def test_at_once_follows_every_check(found: str) -> None:
    assert course(found, AT_ONCE) == found


@given(st.text("ADB", min_size=3, max_size=12), st.sampled_from([A, D, B]))
def test_three_checks_that_agree_always_decide(found: str, start: Status) -> None:
    assert course(found + found[-1] * 3, start=start)[-1] == found[-1]


def test_to_look_again_at_the_same_evidence_is_no_check() -> None:
    once = checked((), B, NOON, A, 3)
    assert checked(once, B, NOON, A, 3) == once
    assert not confirmed(once, B, A, TWO_OF_THREE)


def test_without_evidence_there_is_no_check() -> None:
    assert checked((), B, None, A, 3) == ()


def test_what_agrees_is_not_remembered() -> None:
    assert checked((), A, NOON, A, 3) == ()


@pytest.mark.parametrize("quorum", [(0, 1), (3, 2), (1, 21)])
def test_what_cannot_be_is_refused(quorum: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="write 'n of m'"):
        Quorum(*quorum)
