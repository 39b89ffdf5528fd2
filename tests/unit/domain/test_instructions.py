from __future__ import annotations

from dataclasses import replace

import pytest

from gridmask.domain.decision import Verdict
from gridmask.domain.instructions import ChangeKind, SaveRow
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.domain.transition import Standing
from gridmask.testing import element, moment, row

BEFORE = row(element())
BANNED = replace(BEFORE, standing=Standing(Status.BANNED, moment("12:00")))
HELD = replace(BEFORE, token=Token("me", None))


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (None, BEFORE, ChangeKind.OPENED),
        (BEFORE, BANNED, ChangeKind.STATUS),
        (BEFORE, replace(BANNED, token=Token("me", None)), ChangeKind.STATUS),
        (BEFORE, HELD, ChangeKind.TOKEN),
        (HELD, replace(HELD, token=Token("me", moment("12:00"))), ChangeKind.TOKEN),
        (HELD, replace(HELD, binding=True), ChangeKind.TOKEN),
        (BEFORE, replace(BEFORE, due=moment("12:00")), None),
        (BEFORE, replace(BEFORE, opinion=Status.BANNED), None),
    ],
)
def test_history_tells_of_statuses_and_tokens(before: Row | None, after: Row, change: ChangeKind | None) -> None:
    assert SaveRow(before, after).change is change


@pytest.mark.parametrize(
    ("after", "is_decision"),
    [
        (BANNED, True),
        (replace(BEFORE, opinion=Status.BANNED), True),
        (replace(BEFORE, verdicts=(Verdict("p", "all", Status.ACTIVE, ()),)), True),
        (replace(BEFORE, policy_revision="other"), True),
        (replace(BEFORE, due=moment("12:00")), False),
        (HELD, False),
    ],
)
def test_a_decision_is_one_if_verdicts_outcome_or_policies_changed(after: Row, *, is_decision: bool) -> None:
    assert SaveRow(BEFORE, after).is_decision is is_decision


def test_the_first_row_is_a_decision() -> None:
    assert SaveRow(None, BEFORE).is_decision
