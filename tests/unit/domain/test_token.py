from __future__ import annotations

from datetime import timedelta

import pytest

from gridmask.domain.actor import Actor
from gridmask.domain.instructions import SaveRow
from gridmask.domain.policy import Policy
from gridmask.domain.status import Status
from gridmask.domain.token import Custom, Term, Token
from gridmask.rules import Always
from gridmask.testing import Trial, element, moment, policies, state

NOON = moment("12:00")
MOMENT = timedelta.resolution
CE = element("ce")
EXPERT = Actor("expert")
CUSTOM = Custom(lasts=timedelta(days=1), notice=timedelta(hours=2), review=timedelta(days=7))


def test_a_token_holds_up_to_its_end() -> None:
    assert Token("me", NOON).holds(NOON - MOMENT)
    assert not Token("me", NOON).holds(NOON)


def test_a_token_without_an_end_holds_until_released() -> None:
    assert Token("me", None).holds(moment("2099-01-01T00:00"))


# --- What is customary


@pytest.mark.parametrize(
    ("until", "notice"),
    [("2026-08-22T12:00", "2026-08-22T10:00"), ("16:00", "14:00"), ("15:00", "13:30"), ("12:02", "12:01")],
)
def test_its_owner_is_reminded_some_time_before_its_end_and_of_a_short_one_halfway(until: str, notice: str) -> None:
    assert CUSTOM.token("me", Term(moment(until)), NOON).notice_at == moment(notice)


def test_what_has_no_end_is_to_be_reviewed_and_its_owner_reminded_of_that() -> None:
    made = CUSTOM.token("me", Term(agreed=True), NOON)
    assert (made.expires_at, made.agreed, made.review_at) == (None, True, NOON + CUSTOM.review)
    assert made.notice_at == made.review_at


def test_a_review_can_be_at_another_time() -> None:
    assert CUSTOM.token("me", Term(review_at=moment("13:00")), NOON).notice_at == moment("13:00")
    until = CUSTOM.token("me", Term(moment("18:00"), review_at=moment("13:00")), NOON)
    assert (until.review_at, until.notice_at) == (moment("13:00"), moment("16:00"))


def test_what_ends_is_reviewed_at_its_end() -> None:
    assert CUSTOM.token("me", Term(moment("18:00")), NOON).review_at == moment("18:00")


# --- Reminders


def held(until: str | None = "16:00") -> Trial:
    """A row that Anna took at noon, to give it back four hours later."""
    trial = Trial(state(CE, by=policies(Policy("fine", Always(Status.ACTIVE))), vos=["cms"]), at="12:00")
    trial.take(CE, by=EXPERT, until=until)
    return trial


def reminders(trial: Trial) -> list[SaveRow]:
    return [i for i in trial.instructions if isinstance(i, SaveRow) and i.reminds]


def test_its_owner_is_reminded_once_and_that_is_no_change() -> None:
    trial = held("20:00")
    due = trial.state.rows[CE.key]["all", "all"].due
    assert due == moment("16:00")
    trial.wait(due - MOMENT)
    assert reminders(trial) == []
    trial.wait(due)
    assert [saved.change for saved in reminders(trial)] == [None]
    assert trial.state.rows[CE.key]["all", "all"].due == moment("20:00")
    trial.wait("17:00")
    assert trial.instructions == ()


def test_whoever_looks_only_after_its_end_reminds_nobody() -> None:
    trial = held("20:00")
    trial.wait("20:00")
    assert reminders(trial) == []
    found = trial.row(CE)
    assert found is not None
    assert found.token is None


def test_a_row_for_good_is_reminded_of_at_its_review_and_held_on() -> None:
    trial = held(None)
    trial.wait(NOON + timedelta(days=30))
    found = trial.row(CE)
    assert found is not None
    assert found.token is not None
    assert (len(reminders(trial)), found.token.review_at) == (1, NOON + timedelta(days=30))


def test_an_extension_in_the_moment_of_the_reminder_is_no_reminder() -> None:
    trial = held("20:00")
    trial.now = moment("16:00")
    trial.extend(CE, by=EXPERT, until="23:00")
    assert reminders(trial) == []
    found = trial.row(CE)
    assert found is not None
    assert found.token is not None
    assert found.token.notice_at == moment("19:30")


def test_a_token_shorter_than_time_can_tell_is_over_at_once() -> None:
    trial = held()
    trial.take(CE, by=EXPERT, until=NOON + MOMENT)
    trial.wait(NOON + MOMENT)
    found = trial.row(CE)
    assert found is not None
    assert found.token is None
