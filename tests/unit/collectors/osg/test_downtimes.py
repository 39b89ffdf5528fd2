from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gridmask.collectors.osg.downtimes import SEVERITIES, read
from gridmask.domain.downtime import Announcement, Downtime, DowntimeKey, Interval
from gridmask.domain.element import ElementKey, ElementType
from gridmask.domain.errors import MalformedAnswer
from gridmask.rules.downtime import SEVERITIES as MEANINGS
from tests import osg

KEY = DowntimeKey("feed", "1@CE1")
NAMELESS = osg.downtime("", "CE1")


def announcement(*records: str) -> Announcement:
    return read(osg.downtimes(*records), "feed")


def only(record: str) -> Downtime:
    (downtime,) = announcement(record).downtimes.values()
    return downtime


def test_a_record_is_a_downtime() -> None:
    assert only(osg.downtime()) == Downtime(
        KEY,
        frozenset({ElementKey("Resource", "ComputingElement", "CE1")}),
        Interval(datetime(2026, 8, 7, 19, tzinfo=UTC), datetime(2026, 8, 8, 5, 30, tzinfo=UTC)),
        severity="Outage",
        scheduling="SCHEDULED",
        description="Power work",
        created_at=datetime(2026, 8, 1, 12, tzinfo=UTC),
    )


def test_all_three_sections_are_read() -> None:
    found = read(osg.downtimes(osg.downtime("1"), past=osg.downtime("2"), future=osg.downtime("3")), "feed")
    assert {key.record for key in found.downtimes} == {"1@CE1", "2@CE1", "3@CE1"}
    assert found.conclusive


@pytest.mark.parametrize("body", [b"<Downtimes/>", b"<Downtimes><PastDowntimes/><FutureDowntimes/></Downtimes>"])
def test_without_a_section_for_what_is_not_over_nothing_counts_as_withdrawn(body: bytes) -> None:
    found = read(body, "feed")
    assert not found.conclusive
    assert "feed: has no CurrentDowntimes" in found.problems[0]


def test_it_concerns_each_service_that_it_names() -> None:
    targets = only(osg.downtime("1", "Store", "SRMv2", "GridFtp", "SRMv2")).targets
    assert targets == {ElementKey("Resource", "SRMv2", "Store"), ElementKey("Resource", "GridFtp", "Store")}


def test_services_mean_what_the_deployment_says() -> None:
    found = read(osg.downtimes(osg.downtime("1", "S", "Squid")), "feed", {"Squid": ElementType("Proxy")})
    assert found.downtimes[DowntimeKey("feed", "1@S")].targets == {ElementKey("Resource", "Proxy", "S")}


def test_an_identifier_may_be_shared_by_resources() -> None:
    assert len(announcement(osg.downtime("1", "CE1"), osg.downtime("1", "CE2")).downtimes) == 2


@pytest.mark.parametrize("end", ["Jan 01, 2100 04:59 AM UTC", "Dec 31, 9999 04:59 AM UTC"])
def test_an_end_in_the_year_2100_is_open(end: str) -> None:
    assert only(osg.downtime(EndTime=end)).interval.end is None


def test_an_end_just_before_2100_is_an_end() -> None:
    assert only(osg.downtime(EndTime="Dec 31, 2099 23:59 PM UTC")).interval.end == datetime(2099, 12, 31, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize("created", ["Not Available", "", "yesterday", "x" * 300, None])
def test_when_it_was_created_may_be_unknown(created: str | None) -> None:
    assert only(osg.downtime(CreatedTime=created)).created_at is None


def test_white_space_in_its_description_is_made_single() -> None:
    assert only(osg.downtime(Description=" Power\n\n  work ")).description == "Power work"


def test_without_a_class_it_is_unscheduled() -> None:
    assert only(osg.downtime(Class=None)).scheduling == "UNSCHEDULED"


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (osg.downtime(StartTime="soon"), "StartTime 'soon' is not a date like"),
        (osg.downtime(EndTime=None), "has no EndTime"),
        (osg.downtime(EndTime="Feb 30, 2026 10:00 AM UTC"), "EndTime 'Feb 30, 2026 10:00 AM UTC' is not a date"),
        (
            osg.downtime(EndTime="Aug 01, 2026 10:00 AM UTC"),
            "ends at 2026-08-01 10:00 UTC, before it starts at 2026-08-07 19:00",
        ),
        (osg.downtime(Severity=None), "has no Severity"),
        (osg.downtime(Severity="x" * 65), "Severity is 65 characters long"),
        (osg.downtime(Description="x" * 16_001), "Description is 16,001 characters long"),
        (osg.downtime("1", "CE1", ""), "Service 1 of 1@CE1 (Downtime 1 of CurrentDowntimes): has no Name"),
        (osg.downtime().replace("<Service>", "<S>").replace("</Service>", "</S>"), "names no service"),
    ],
)
def test_a_record_that_cannot_be_read_is_told_by_name_and_place(record: str, problem: str) -> None:
    found = announcement(record, osg.downtime("2"))
    assert found.unreadable == {KEY}
    assert {key.record for key in found.downtimes} == {"2@CE1"}
    assert found.conclusive
    assert "1@CE1 (Downtime 1 of CurrentDowntimes)" in found.problems[0]
    assert problem in found.problems[0]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (osg.downtimes(NAMELESS), "Downtime 1 of CurrentDowntimes: has no ID"),
        (osg.downtimes(osg.downtime("x7")), "ID is 'x7'; it must be a number"),
        (osg.downtimes(osg.downtime("1", "")), "has no ResourceName"),
        (osg.downtimes(osg.downtime("1", "x" * 254)), "ResourceName is 254 characters long"),
        (osg.downtimes("<Error/>"), "CurrentDowntimes: has <Error> in it, where only <Downtime> should be"),
        (osg.downtimes(extra="<Error/>"), "feed: has <Error> in it"),
    ],
)
def test_after_what_cannot_be_identified_absence_means_nothing(body: bytes, problem: str) -> None:
    found = read(body, "feed")
    assert not found.conclusive
    assert not found.downtimes
    assert problem in found.problems[0]


def test_listed_twice_alike_it_is_taken_once() -> None:
    found = announcement(osg.downtime(), osg.downtime())
    assert found.downtimes.keys() == {KEY}
    assert not found.unreadable
    assert "is listed several times, all alike" in found.problems[0]


@pytest.mark.parametrize("third", [osg.downtime(), osg.downtime(Severity="Severe"), osg.downtime(Severity=None)])
def test_listed_twice_differently_it_is_unreadable_whatever_follows(third: str) -> None:
    found = announcement(osg.downtime(), osg.downtime(Severity="Severe"), third)
    assert not found.downtimes
    assert found.unreadable == {KEY}
    assert "do not agree" in found.problems[0]


def test_listed_once_unreadably_it_stays_unreadable() -> None:
    found = announcement(osg.downtime(EndTime="soon"), osg.downtime())
    assert not found.downtimes
    assert found.unreadable == {KEY}


def test_an_unknown_severity_is_kept_and_told() -> None:
    found = announcement(osg.downtime("1", Severity="Apocalypse"), osg.downtime("2", Severity="Apocalypse"))
    assert {d.severity for d in found.downtimes.values()} == {"Apocalypse"}
    (problem,) = found.problems
    assert "'Apocalypse' of 2 downtimes is none of OSG's" in problem


def test_every_known_severity_has_a_meaning() -> None:
    assert set(SEVERITIES) <= MEANINGS.keys()
    assert not announcement(*(osg.downtime(str(n), Severity=s) for n, s in enumerate(SEVERITIES))).problems


def test_an_unknown_service_is_told() -> None:
    (problem,) = announcement(osg.downtime("1", "CE1", "Oracle")).problems
    assert "'Oracle', which occurs once, is not known" in problem


def test_wherever_a_feed_is_cut_off_it_is_refused_as_a_whole() -> None:
    whole = osg.downtimes(osg.downtime(Description="Ünterbrechung"), past=osg.downtime("2"))
    for length in range(len(whole)):
        with pytest.raises(MalformedAnswer):
            read(whole[:length], "feed")
