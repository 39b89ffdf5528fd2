from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from gridmask.domain.assessing import Assessor
from gridmask.domain.decision import NO_POLICY, ReasonKind
from gridmask.domain.downtime import Downtime
from gridmask.domain.evaluation import evaluate
from gridmask.domain.evidence import Coverage
from gridmask.domain.hearing import Hearing
from gridmask.domain.matching import ANY_ROW, Match
from gridmask.domain.policy import OnMissing, Policy, PolicySet
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.rules import Always, DeclaredDowntime
from gridmask.rules.downtime import After
from gridmask.testing import coverage, downtime, element, moment, policies, row
from gridmask.testing.times import Time

CE = element()
ACTIVE = row(CE)
DOWN = downtime("10:00", "12:00", CE)
FOLLOW = Policy("declared", DeclaredDowntime())
SILENT = coverage(valid_until="09:00")


def judged(
    before: Row = ACTIVE,
    *known: Downtime,
    at: Time = "11:00",
    by: PolicySet | Policy = FOLLOW,
    covered_by: Iterable[Coverage] = (),
) -> Row:
    made = policies(by) if isinstance(by, Policy) else by
    evidence = [e for d in known for e in d.evidence(moment("08:00"))]
    return evaluate(before, Assessor(made, CE, Hearing(evidence), tuple(covered_by), moment(at)))


def always(status: Status, name: str = "constant", *, advisory: bool = False, match: Match = ANY_ROW) -> Policy:
    return Policy(name, Always(status), match, advisory=advisory)


# --- Verdicts


def test_a_row_becomes_what_its_policies_ask_for_and_says_why() -> None:
    found = judged(ACTIVE, DOWN)
    assert (found.status, found.opinion, found.standing.since) == (Status.BANNED, Status.BANNED, moment("11:00"))
    assert [(reason.kind, reason.record) for reason in found.reasons] == [(ReasonKind.DOWNTIME, "1")]


def test_a_row_that_no_policy_is_about_is_unknown() -> None:
    found = judged(by=policies())
    assert (found.status, found.verdicts, found.reasons) == (Status.UNKNOWN, (), (NO_POLICY,))


def test_winners_losers_and_advice_are_all_recorded() -> None:
    made = policies(always(Status.ACTIVE, "a"), always(Status.DEGRADED, "b"), always(Status.BANNED, "c", advisory=True))
    found = judged(by=made)
    assert found.status is Status.DEGRADED
    assert [(v.policy, v.status, v.advisory) for v in found.verdicts] == [
        ("a", Status.ACTIVE, False),
        ("b", Status.DEGRADED, False),
        ("c", Status.BANNED, True),
    ]


def test_an_evaluation_that_finds_nothing_new_gives_the_very_same_row() -> None:
    found = judged(ACTIVE, DOWN)
    assert judged(found, DOWN) is found
    assert judged(found, DOWN, at="11:30") is found


def test_a_row_notes_the_policies_that_it_was_judged_by() -> None:
    made = policies(FOLLOW)
    assert judged(by=made).policy_revision == made.revision != ""


def test_a_policy_can_depend_on_what_the_row_is() -> None:
    degraded_only = always(Status.BANNED, match=Match.of(status="Degraded"))
    assert judged(row(CE, Status.DEGRADED), by=degraded_only).status is Status.BANNED
    assert judged(row(CE, Status.ACTIVE), by=degraded_only).verdicts == ()


def test_a_policy_can_depend_on_who_holds_the_row() -> None:
    hers = always(Status.BANNED, match=Match.of(token_owner="olga"))
    held = replace(ACTIVE, token=Token("olga", moment("12:00")))
    assert judged(held, by=hers).opinion is Status.BANNED
    assert judged(held, by=hers, at="12:00").verdicts == ()


# --- Probing (promise D2)


def test_what_was_banned_for_good_probes_first_and_says_so() -> None:
    banned = row(CE, Status.BANNED, owes_probing=True)
    found = judged(banned)
    assert (found.status, found.opinion) == (Status.PROBING, Status.PROBING)
    assert [reason.kind for reason in found.reasons] == [ReasonKind.PROBING, ReasonKind.NO_DOWNTIME]
    assert "Asked to be Active again" in found.reasons[0].text


@pytest.mark.parametrize(("after", "status"), [(After.PREVIOUS, Status.ACTIVE), (After.PROBING, Status.PROBING)])
def test_a_ban_by_a_downtime_alone_ends_as_its_policy_says(after: After, status: Status) -> None:
    by = Policy("declared", DeclaredDowntime(after=after))
    assert judged(judged(ACTIVE, DOWN, by=by), DOWN, at="12:00", by=by).status is status


def test_a_ban_that_something_else_asked_for_as_well_ends_in_probing() -> None:
    banned = judged(ACTIVE, DOWN, by=policies(FOLLOW, always(Status.BANNED)))
    assert judged(banned, DOWN, at="12:00").status is Status.PROBING


def test_advice_adds_no_debt() -> None:
    banned = judged(ACTIVE, DOWN, by=policies(FOLLOW, always(Status.BANNED, advisory=True)))
    assert judged(banned, DOWN, at="12:00").status is Status.ACTIVE


# --- Missing evidence (promise D3)


def test_missing_evidence_neither_bans_nor_frees() -> None:
    for before in (judged(covered_by=[coverage()]), judged(ACTIVE, DOWN)):
        found = judged(before, at="13:00", covered_by=[SILENT])
        assert found.status is before.status
        assert [verdict.held for verdict in found.verdicts] == [True]


def test_a_verdict_is_held_for_as_long_as_it_takes_and_says_for_want_of_what() -> None:
    before = judged(ACTIVE, DOWN)
    held = judged(before, at="13:00", covered_by=[SILENT])
    assert [reason.kind for reason in held.reasons] == [ReasonKind.DOWNTIME, ReasonKind.MISSING]
    assert held.reasons[0] == before.reasons[0]
    assert judged(held, at="2026-08-25T13:00", covered_by=[SILENT]) is held


def test_a_policy_may_rather_not_know() -> None:
    by = replace(FOLLOW, on_missing=OnMissing.UNKNOWN)
    found = judged(judged(ACTIVE, DOWN, by=by), at="13:00", by=by, covered_by=[SILENT])
    assert found.status is Status.UNKNOWN
    assert [reason.kind for reason in found.reasons] == [ReasonKind.MISSING]


def test_without_an_earlier_verdict_there_is_nothing_to_hold() -> None:
    found = judged(covered_by=[SILENT])
    assert (found.status, found.verdicts[0].held) == (Status.UNKNOWN, False)


def test_what_was_unknown_is_not_held_but_said_anew() -> None:
    never = judged(covered_by=[coverage(answered_at=None)])
    silent = judged(never, covered_by=[SILENT])
    assert "never answered" in never.reasons[0].text
    assert "too long ago" in silent.reasons[0].text
    assert not silent.verdicts[0].held


def test_a_held_ban_ends_as_it_would_have() -> None:
    held = judged(judged(ACTIVE, DOWN), at="13:00", covered_by=[SILENT])
    assert judged(held, at="14:00", covered_by=[coverage()]).status is Status.ACTIVE


def test_whether_a_held_verdict_is_advisory_follows_the_policy_of_today() -> None:
    held = judged(judged(ACTIVE, DOWN), at="13:00", by=replace(FOLLOW, advisory=True), covered_by=[SILENT])
    assert held.verdicts[0].advisory


def test_a_policy_that_overrides_another_holds_what_that_said_last() -> None:
    """A VO that comes with other thresholds while a source is away must not lose what is known."""
    banned = replace(judged(ACTIVE, DOWN), key=ACTIVE.key._replace(vo="cms"))
    by = policies(FOLLOW, Policy("declared", DeclaredDowntime(lead={"default": timedelta(hours=1)}), layer="cms"))
    found = judged(banned, at="13:00", by=by, covered_by=[SILENT])
    assert found.status is Status.BANNED
    assert [(verdict.layer, verdict.held) for verdict in found.verdicts] == [("cms", True)]


# --- Tokens (promise D6)


def test_what_a_person_holds_stays_and_what_automation_would_do_is_noted() -> None:
    held = replace(ACTIVE, token=Token("olga", moment("12:00")))
    found = judged(held, DOWN)
    assert (found.status, found.opinion, found.token) == (Status.ACTIVE, Status.BANNED, held.token)
    assert (found.standing, found.reasons) == (held.standing, held.reasons)


def test_when_a_token_ends_automation_goes_on_from_there() -> None:
    held = replace(row(CE, binding=True), token=Token("olga", moment("11:00")))
    found = judged(held, DOWN)
    assert (found.status, found.token, found.binding) == (Status.BANNED, None, False)


def test_a_binding_row_binds_while_it_is_held() -> None:
    assert judged(replace(row(CE, binding=True), token=Token("olga", None))).binding
    assert not judged(replace(row(CE), token=Token("olga", None))).binding


# --- When to look again


def test_a_row_is_due_when_a_downtime_starts_and_ends() -> None:
    assert judged(ACTIVE, DOWN, at="09:00").due == moment("10:00")
    assert judged(ACTIVE, DOWN, at="10:00").due == moment("12:00")
    assert judged(ACTIVE, DOWN, at="12:00").due is None


def test_a_row_is_due_when_its_token_ends() -> None:
    held = replace(ACTIVE, token=Token("olga", moment("11:30")))
    assert judged(held, DOWN).due == moment("11:30")
    assert judged(replace(held, token=Token("olga", None)), DOWN).due == moment("12:00")


def test_a_row_in_probing_is_due_when_its_next_check_counts() -> None:
    assert judged(row(CE, Status.BANNED, owes_probing=True)).due == moment("11:10")


def test_a_row_that_a_person_holds_in_probing_waits_for_the_person() -> None:
    held = row(CE, Status.PROBING, owes_probing=True, token=Token("olga", None))
    assert judged(held).due is None


def test_a_vos_row_is_due_when_what_was_declared_about_the_vo_ends() -> None:
    """Its existence may rest on that, even where no policy listens to it."""
    own = row(CE, vo="cms")
    declared = downtime("10:00", "12:00", CE, vo="cms")
    assert judged(own, declared, by=always(Status.ACTIVE)).due == moment("12:00")
    assert judged(own, declared, by=always(Status.ACTIVE), at="12:00").due is None
    assert judged(own, DOWN, by=always(Status.ACTIVE)).due is None
    assert judged(ACTIVE, declared, by=always(Status.ACTIVE)).due is None
