from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import Probe, ProbeResult
from gridmask.domain.status import Status, usable
from gridmask.domain.transition import GoodRun, ProbingExit, Standing, advance, decree
from gridmask.testing import element, measured, moment
from tests.unit.domain.strategies import exits, minutes, statuses

NOON = moment("12:00")
EXIT = ProbingExit(dwell=timedelta(minutes=30), checks=2, spacing=timedelta(minutes=10))
USABLE = (Status.ACTIVE, Status.DEGRADED)
OTHERS = tuple(status for status in Status if status not in USABLE)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def standing(status: Status, *, owes: bool = False, run: GoodRun | None = None) -> Standing:
    return Standing(status, moment("08:00"), owes, run)


def asked(
    before: Standing, status: Status, at: datetime = NOON, exit_: ProbingExit = EXIT, *, lasting: bool = True
) -> Standing:
    return advance(before, status, at, exit_, lasting=lasting)


PROBING = asked(standing(Status.BANNED, owes=True), Status.ACTIVE)


@given(statuses, statuses)
def test_who_owes_nothing_becomes_what_is_asked_for(old: Status, new: Status) -> None:
    assert asked(standing(old), new).status is new


@pytest.mark.parametrize("status", USABLE)
@pytest.mark.parametrize("from_", OTHERS)
def test_who_owes_its_probing_gets_that_instead_of_a_usable_status(from_: Status, status: Status) -> None:
    found = asked(standing(from_, owes=True), status)
    assert (found.status, found.owes_probing) == (Status.PROBING, True)


@pytest.mark.parametrize("detour", [Status.ERROR, Status.UNKNOWN, Status.BANNED, Status.PROBING])
def test_the_debt_of_a_ban_survives_detours(detour: Status) -> None:
    banned = asked(standing(Status.ACTIVE), Status.BANNED)
    away = asked(banned, detour)
    assert (away.status, asked(away, Status.ACTIVE).status) == (detour, Status.PROBING)


def test_a_lasting_ban_adds_a_debt_and_a_passing_one_does_not() -> None:
    assert asked(standing(Status.ACTIVE), Status.BANNED, lasting=True).owes_probing
    assert not asked(standing(Status.ACTIVE), Status.BANNED, lasting=False).owes_probing


def test_a_passing_ban_leaves_an_older_debt_as_it_is() -> None:
    again = asked(PROBING, Status.BANNED, lasting=False)
    assert (again.status, again.owes_probing, again.run) == (Status.BANNED, True, None)


def test_a_passing_ban_ends_with_what_was_before() -> None:
    banned = asked(standing(Status.ACTIVE), Status.BANNED, lasting=False)
    assert asked(banned, Status.ACTIVE).status is Status.ACTIVE


def test_what_is_asked_to_probe_must_prove_itself_also_by_a_passing_verdict() -> None:
    probing = asked(standing(Status.ACTIVE), Status.PROBING, lasting=False)
    assert asked(probing, Status.ACTIVE).status is Status.PROBING


@pytest.mark.parametrize("lasting", [True, False])
def test_an_error_adds_no_debt(*, lasting: bool) -> None:
    assert not asked(standing(Status.ACTIVE), Status.ERROR, lasting=lasting).owes_probing


# --- The way out of Probing


def test_a_row_is_free_when_it_has_been_good_for_long_enough_and_often_enough() -> None:
    once = asked(PROBING, Status.ACTIVE, after(10))
    assert once.status is Status.PROBING
    assert asked(once, Status.ACTIVE, after(29.9)).status is Status.PROBING
    free = asked(once, Status.ACTIVE, after(30))
    assert (free.status, free.owes_probing, free.run, free.since) == (Status.ACTIVE, False, None, after(30))


def test_just_often_enough_is_often_enough() -> None:
    checked_lately = standing(Status.PROBING, owes=True, run=GoodRun(NOON, EXIT.checks, after(25)))
    assert asked(checked_lately, Status.ACTIVE, after(30)).status is Status.ACTIVE


def test_long_enough_is_not_often_enough() -> None:
    patient = ProbingExit(EXIT.dwell, 3, EXIT.spacing)
    assert asked(PROBING, Status.ACTIVE, after(30), patient).status is Status.PROBING


def test_a_check_that_is_too_close_to_the_last_does_not_count() -> None:
    assert PROBING.run is not None
    assert PROBING.run.continued(after(9.9), EXIT) is PROBING.run
    assert PROBING.run.continued(after(10), EXIT) == GoodRun(NOON, 2, after(10))


def test_looking_twice_at_the_same_moment_is_looking_once() -> None:
    hurried = ProbingExit(EXIT.dwell, 2, spacing=timedelta())
    assert asked(PROBING, Status.ACTIVE, NOON, hurried) == PROBING


@pytest.mark.parametrize("bad", OTHERS)
def test_a_bad_verdict_breaks_the_run(bad: Status) -> None:
    broken = asked(PROBING, bad, after(20))
    assert broken.run is None
    assert asked(broken, Status.ACTIVE, after(25)).run == GoodRun(after(25), 1, after(25))


def test_degraded_is_good_enough_to_go_on_probing() -> None:
    once = asked(PROBING, Status.DEGRADED, after(10))
    assert asked(once, Status.DEGRADED, after(30)).status is Status.DEGRADED


def test_the_time_in_a_status_goes_on_while_nothing_changes() -> None:
    assert asked(PROBING, Status.ACTIVE, after(10)).since == PROBING.since == NOON
    assert asked(standing(Status.ACTIVE), Status.ACTIVE).since == moment("08:00")


@pytest.mark.parametrize(("checks", "at", "due"), [(1, 0, 10), (2, 10, 30), (3, 25, 30)])
def test_a_run_is_due_when_the_next_check_counts_or_when_its_time_is_up(checks: int, at: int, due: int) -> None:
    assert GoodRun(NOON, checks, after(at)).due(EXIT) == after(due)


@given(exits, st.lists(minutes(0, 30), max_size=8))
def test_nothing_comes_of_looking_before_it_is_due(exit_: ProbingExit, waits: list[timedelta]) -> None:
    now, found = NOON, PROBING
    for wait in waits:
        now += wait
        due = found.run.due(exit_) if found.run else None
        following = asked(found, Status.ACTIVE, now, exit_)
        assert due is None or now >= due or (following.status is found.status)
        found = following


@given(exits, minutes(0, 120))
def test_looking_when_it_is_due_makes_a_difference(exit_: ProbingExit, late: timedelta) -> None:
    assert PROBING.run is not None
    due = PROBING.run.due(exit_) + late
    assert due == NOON or asked(PROBING, Status.ACTIVE, due, exit_) != PROBING


# --- Validation by a probe

PROBED = ProbingExit(EXIT.dwell, EXIT.checks, EXIT.spacing, validated_by=("validate-*", "!*-test"))


def result(found: ProbeResult, at: float, metric: str = "validate-io", *, valid_until: str | None = None) -> Evidence:
    probe = Probe(metric, found)
    return measured(probe, element(), record=metric, at=after(at), valid_until=valid_until)


def passed(*results: Evidence, before: Standing = PROBING, at: float = 20, exit_: ProbingExit = PROBED) -> bool:
    return exit_.is_passed(before, results, after(at))


def test_a_validating_probe_frees_at_once() -> None:
    assert passed(result("OK", 1))
    free = advance(PROBING, Status.ACTIVE, after(20), PROBED, lasting=True, validated=True)
    assert (free.status, free.owes_probing, free.run) == (Status.ACTIVE, False, None)


@pytest.mark.parametrize(
    "results",
    [
        (),
        (result("OK", 0),),
        (result("OK", -5),),
        (result("OK", 21),),
        (result("OK", 1, valid_until="12:20"),),
        (result("OK", 1, "other"),),
        (result("OK", 1, "validate-test"),),
        (result("UNKNOWN", 1),),
        (result("MISSING", 1),),
        (result("OK", 1), result("CRITICAL", 2, "validate-cpu")),
        (result("OK", 5), result("WARNING", 1, "validate-cpu")),
    ],
)
def test_what_is_no_fresh_ok_of_such_a_probe_frees_nothing(results: tuple[Evidence, ...]) -> None:
    assert not passed(*results)


def test_what_a_probe_found_before_the_probing_neither_frees_nor_hinders() -> None:
    assert passed(result("OK", 1), result("CRITICAL", -5, "validate-cpu"), result("UNKNOWN", 2, "validate-net"))


def test_unless_it_is_said_no_probe_validates() -> None:
    assert not passed(result("OK", 1), exit_=EXIT)


@given(statuses, statuses)
def test_a_probe_frees_only_from_probing_and_to_what_the_policies_ask_for(old: Status, new: Status) -> None:
    before = standing(old, owes=True)
    assert passed(result("OK", 1), before=before) is (old is Status.PROBING)
    found = advance(before, new, after(20), PROBED, lasting=True, validated=True)
    assert usable(found.status) is (usable(new) and old is Status.PROBING)


# --- People


@given(statuses, statuses)
def test_people_are_not_bound(old: Status, new: Status) -> None:
    assert decree(standing(old, owes=not usable(old)), new, NOON).status is new


@pytest.mark.parametrize("status", [Status.BANNED, Status.PROBING])
def test_what_a_person_restricts_automation_must_lead_through_probing(status: Status) -> None:
    assert decree(standing(Status.ACTIVE), status, NOON).owes_probing


@pytest.mark.parametrize("status", USABLE)
def test_a_person_can_free_a_row_of_its_debt(status: Status) -> None:
    assert not decree(PROBING, status, NOON).owes_probing


@pytest.mark.parametrize("status", [Status.ERROR, Status.UNKNOWN])
@pytest.mark.parametrize("owes", [True, False])
def test_a_person_who_neither_restricts_nor_frees_leaves_the_debt_as_it_is(status: Status, *, owes: bool) -> None:
    assert decree(standing(Status.UNKNOWN, owes=owes), status, NOON).owes_probing is owes


def test_a_decree_ends_a_run() -> None:
    assert decree(PROBING, Status.PROBING, after(20)) == Standing(Status.PROBING, NOON, owes_probing=True)


# --- Going on from another standing


@pytest.mark.parametrize(
    ("here", "no_sooner"),
    [
        (standing(Status.ACTIVE), False),
        (standing(Status.BANNED), False),
        (standing(Status.BANNED, owes=True), True),
        (standing(Status.UNKNOWN, owes=True), False),
        (PROBING, True),
        (asked(standing(Status.BANNED, owes=True), Status.ACTIVE, after(-20)), False),
        (standing(Status.PROBING, owes=True), True),
    ],
)
def test_going_on_from_elsewhere_frees_no_sooner_only_where_the_debt_is_as_great(here: Standing, *, no_sooner: bool) -> None:
    assert here.frees_no_sooner_than(PROBING) is no_sooner


@given(statuses)
def test_who_owes_nothing_can_go_on_from_anywhere(status: Status) -> None:
    assert standing(status).frees_no_sooner_than(standing(Status.BANNED))
