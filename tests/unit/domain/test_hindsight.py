"""Hindsight, pure: what a check at a moment would have found, had it known what became known later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from gridmask.domain.guard import Cap, Guard, Hold
from gridmask.domain.hindsight import Divergence, Hindsight, Judged, Known, Why, compared, informed
from gridmask.domain.policy import OnMissing, Policy
from gridmask.domain.status import Status, usable
from gridmask.domain.token import Token
from gridmask.rules import Always, DeclaredDowntime
from gridmask.testing import Trial, coverage, downtime, element, moment, policies, row, state

if TYPE_CHECKING:
    from gridmask.domain.row import Row
    from gridmask.domain.state import State

CE = element("ce")
DECLARED = Policy("declared", DeclaredDowntime())
AT, NOW = moment("12:00"), moment("20:00")


def world(stood: Row, *made: Policy) -> State:
    return state(CE, by=policies(*(made or (DECLARED,))), rows=[stood], covered_by=[coverage()])


def known(start: str, end: str | None, since: str, until: str | None = None, **said: str) -> Known:
    return Known(downtime(start, end, CE, **said), moment(since), moment(until) if until else None)


def judged(before: State, *versions: Known, by: str = "20:00") -> Judged:
    after = informed(before, versions, AT, moment(by))
    (one,) = compared("cms", before, after, versions, at=AT, known=moment(by), in_force=before.policies.revision)
    return one


def served(status: Status, **attributes: Any) -> Row:  # noqa: ANN401 - those of a row
    """A row that stood so, as the policies wanted it; the downtime that it names is called 1."""
    trial = Trial(world(row(CE)), at="08:00")
    if status is Status.BANNED:
        trial.announce(downtime("08:00", "18:00", CE))
    found = trial.row(CE)
    assert found is not None
    return replace(found, **attributes)


def test_what_is_known_now_is_as_if_it_had_been_known_then() -> None:
    one = judged(world(served(Status.ACTIVE)), known("11:00", "13:00", since="12:30"))
    assert (one.after.status, one.divergence, one.why) == (Status.BANNED, Divergence.MISSED, Why.LATE)
    assert one.learnt_at == moment("12:30")


def test_what_became_known_after_the_knowledge_that_counts_does_not() -> None:
    one = judged(world(served(Status.ACTIVE)), known("11:00", "13:00", since="12:30"), by="12:15")
    assert (one.divergence, one.why) == (None, None)


def test_of_two_versions_that_counts_which_stood_last() -> None:
    versions = (known("08:00", "18:00", "08:00", "14:00"), known("08:00", "11:30", "14:00"))
    one = judged(world(served(Status.BANNED)), *versions)
    assert (one.after.status, one.why, one.learnt_at) == (Status.ACTIVE, Why.TAKEN_BACK, moment("14:00"))
    assert judged(world(served(Status.BANNED)), *versions, by="13:00").divergence is None


def test_other_words_are_no_other_announcement() -> None:
    versions = (known("08:00", "18:00", "08:00", "14:00"), known("08:00", "18:00", "14:00", description="Fans"))
    one = judged(world(served(Status.ACTIVE)), *versions)
    assert (one.divergence, one.why) == (Divergence.MISSED, Why.NOT_ACTED)


def test_what_a_person_held_stays_and_the_opinion_is_told() -> None:
    held = served(Status.ACTIVE, token=Token("shifter", None))
    one = judged(world(held), known("11:00", "13:00", since="12:30"))
    assert (one.after.status, one.after.opinion, one.divergence) == (Status.ACTIVE, Status.BANNED, None)


def test_what_is_owed_is_owed() -> None:
    stood = served(Status.BANNED)
    owing = replace(stood, standing=replace(stood.standing, owes_probing=True))
    one = judged(world(owing), known("08:00", "18:00", "08:00", "14:00"))
    assert (one.after.status, one.divergence) == (Status.PROBING, Divergence.OTHER)


def test_the_guard_has_no_say_and_is_told_to_have_held() -> None:
    held = served(Status.ACTIVE, hold=Hold("batch", moment("18:00")))
    guard = Guard(declared=Cap(share=0.0, number=0))
    before = world(held)
    before = replace(before, policies=replace(before.policies, guard=guard))
    one = judged(before, known("08:00", "18:00", since="08:00"))
    assert (one.divergence, one.why) == (Divergence.MISSED, Why.GUARD)


def test_where_evidence_is_not_kept_each_policy_says_what_it_said() -> None:
    forgetful = replace(DECLARED, on_missing=OnMissing.UNKNOWN)
    before = world(served(Status.ACTIVE), forgetful)
    before = replace(before, coverage={key: replace(one, answered_at=None) for key, one in before.coverage.items()})
    assert judged(before).after.status is Status.ACTIVE


def test_by_other_policies_it_is_the_policies() -> None:
    before = world(served(Status.ACTIVE), Policy("never", Always(Status.BANNED)))
    after = informed(before, (), AT, NOW)
    (one,) = compared("cms", before, after, (), at=AT, known=NOW, in_force="others")
    assert (one.divergence, one.why) == (Divergence.MISSED, Why.POLICIES)


def test_what_was_said_for_want_of_evidence_and_is_refuted_was_silence() -> None:
    stood = served(Status.BANNED)
    held = replace(stood, verdicts=tuple(replace(verdict, held=True) for verdict in stood.verdicts))
    one = judged(world(held))
    assert (one.divergence, one.why) == (Divergence.LOST, Why.SILENCE)


def test_what_is_not_in_a_mask_is_not_judged() -> None:
    before = world(served(Status.ACTIVE))
    for other in (replace(CE, in_service=False), replace(CE, offered=frozenset({"atlas"}))):
        state_ = replace(before, elements=Map({CE.key: other}))
        assert compared("cms", state_, informed(state_, (), AT, NOW), (), at=AT, known=NOW, in_force="") == ()


def test_a_vo_of_which_something_was_known_later_is_judged_by_a_row_of_its_own() -> None:
    before = replace(world(served(Status.ACTIVE)), vos=frozenset({"cms"}))
    version = known("11:00", "13:00", since="12:30", vo="cms")
    after = informed(before, [version], AT, NOW)
    told = {vo: compared(vo, before, after, [version], at=AT, known=NOW, in_force="")[0].divergence for vo in ("cms", "all")}
    assert told == {"cms": Divergence.MISSED, "all": None}


def test_differences_are_counted_by_kind() -> None:
    before = world(served(Status.ACTIVE))
    rows = (judged(before), judged(before, known("11:00", "13:00", since="12:30")))
    hindsight = Hindsight("cms", AT, NOW, 7, "", rows)
    assert [hindsight.of(one) for one in Divergence] == [1, 0, 0]
    assert hindsight.differences().rows == rows[1:]


HOURS = st.integers(8, 18)


@given(start=HOURS, length=st.integers(1, 8), since=HOURS, stood=st.sampled_from([Status.ACTIVE, Status.BANNED]))
def test_a_row_is_missed_or_lost_as_its_downtime_was_known_late_or_never_was(
    start: int, length: int, since: int, stood: Status
) -> None:
    version = known(f"{start:02}:00", f"{min(start + length, 23):02}:00", since=f"{since:02}:00", record="2")
    one = judged(world(served(stood)), version)
    down = version.downtime.interval.contains(AT)
    assert usable(one.after.status) is not down
    expected = {(True, Status.ACTIVE): Divergence.MISSED, (False, Status.BANNED): Divergence.LOST}
    assert one.divergence is expected.get((down, stood))
