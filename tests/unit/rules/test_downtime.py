from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.decision import ReasonKind
from gridmask.domain.downtime import Downtime, Impact
from gridmask.domain.policy import Case, Finding
from gridmask.domain.status import Status
from gridmask.rules import BUILT_IN, DeclaredDowntime
from gridmask.rules.downtime import After
from gridmask.testing import case, coverage, downtime, moment
from tests.unit.domain.strategies import CE, NOON, downtimes, leads, minutes, whom

HOUR = timedelta(hours=1)
PLAIN = DeclaredDowntime()
DOWN = downtime("10:00", "12:00", CE, description="New switch", url="https://example.org/d/1")
SILENT = coverage(answered_at="08:00", valid_until="09:00")


def ahead(hours: float) -> DeclaredDowntime:
    return DeclaredDowntime(lead={"default": hours * HOUR})


def found(*known: Downtime, at: str = "11:00", rule: DeclaredDowntime = PLAIN, **more: object) -> Finding:
    return rule.assess(case(CE, *known, at=at, **more))  # type: ignore[arg-type]  # those of a case


# --- When (reference vector 17, as overlap)


@pytest.mark.parametrize(("hours", "status"), [(0, Status.ACTIVE), (1, Status.BANNED), (3, Status.BANNED)])
def test_a_downtime_within_the_lead_counts_also_if_it_ends_within_it(hours: int, status: Status) -> None:
    assert found(DOWN, at="09:30", rule=ahead(hours)).status is status


@pytest.mark.parametrize(
    ("at", "status"),
    [("09:59", Status.ACTIVE), ("10:00", Status.BANNED), ("11:59", Status.BANNED), ("12:00", Status.ACTIVE)],
)
def test_a_downtime_is_in_force_from_its_start_up_to_its_end(at: str, status: Status) -> None:
    assert found(DOWN, at=at).status is status


@pytest.mark.parametrize(("at", "status"), [("08:59", Status.ACTIVE), ("09:00", Status.BANNED), ("12:00", Status.ACTIVE)])
def test_a_lead_begins_earlier_and_ends_no_later(at: str, status: Status) -> None:
    assert found(DOWN, at=at, rule=ahead(1)).status is status


def test_a_downtime_without_an_end_goes_on() -> None:
    result = found(downtime("10:00", None, CE), at="2031-01-01T00:00")
    assert (result.status, result.until) == (Status.BANNED, None)
    assert "without an announced end" in result.reasons[0].text


def test_a_downtime_that_ends_before_it_begins_is_none() -> None:
    assert found(downtime("12:00", "10:00", CE), rule=ahead(24)).status is Status.ACTIVE


def test_writing_is_drained_before_reading_stops() -> None:
    rule = DeclaredDowntime(lead={"WriteAccess": 12 * HOUR, "default": HOUR})
    banned_at = {
        "WriteAccess": {"22:00": Status.BANNED, "09:00": Status.BANNED, "09:30": Status.BANNED},
        "ReadAccess": {"22:00": Status.ACTIVE, "08:59": Status.ACTIVE, "09:00": Status.BANNED},
    }
    for status_type, expected in banned_at.items():
        for at, status in expected.items():
            day = "2026-08-20" if at == "22:00" else "2026-08-21"
            assert found(DOWN, at=f"{day}T{at}", rule=rule, status_type=status_type).status is status


def test_status_types_that_are_not_named_act_at_the_start() -> None:
    rule = DeclaredDowntime(lead={"WriteAccess": HOUR})
    assert found(DOWN, at="09:30", rule=rule, status_type="ReadAccess").status is Status.ACTIVE


# --- How bad (reference vector 18)


def test_an_outage_outweighs_a_warning() -> None:
    warning = downtime("10:00", "12:00", CE, severity="WARNING", record="a")
    for known in permutations([warning, downtime("10:00", "12:00", CE, severity="OUTAGE", record="b")]):
        result = found(*known)
        assert (result.status, [reason.record for reason in result.reasons]) == (Status.BANNED, ["b"])


@pytest.mark.parametrize(
    ("severity", "status"),
    [
        ("OUTAGE", Status.BANNED),
        ("WARNING", Status.DEGRADED),
        ("Outage", Status.BANNED),
        ("Severe", Status.BANNED),
        ("Intermittent Outage", Status.DEGRADED),
        ("No Significant Outage Expected", Status.ACTIVE),
        ("Meteorite", Status.BANNED),
        ("outage", Status.BANNED),
        ("", Status.BANNED),
    ],
)
def test_severities_mean_what_their_sources_say_and_unknown_ones_the_worst(severity: str, status: Status) -> None:
    assert found(downtime("10:00", "12:00", CE, severity=severity)).status is status


def test_a_deployment_can_map_severities_otherwise() -> None:
    rule = DeclaredDowntime(severities={"Severe": Impact.WARNING}, unknown_severity=Impact.NONE)
    for severity, status in {"Severe": Status.DEGRADED, "Outage": Status.BANNED, "Meteorite": Status.ACTIVE}.items():
        assert found(downtime("10:00", "12:00", CE, severity=severity), rule=rule).status is status


def test_a_deployment_can_ask_for_other_statuses() -> None:
    rule = DeclaredDowntime(outage=Status.ERROR, warning=Status.PROBING)
    assert found(DOWN, rule=rule).status is Status.ERROR
    assert found(downtime("10:00", "12:00", CE, severity="WARNING"), rule=rule).status is Status.PROBING


@pytest.mark.parametrize(("at", "status"), [("07:59", Status.ACTIVE), ("08:00", Status.DEGRADED), ("10:00", Status.BANNED)])
def test_before_an_outage_begins_it_can_ask_for_less(at: str, status: Status) -> None:
    draining = DeclaredDowntime(lead={"default": 2 * HOUR}, ahead=Status.DEGRADED)
    assert found(DOWN, at=at, rule=draining).status is status
    result = found(DOWN, downtime("07:00", "09:00", CE, record="now"), at="08:30", rule=draining)
    assert (result.status, [reason.record for reason in result.reasons]) == (Status.BANNED, ["now"])


@pytest.mark.parametrize(
    ("end", "status"),
    [("2026-08-22T09:59", Status.ACTIVE), ("2026-08-22T10:00", Status.BANNED), (None, Status.BANNED)],
)
def test_a_deployment_can_leave_short_downtimes_unheeded(end: str | None, status: Status) -> None:
    assert found(downtime("10:00", end, CE), rule=DeclaredDowntime(shortest=24 * HOUR)).status is status


@pytest.mark.parametrize(("after", "lasting"), [(After.PREVIOUS, False), (After.PROBING, True)])
def test_what_follows_a_ban_is_the_policys_choice(after: After, *, lasting: bool) -> None:
    assert found(DOWN, rule=DeclaredDowntime(after=after)).lasting is lasting


# --- For whom


def test_a_downtime_for_one_vo_is_that_vos_alone() -> None:
    own = downtime("10:00", "12:00", CE, vo="cms")
    assert {vo: found(own, vo=vo).status for vo in ("cms", "atlas", "all")} == {
        "cms": Status.BANNED,
        "atlas": Status.ACTIVE,
        "all": Status.ACTIVE,
    }


def test_a_downtime_for_everyone_is_each_vos_too() -> None:
    own = downtime("10:00", "12:00", CE, vo="cms", severity="WARNING", record="2")
    assert found(DOWN, own, vo="cms").status is Status.BANNED


# --- Why


def test_a_reason_names_the_record_its_source_and_its_times() -> None:
    (reason,) = found(DOWN).reasons
    assert reason.text == "In downtime 1 (OUTAGE, unscheduled) until 2026-08-21 12:00 UTC: New switch"
    assert (reason.kind, reason.source, reason.record, reason.url) == (ReasonKind.DOWNTIME, "feed", "1", DOWN.url)
    assert (reason.since, reason.until) == (moment("10:00"), moment("12:00"))


def test_a_reason_says_whether_it_is_time_yet() -> None:
    assert found(DOWN, at="09:30", rule=ahead(1)).reasons[0].text.startswith("Soon in downtime 1 ")


def test_every_downtime_that_is_as_bad_is_a_reason() -> None:
    others = [downtime("09:00", "13:00", CE, record=record, source=source) for source, record in (("b", "1"), ("a", "2"))]
    assert [(r.source, r.record) for r in found(DOWN, *others).reasons] == [("a", "2"), ("b", "1"), ("feed", "1")]


# --- Silence


def test_that_nothing_is_announced_is_concluded_from_sources_that_spoke_lately() -> None:
    result = found(covered_by=[coverage(valid_until="18:00"), coverage("b", valid_until="15:00")])
    assert (result.status, result.until) == (Status.ACTIVE, moment("15:00"))
    assert [reason.kind for reason in result.reasons] == [ReasonKind.NO_DOWNTIME]


def test_from_a_silent_source_nothing_is_concluded() -> None:
    result = found(covered_by=[coverage("b"), SILENT])
    assert (result.status, [reason.source for reason in result.reasons]) == (None, ["feed"])
    assert result.reasons[0].text == "feed last answered at 2026-08-21 08:00 UTC, which is too long ago to rely on."
    assert result.reasons[0].since == moment("09:00")


def test_from_a_source_that_never_answered_nothing_is_concluded() -> None:
    result = found(covered_by=[coverage(answered_at=None)])
    assert (result.status, result.reasons[0].text) == (None, "feed has never answered yet.")


def test_what_is_known_counts_whoever_is_silent() -> None:
    assert found(DOWN, covered_by=[SILENT]).status is Status.BANNED


def test_silence_about_other_things_does_not_matter() -> None:
    assert found(covered_by=[coverage(answered_at=None, kind="load")]).status is Status.ACTIVE


def test_where_no_source_speaks_of_downtimes_there_are_none() -> None:
    assert found().status is Status.ACTIVE


def test_a_downtime_to_come_is_looked_at_again_also_while_a_source_is_silent() -> None:
    result = found(DOWN, at="09:30", covered_by=[SILENT])
    assert (result.status, result.until) == (None, moment("10:00"))


# --- Until when


@pytest.mark.parametrize(
    ("at", "lead", "until"),
    [
        ("08:00", 0, "10:00"),
        ("08:00", 1, "09:00"),
        ("09:30", 1, "10:00"),
        ("10:00", 1, "12:00"),
        ("11:00", 0, "12:00"),
        ("12:00", 0, None),
    ],
)
def test_a_finding_stands_until_a_downtime_begins_or_ends(at: str, lead: int, until: str | None) -> None:
    assert found(DOWN, at=at, rule=ahead(lead)).until == (until and moment(until))


cases = st.builds(
    lambda known, vo, at, silent: case(CE, *known, at=at, vo=vo, covered_by=[SILENT] if silent else [coverage()]),
    st.lists(downtimes(NOON), max_size=4, unique_by=lambda d: d.key),
    whom,
    minutes(-180, 300).map(lambda ahead: NOON + ahead),
    st.booleans(),
)


def at(asked: Case, now: datetime) -> Case:
    return asked._replace(now=now)


@given(cases, leads, st.integers(0, 99))
def test_until_then_a_finding_is_the_same(asked: Case, lead: dict[str, timedelta], percent: int) -> None:
    rule = DeclaredDowntime(lead=lead)
    result = rule.assess(asked)
    until = result.until or asked.now + timedelta(days=30)
    assert until > asked.now
    assert rule.assess(at(asked, asked.now + (until - asked.now) * percent / 100)) == result


@given(cases, leads)
def test_the_worst_downtime_in_force_decides(asked: Case, lead: dict[str, timedelta]) -> None:
    length = lead.get("default", timedelta())
    sampled = [asked.now + timedelta(minutes=m) for m in range(0, length // timedelta(minutes=1) + 1, 5)]
    known = [e.value for e in asked.evidence if isinstance(e.value, Downtime)]
    in_force = {d.severity for d in known if any(map(d.interval.contains, sampled))}
    expected = Status.BANNED if "OUTAGE" in in_force else Status.DEGRADED if "WARNING" in in_force else None
    status = DeclaredDowntime(lead=lead).assess(asked).status
    assert status is expected or (expected is None and status in {Status.ACTIVE, None})


def test_policies_call_it_downtime() -> None:
    assert BUILT_IN["downtime"] is DeclaredDowntime
