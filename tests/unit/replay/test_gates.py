"""Gates stop what is worse than it may be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gridmask.domain.errors import InvalidRequest
from gridmask.domain.policy import Policy
from gridmask.domain.status import Status
from gridmask.replay.gates import gate, judge
from gridmask.replay.scores import scores
from gridmask.rules import DeclaredDowntime
from gridmask.testing import policies
from tests.unit.replay.lives import announced, by_hand, life, outage

AHEAD = policies(Policy("declared-downtimes", DeclaredDowntime(lead={"default": timedelta(hours=1)})))
LIVED = life(by_hand("11:00", Status.ACTIVE), announced("09:30", outage("10:00", "14:00")), vos=("cms",))
PRESENT, TRIED = scores(LIVED.outcome()), scores(LIVED.outcome(AHEAD))


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("missed > 2 h", False),
        ("missed > 3h", True),
        ("missed>=3 h", False),
        ("missed > 10 %", False),
        ("missed > 80 %", True),
        ("missed of cms with hindsight > 180 min", True),
        ("late with hindsight > 0", True),
        ("flaps > 0", True),
        ("changes_per_day < 1", True),
        ("reaction_p95 > 15 min", True),
    ],
)
def test_a_gate_is_not_passed_where_it_is_true(text: str, passed: bool) -> None:  # noqa: FBT001
    assert [one.passed for one in judge([gate(text)], PRESENT)] == [passed]


@pytest.mark.parametrize(
    ("text", "passed"), [("more lost > 20 min", False), ("more lost > 1 h", True), ("more lost > 5 %", False)]
)
def test_a_gate_can_be_about_how_much_more_it_is(text: str, passed: bool) -> None:  # noqa: FBT001
    assert [one.passed for one in judge([gate(text)], TRIED, PRESENT)] == [passed]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mised > 1", "Did you mean 'missed'"),
        ("missed", "is no gate"),
        ("missed > -1", "is no gate"),
        ("flaps > 1 h", "without a unit"),
        ("flaps > 1 %", "no part of anything"),
        ("reaction_p95 > 5 %", "no part of anything"),
    ],
)
def test_what_is_no_gate_is_told(text: str, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        gate(text)


@pytest.mark.parametrize(("text", "told"), [("missed of cmss > 1", "Did you mean 'cms'"), ("more lost > 1", "--against")])
def test_what_cannot_be_judged_is_told(text: str, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        judge([gate(text)], PRESENT)
