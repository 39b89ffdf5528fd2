from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.confirmation import AT_ONCE, Check, Confirmation, Quorum, checked, confirmed
from gridmask.domain.element import WHOLE
from gridmask.domain.events import Event, EvidenceChanged, PoliciesLoaded, TimePassed
from gridmask.domain.measurements import Probe, Space
from gridmask.domain.policy import OnMissing, Policy, PolicySet
from gridmask.domain.status import Status
from gridmask.domain.step import step
from gridmask.domain.vo import ALL
from gridmask.rules.always import Always
from gridmask.rules.probes import ProbeResults
from gridmask.testing import element, measured, moment, policies, state

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


CE = element("ce")
PROBES = Policy("probes", ProbeResults(), confirm=Confirmation(Quorum(2, 3), Quorum(2, 2)))


def told(result: Literal["OK", "CRITICAL"], at: str, record: str = "1", **attributes: str) -> Event:
    return EvidenceChanged((measured(Probe("submit", result), CE, record=record, at=at, **attributes),))


def after(*events: tuple[str, Event], by: PolicySet) -> Status:
    """What the row is after all of ``events``, each at its time."""
    world = state(CE, by=by)
    for at, event in events:
        world, _ = step(world, event, moment(at))
    return world.rows[CE.key][WHOLE, ALL].status


def test_evidence_of_something_else_is_no_check() -> None:
    space = EvidenceChanged((measured(Space(1e12, 1e11), CE, record="space", at="12:20"),))
    events = (("12:00", told("OK", "12:00")), ("12:10", told("CRITICAL", "12:10")), ("12:20", space))
    assert after(*events, by=policies(PROBES)) is A


def test_that_evidence_is_missing_needs_no_confirmation() -> None:
    forgetful = replace(PROBES, on_missing=OnMissing.UNKNOWN)
    events = (("12:00", told("OK", "12:00", valid_until="12:30")), ("12:30", TimePassed()))
    assert after(*events, by=policies(forgetful)) is Status.UNKNOWN


def test_what_rests_on_no_evidence_needs_no_confirmation() -> None:
    closed = policies(replace(PROBES, rule=Always(B)))
    events = (("12:00", TimePassed()), ("12:05", PoliciesLoaded(closed)))
    assert after(*events, by=policies(replace(PROBES, rule=Always(A)))) is B


def test_what_has_become_advisory_decides_nothing_while_it_is_unconfirmed() -> None:
    advisory = policies(replace(PROBES, advisory=True))
    events = (("12:00", told("CRITICAL", "12:00")), ("12:10", told("OK", "12:10")), ("12:20", PoliciesLoaded(advisory)))
    assert after(*events, by=policies(PROBES)) is Status.UNKNOWN
