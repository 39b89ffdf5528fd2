"""What rules that go by measurements have in common, tried on free space."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.decision import ReasonKind
from gridmask.domain.measurements import Jobs, Measurement, Pilots, Point, Probe, Series, Space, State, Transfers
from gridmask.domain.measurements import Tickets as Counted
from gridmask.domain.policy import Rule
from gridmask.domain.status import Status
from gridmask.rules import (
    Availability,
    FreeSpace,
    JobEfficiency,
    PilotEfficiency,
    ProbeResults,
    Tickets,
    TransferQuality,
    WindowedCount,
)
from gridmask.rules.reading import Several
from gridmask.testing import case, coverage, measured, moment
from tests.unit.rules.trying import CE, known, tried

TB = 1e12
FULL, LITTLE, PLENTY = Space(100 * TB, 0), Space(100 * TB, 2 * TB), Space(100 * TB, 50 * TB)
WRONG = Space(100 * TB, float("nan"))
RULE = FreeSpace()
ANY_OF_EACH: list[tuple[Rule, Measurement]] = [
    (RULE, FULL),
    (JobEfficiency(), Jobs(done=1, failed=99)),
    (PilotEfficiency(), Pilots(100, 99)),
    (TransferQuality(), Transfers("source", 100, 99)),
    (Tickets(), Counted(3)),
    (ProbeResults(), Probe("cvmfs", "CRITICAL")),
    (Availability(), State("Closed")),
    (WindowedCount(points=1, bad_count=1), Series("days", (Point(moment("08:00"), "bad"),))),
]


@pytest.mark.parametrize(("rule", "value"), ANY_OF_EACH, ids=lambda value: type(value).__name__)
def test_what_has_expired_gives_no_verdict(rule: Rule, value: Measurement) -> None:
    evidence = known(value, at="08:00", valid_until="12:00")
    before = tried(rule, *evidence, at="11:59")
    after = tried(rule, *evidence, at="12:00")
    assert (before.status not in {None, Status.ACTIVE}, before.until, after.status) == (True, moment("12:00"), None)
    assert after.reasons[0].kind is ReasonKind.MISSING
    assert after.reasons[0].text == "feed last told of 1 at 2026-08-21 08:00 UTC, which is too long ago to rely on."


@pytest.mark.parametrize(("rule", "value"), ANY_OF_EACH, ids=lambda value: type(value).__name__)
def test_without_evidence_there_is_no_verdict(rule: Rule, value: Measurement) -> None:
    others = known(*(other for _, other in ANY_OF_EACH if type(other) is not type(value)))
    assert tried(rule, *others).status is None


def test_a_reason_names_source_and_record() -> None:
    (reason,) = tried(RULE, measured(LITTLE, CE, source="srr", record="share-3")).reasons
    assert (reason.kind, reason.source, reason.record) == (ReasonKind.MEASUREMENT, "srr", "share-3")
    assert reason.text == "2 TB of 100 TB are free (2 %): less than 5 TB."


def test_it_is_told_why_there_is_no_evidence() -> None:
    assert tried(RULE).reasons[0].text == "No source tells of its space."
    silent = [coverage("srr", kind="space", answered_at=None), coverage("other", answered_at=None)]
    assert [r.text for r in tried(RULE, covered_by=silent).reasons] == ["srr has never answered yet."]


@pytest.mark.parametrize(
    "wrong",
    [WRONG, Space(TB, -1), Space(float("inf"), TB), Space(-TB, TB)],
)
def test_what_cannot_be_true_gives_no_verdict(wrong: Space) -> None:
    found = tried(RULE, *known(wrong))
    assert found.status is None
    assert found.reasons[0].text.startswith("Nothing follows from 1 of feed: ")


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (PilotEfficiency(), Pilots(10, 11)),
        (TransferQuality(), Transfers("source", 10, 11)),
        (JobEfficiency(), Jobs(done=100, failed=-1)),
        (Tickets(), Counted(-1)),
        (Availability(), State("")),
    ],
)
def test_counts_that_cannot_be_true_give_no_verdict(rule: Rule, wrong: Measurement) -> None:
    assert tried(rule, *known(wrong)).status is None


@pytest.mark.parametrize(
    ("fresh", "gone", "status"),
    [
        (PLENTY, PLENTY, Status.ACTIVE),
        (PLENTY, FULL, None),  # it would be freed
        (LITTLE, FULL, None),
        (LITTLE, PLENTY, Status.DEGRADED),
        (FULL, LITTLE, Status.BANNED),
        (PLENTY, WRONG, None),
        (FULL, WRONG, Status.BANNED),
    ],
)
def test_a_gap_neither_bans_nor_frees(fresh: Space, gone: Space, status: Status | None) -> None:
    expired = measured(gone, CE, record="gone", valid_until=None if gone is WRONG else "11:00")
    assert tried(RULE, measured(fresh, CE, record="fresh"), expired).status is status


def test_nor_does_a_gap_where_the_best_decides() -> None:
    gone = measured(PLENTY, CE, record="gone", valid_until="11:00")
    assert tried(FreeSpace(several=Several.BEST), gone, *known(FULL)).status is None


def test_a_part_of_a_sum_that_has_expired_is_a_gap() -> None:
    parts = *known(Jobs(done=95), valid_until="11:00"), measured(Jobs(failed=50), CE, record="other")
    assert tried(JobEfficiency(), *parts).status is None


def test_counts_of_one_source_add_up_and_the_worst_of_several_sources_decides() -> None:
    good, bad = Jobs(done=90, failed=0), Jobs(done=0, failed=10)
    assert tried(JobEfficiency(), *known(good, bad)).status is Status.ACTIVE
    assert tried(JobEfficiency(), *known(good), *known(bad, source="other")).status is Status.BANNED


def test_what_reaches_an_element_by_two_of_its_names_counts_once() -> None:
    (evidence,) = known(Pilots(6, 0))
    twice = replace(evidence, key=evidence.key._replace(about=CE.key._replace(name="alias")))
    asked = case(CE, at="12:00", evidence=[evidence])
    found = PilotEfficiency().assess(asked._replace(evidence=(evidence, twice)))
    assert found.status is Status.UNKNOWN


def test_what_is_measured_of_a_vo_stands_in_place_of_the_rest() -> None:
    evidence = *known(FULL), measured(PLENTY, CE, vo="cms", record="own")
    assert {vo: tried(RULE, *evidence, vo=vo).status for vo in ("all", "cms", "atlas")} == {
        "all": Status.BANNED,
        "cms": Status.ACTIVE,
        "atlas": Status.BANNED,
    }


def test_many_reasons_are_cut_short() -> None:
    found = tried(RULE, *known(*[FULL] * 8))
    assert [r.text for r in found.reasons][-1] == "3 more say the same."
    assert len(found.reasons) == 6


spaces = st.builds(Space, st.sampled_from([0.0, 10 * TB, 100 * TB]), st.sampled_from([0.0, TB, 4 * TB, 6 * TB, float("nan")]))
pieces = st.lists(st.tuples(spaces, st.sampled_from(["10:00", "13:00", None])), min_size=1, max_size=4)


@given(pieces, st.sampled_from(Several), st.randoms(use_true_random=False))
def test_the_order_of_evidence_does_not_matter(
    made: list[tuple[Space, str | None]], several: Several, chance: random.Random
) -> None:
    evidence = [measured(space, CE, record=str(n), valid_until=until) for n, (space, until) in enumerate(made)]
    asked = case(CE, at="12:00", evidence=evidence)
    shuffled = chance.sample(evidence, len(evidence))
    rule = FreeSpace(several=several)
    assert rule.assess(asked) == rule.assess(asked._replace(evidence=tuple(shuffled)))


@given(pieces, st.sampled_from(Several), st.integers(0, 99))
def test_until_then_a_finding_is_the_same(made: list[tuple[Space, str | None]], several: Several, percent: int) -> None:
    evidence = [measured(space, CE, record=str(n), valid_until=until) for n, (space, until) in enumerate(made)]
    asked, rule = case(CE, at="12:00", evidence=evidence), FreeSpace(several=several)
    found = rule.assess(asked)
    until = found.until or moment("20:00")
    assert rule.assess(asked._replace(now=asked.now + (until - asked.now) * percent / 100)) == found


@given(pieces, st.sampled_from(Several))
def test_the_loss_of_a_record_gives_no_other_status(made: list[tuple[Space, str | None]], several: Several) -> None:
    evidence = [measured(space, CE, record=str(n), valid_until=until) for n, (space, until) in enumerate(made)]
    rule = FreeSpace(several=several)
    before, after = (rule.assess(case(CE, at=at, evidence=evidence)).status for at in ("09:00", "12:00"))
    assert after in {before, None}


def test_order_is_that_of_records() -> None:
    for evidence in permutations(known(FULL, FULL, FULL)):
        assert [r.record for r in tried(RULE, *evidence).reasons] == ["1", "2", "3"]
