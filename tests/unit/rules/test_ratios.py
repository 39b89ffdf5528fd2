"""Rules that compare a part of a count with thresholds: those about jobs, pilots and transfers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.measurements import Jobs, Measurement, Pilots, Transfers
from gridmask.domain.policy import Rule
from gridmask.domain.quantities import Share
from gridmask.domain.status import Status
from gridmask.rules import (
    BUILT_IN,
    JobDoneRatio,
    JobEfficiency,
    JobRunningMatched,
    JobRunningWaiting,
    PilotEfficiency,
    TransferQuality,
)
from gridmask.rules.transfers import Each, Ways
from tests.unit.rules.trying import known, told, tried

A, D, B, U = Status.ACTIVE, Status.DEGRADED, Status.BANNED, Status.UNKNOWN


def found(rule: Rule, *values: Measurement, **more: str) -> Status | None:
    return tried(rule, *known(*values), **more).status


# --- Reference vectors 14 to 16, and their neighbours


@pytest.mark.parametrize(("percent", "status"), [(0, B), (50, B), (50.01, D), (90, D), (90.01, A), (100, A)])
def test_pilot_efficiency(percent: float, status: Status) -> None:
    assert found(PilotEfficiency(), Pilots(10_000, 10_000 - round(percent * 100))) is status


@pytest.mark.parametrize(("done", "status"), [(0, B), (499, B), (500, D), (899, D), (900, A), (1000, A)])
def test_job_efficiency(done: int, status: Status) -> None:
    assert found(JobEfficiency(), Jobs(done=done, failed=1000 - done)) is status
    assert found(JobEfficiency(), Jobs(completed=done, failed=1000 - done)) is status


@pytest.mark.parametrize(("done", "status"), [(0, B), (500, B), (501, D), (900, D), (901, A), (1000, A)])
def test_job_done_ratio(done: int, status: Status) -> None:
    assert found(JobDoneRatio(), Jobs(done=done, completed=1000 - done)) is status


@pytest.mark.parametrize("other", ["matched", "received", "checking"])
@pytest.mark.parametrize(("running", "status"), [(500, B), (501, D), (900, D), (901, A)])
def test_jobs_running_of_those_matched(running: int, status: Status, other: str) -> None:
    assert found(JobRunningMatched(), Jobs(running=running, **{other: 1000 - running})) is status


@pytest.mark.parametrize("other", ["waiting", "staging"])
@pytest.mark.parametrize(("running", "status"), [(400, B), (401, D), (650, D), (651, A)])
def test_jobs_running_of_those_waiting(running: int, status: Status, other: str) -> None:
    assert found(JobRunningWaiting(), Jobs(running=running, **{other: 1000 - running})) is status


@pytest.mark.parametrize(("good", "status"), [(599, B), (600, D), (899, D), (900, A)])
def test_transfer_quality(good: int, status: Status) -> None:
    assert found(TransferQuality(bad=B), Transfers("source", 1000, 1000 - good)) is status


# --- Statistics


@pytest.mark.parametrize(
    ("rule", "few", "enough"),
    [
        (JobEfficiency(), Jobs(failed=9, running=50), Jobs(failed=10)),
        (JobDoneRatio(), Jobs(completed=9, failed=50), Jobs(completed=10)),
        (JobRunningMatched(), Jobs(matched=9, waiting=50), Jobs(matched=10)),
        (JobRunningWaiting(), Jobs(waiting=9, matched=50), Jobs(waiting=10)),
        (PilotEfficiency(), Pilots(9, 9), Pilots(10, 10)),
        (TransferQuality(bad=B), Transfers("source", 9, 9), Transfers("source", 10, 10)),
    ],
)
def test_too_little_to_go_by_is_unknown(rule: Rule, few: Measurement, enough: Measurement) -> None:
    assert (found(rule, few), found(rule, enough)) == (U, B)


@pytest.mark.parametrize("minimum", [0, 1])
def test_a_minimum_can_be_as_small_as_one(minimum: int) -> None:
    assert found(PilotEfficiency(minimum=minimum), Pilots(1, 1)) is B
    assert found(PilotEfficiency(minimum=minimum), Pilots(0, 0)) is U


@pytest.mark.parametrize(
    ("rule", "value", "text"),
    [
        (JobEfficiency(), Jobs(done=1000, failed=1000), "1,000 of 2,000 ended jobs did not fail (50 %): less than 90 %."),
        (JobDoneRatio(), Jobs(done=9, completed=1), "9 of 10 completed jobs are done (90 %): not more than 90 %."),
        (PilotEfficiency(), Pilots(3, 0), "Only 3 pilots to go by: at least 10 are needed to say anything."),
        (PilotEfficiency(), Pilots(100, 1), "99 of 100 pilots were not aborted (99 %): more than 90 %."),
        (TransferQuality(), Transfers("source", 90, 30), "60 of 90 transfers did not fail (66.66 %): less than 90 %."),
    ],
)
def test_it_says_what_was_counted(rule: Rule, value: Measurement, text: str) -> None:
    assert told(rule, value) == text


counts = st.integers(0, 40)


@given(counts, counts, counts)
def test_more_failures_are_never_better(done: int, failed: int, more: int) -> None:
    rule = JobEfficiency(minimum=0)
    before, after = found(rule, Jobs(done=done, failed=failed)), found(rule, Jobs(done=done, failed=failed + more))
    assert before is U or (before is not None and after is not None and after <= before)


# --- Numbers, beside parts


@pytest.mark.parametrize(
    ("rule", "few", "some", "many"),
    [
        (PilotEfficiency(degraded_aborted=5, banned_aborted=50), Pilots(900, 4), Pilots(900, 5), Pilots(9000, 50)),
        (
            JobEfficiency(degraded_failed=5, banned_failed=50),
            Jobs(done=900, failed=4),
            Jobs(done=900, failed=5),
            Jobs(done=9000, failed=50),
        ),
        (
            TransferQuality(bad=B, poor_failed=5, bad_failed=50),
            Transfers("source", 900, 4),
            Transfers("source", 900, 5),
            Transfers("source", 9000, 50),
        ),
    ],
)
def test_so_many_that_failed_are_too_many_whatever_part_they_are(
    rule: Rule, few: Measurement, some: Measurement, many: Measurement
) -> None:
    assert [found(rule, value) for value in (few, some, many)] == [A, D, B]


def test_a_number_decides_also_where_there_is_too_little_for_a_part() -> None:
    assert found(PilotEfficiency(banned_aborted=3), Pilots(3, 3)) is B
    assert found(PilotEfficiency(banned_aborted=3), Pilots(3, 2)) is U


def test_the_stricter_of_number_and_part_decides_and_is_told() -> None:
    rule = PilotEfficiency(degraded_aborted=5)
    assert (found(rule, Pilots(10, 6)), found(rule, Pilots(1000, 6))) == (B, D)
    assert told(rule, Pilots(1000, 6)) == "6 of 1,000 pilots were aborted: at least 5."


@pytest.mark.parametrize(
    "made",
    [
        lambda: PilotEfficiency(banned_aborted=3, degraded_aborted=5),
        lambda: JobEfficiency(banned_failed=3, degraded_failed=5),
        lambda: TransferQuality(bad_failed=3, poor_failed=5),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(made: type[PilotEfficiency]) -> None:
    with pytest.raises(ValueError, match=r"_(aborted|failed) \(3\) is less than \w+ \(5\), which would never decide"):
        made()


# --- Transfers


@pytest.mark.parametrize(
    ("direction", "status_type", "status"),
    [
        (Ways.SOURCE, "all", B),
        (Ways.DESTINATION, "all", A),
        (Ways.BOTH, "all", B),
        (Ways.BY_ACCESS, "all", B),
        (Ways.BY_ACCESS, "ReadAccess", B),
        (Ways.BY_ACCESS, "WriteAccess", A),
        (Ways.BY_ACCESS, "RemoveAccess", B),
    ],
)
def test_reading_suffers_from_what_fails_from_it_writing_from_what_fails_to_it(
    direction: Ways, status_type: str, status: Status
) -> None:
    measured = Transfers("source", 100, 90, "x"), Transfers("destination", 40, 0, "y")
    assert found(TransferQuality(direction, bad=B), *measured, status_type=status_type) is status


def test_one_bad_partner_does_not_outweigh_many_good_ones() -> None:
    many = [Transfers("source", 100, 0, f"partner-{n}") for n in range(9)]
    assert found(TransferQuality(), *many, Transfers("source", 50, 50, "bad")) is A


def test_each_channel_can_be_judged_by_itself() -> None:
    many = [Transfers("source", 100, 0, f"partner-{n}") for n in range(3)]
    bad = Transfers("source", 50, 50, "bad")
    rule = TransferQuality(each=Each.CHANNEL, bad=B)
    assert (found(rule, *many), found(rule, *many, bad)) == (A, B)
    assert told(rule, *many, bad) == "To bad: 0 of 50 transfers did not fail (0 %): less than 60 %."


@pytest.mark.parametrize(
    ("bad", "at_least", "share", "status"),
    [(1, 2, 0.0, A), (2, 2, 0.0, B), (1, 1, 0.5, A), (2, 1, 0.5, B), (4, 1, 1.0, B), (3, 1, 1.0, A)],
)
def test_so_many_channels_or_such_a_part_of_them_must_be_bad(bad: int, at_least: int, share: float, status: Status) -> None:
    rule = TransferQuality(each=Each.CHANNEL, bad=B, at_least=at_least, share=Share(share))
    channels = [Transfers("source", 100, 100 if n < bad else 0, f"partner-{n}") for n in range(4)]
    assert found(rule, *channels) is status


def test_a_channel_with_too_few_transfers_has_no_say() -> None:
    rule = TransferQuality(each=Each.CHANNEL, bad=B)
    scarce = Transfers("source", 5, 5, "scarce")
    assert (found(rule, scarce), found(rule, scarce, Transfers("source", 50, 0, "other"))) == (U, A)


def test_only_the_other_ends_that_are_named_count() -> None:
    measured = Transfers("source", 100, 90, "CERN-DISK"), Transfers("source", 100, 0, "RAL-DISK")
    assert found(TransferQuality(others=("CERN-*",), bad=B), *measured) is B
    assert found(TransferQuality(others=("!CERN-*",), bad=B), *measured) is A
    assert found(TransferQuality(others=("ELSE-*",), bad=B), *measured) is None


@pytest.mark.parametrize("wrong", [{"at_least": 2}, {"share": Share(0.5)}, {"each": Each.CHANNEL, "at_least": 0}])
def test_channels_are_counted_only_where_each_is_judged(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at_least"):
        TransferQuality(**wrong)


def test_failover_storage_may_be_of_poor_quality() -> None:
    rule = TransferQuality(poor=A)
    assert [found(rule, Transfers("source", 100, failed)) for failed in (5, 20, 50)] == [A, A, D]


# --- Arguments


@pytest.mark.parametrize("rule", [JobDoneRatio, JobRunningMatched, JobRunningWaiting, PilotEfficiency])
def test_thresholds_that_contradict_each_other_are_refused(rule: type[JobDoneRatio]) -> None:
    with pytest.raises(ValueError, match=r"banned_at \(0.95\) is more than degraded_at"):
        rule(banned_at=Share(0.95))


def test_policies_call_them_by_these_names() -> None:
    names = ("job-done-ratio", "job-efficiency", "job-running-matched", "job-running-waiting", "pilot-efficiency")
    made = [JobDoneRatio, JobEfficiency, JobRunningMatched, JobRunningWaiting, PilotEfficiency]
    assert [BUILT_IN[name] for name in names] == made
    assert BUILT_IN["transfer-quality"] is TransferQuality
