from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.gocdb.downtimes import SEVERITIES, question, read
from gridmask.domain.downtime import Announcement, Downtime, DowntimeKey, Interval
from gridmask.domain.element import ElementKey
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.naming import HostedService
from gridmask.rules.downtime import SEVERITIES as MEANINGS
from tests.gocdb import concerned, downtime, error, meta, results

KEY = DowntimeKey("feed", "7G0")


def announcement(*records: str) -> Announcement:
    return read([results(*records)], "feed")


def only(record: str) -> Downtime:
    (found,) = announcement(record).downtimes.values()
    return found


def test_a_record_is_a_downtime() -> None:
    assert only(downtime()) == Downtime(
        KEY,
        frozenset({HostedService("ce.example.org", "arc-ce")}),
        Interval(datetime(2026, 8, 4, 7, tzinfo=UTC), datetime(2026, 8, 4, 16, tzinfo=UTC)),
        severity="OUTAGE",
        scheduling="SCHEDULED",
        description="Power work",
        url="https://gocdb.example.org/portal/?id=7G0",
        created_at=datetime(2026, 7, 30, 8, tzinfo=UTC),
    )


def test_all_that_touches_the_window_is_asked_for_whatever_its_scope() -> None:
    assert question(datetime(2026, 8, 4, 0, 30, tzinfo=UTC), "") == {
        "method": "get_downtime_nested_services",
        "windowstart": "2026-08-03",
        "windowend": "2027-08-04",
        "scope": "",
    }


def test_it_is_about_each_service_that_it_names() -> None:
    found = only(downtime("7G0", concerned("CE.Example.org", "ARC-CE"), concerned("se.example.org", "webdav")))
    assert found.targets == {HostedService("ce.example.org", "arc-ce"), HostedService("se.example.org", "webdav")}


def test_the_hosts_of_endpoints_go_before_the_host() -> None:
    urls = ("davs://dav.example.org:443/lhcb", "xroot.example.org:1094")
    found = only(downtime("7G0", concerned("se.example.org", "webdav", *urls)))
    assert {target.host for target in found.targets if isinstance(target, HostedService)} == {
        "dav.example.org",
        "xroot.example.org",
    }


@pytest.mark.parametrize("host", ["CE.example.org", "ce.example.org:8443", "https://ce.example.org/"])
def test_a_host_may_be_written_as_an_address(host: str) -> None:
    assert only(downtime("7G0", concerned(host))).targets == {HostedService("ce.example.org", "arc-ce")}


def test_an_endpoint_that_tells_no_host_is_at_the_services() -> None:
    named = concerned("se.example.org", "webdav", "n/a", "davs://dav.example.org/")
    assert {target[0] for target in only(downtime("7G0", named)).targets} == {"se.example.org", "dav.example.org"}


def test_without_a_host_it_is_about_the_site() -> None:
    site = {ElementKey("Site", "Site", "EXAMPLE")}
    assert only(downtime("7G0", concerned(None, None))).targets == site
    assert only(downtime(flat="<SITENAME>EXAMPLE</SITENAME>")).targets == site


def test_without_a_service_type_it_is_about_everything_on_the_host() -> None:
    assert only(downtime("7G0", concerned("h.example.org", None))).targets == {HostedService("h.example.org", "")}


def test_records_of_the_flat_list_are_one_downtime() -> None:
    hosts = ("a.example.org", "b.example.org", "a.example.org")
    found = announcement(*(downtime(flat=concerned(host)) for host in hosts))
    assert found.downtimes[KEY].targets == {HostedService(host, "arc-ce") for host in hosts}
    assert not found.problems


def test_both_lists_say_the_same() -> None:
    services = [concerned("a.example.org"), concerned("b.example.org", "webdav", "davs://c.example.org/")]
    assert announcement(downtime("7G0", *services)) == announcement(*(downtime(flat=service) for service in services))


@pytest.mark.parametrize("different", [{"SEVERITY": "WARNING"}, {"END_DATE": "1785859201"}, {"DESCRIPTION": "Other"}])
def test_records_of_one_downtime_that_disagree_cannot_be_read(different: dict[str, str]) -> None:
    found = announcement(downtime(flat=concerned("a.org")), downtime(flat=concerned("b.org"), **different), downtime("8G0"))
    assert found.unreadable == {KEY}
    assert [key.record for key in found.downtimes] == ["8G0"]
    assert "is listed several times, and they do not agree. What was known of it stands." in found.problems[0]


def test_nested_twice_alike_it_is_one_and_else_none() -> None:
    assert announcement(downtime(), downtime()).downtimes.keys() == {KEY}
    assert announcement(downtime(), downtime("7G0", concerned("other.example.org"))).unreadable == {KEY}


def test_one_record_that_cannot_be_read_spoils_the_whole_downtime() -> None:
    found = announcement(downtime(flat=concerned()), downtime(flat=concerned(None, None, HOSTED_BY=None)))
    assert found.unreadable == {KEY}
    assert found.conclusive


def test_its_identifier_may_be_the_number_alone() -> None:
    record = downtime().replace(' PRIMARY_KEY="7G0"', "")
    assert announcement(record).downtimes.keys() == {DowntimeKey("feed", "7")}


def test_what_is_escaped_in_its_text_is_read() -> None:
    assert only(downtime(DESCRIPTION="reboot of\n all &lt;CEs&gt; &amp; SEs")).description == "reboot of all <CEs> & SEs"


def test_an_endless_text_is_cut() -> None:
    text = only(downtime(DESCRIPTION="x" * 1_000_000)).description
    assert (len(text), text[-1]) == (16_000, "…")


def test_without_a_class_it_is_unscheduled() -> None:
    assert only(downtime().replace(' CLASSIFICATION="SCHEDULED"', "")).scheduling == "UNSCHEDULED"


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (downtime(START_DATE="soon"), "START_DATE is 'soon'"),
        (downtime(END_DATE=None), "has no FORMATED_END_DATE"),
        (downtime(END_DATE="1785826799"), "ends at 2026-08-04 06:59 UTC, before it starts"),
        (downtime(SEVERITY=None), "has no SEVERITY"),
        (downtime(SEVERITY="x" * 65), "SEVERITY is 65 characters long"),
        (downtime("7G0", concerned("x" * 256)), "HOSTNAME is 256 characters long"),
        (downtime("7G0", concerned(kind="x" * 65)), "SERVICE_TYPE is 65 characters long"),
        (downtime("7G0", concerned(None, HOSTED_BY=None)), "SERVICE 1 of 7G0 (DOWNTIME 1 of feed): names neither a host nor"),
        (downtime(flat="<SERVICES/>"), "names no service"),
    ],
)
def test_a_record_that_cannot_be_read_is_told_by_name_and_place(record: str, problem: str) -> None:
    found = announcement(record, downtime("8G0"))
    assert found.unreadable == {KEY}
    assert {key.record for key in found.downtimes} == {"8G0"}
    assert found.conclusive
    assert "7G0 (DOWNTIME 1 of feed)" in found.problems[0]
    assert problem in found.problems[0]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (results("<DOWNTIME/>"), "DOWNTIME 1 of feed: has no ID"),
        (results(downtime("7 G0")), "PRIMARY_KEY is '7 G0'; it must be an identifier"),
        (results(downtime("x" * 65)), "PRIMARY_KEY is 'xxx"),
        (results("<SITE/>"), "feed: has <SITE> in it, where only <DOWNTIME>, <meta> should be"),
        (results(meta=meta(2)), "counts 2 records and holds 0"),
    ],
)
def test_after_what_cannot_be_identified_absence_means_nothing(body: bytes, problem: str) -> None:
    found = read([body], "feed")
    assert not found.conclusive
    assert problem in found.problems[0]


def test_a_page_that_is_cut_short_spoils_nothing_but_the_conclusion() -> None:
    found = read([results(downtime(), meta=meta(3, 9)), results(meta=meta(0))], "feed")
    assert found.downtimes.keys() == {KEY}
    assert not found.conclusive


def test_an_unknown_severity_is_kept_and_told() -> None:
    found = announcement(downtime(SEVERITY="APOCALYPSE"))
    assert found.downtimes[KEY].severity == "APOCALYPSE"
    assert "'APOCALYPSE' of 1 downtime is none of GOCDB's (OUTAGE, WARNING)" in found.problems[0]


def test_every_known_severity_has_a_meaning() -> None:
    assert set(SEVERITIES) <= MEANINGS.keys()


def test_an_error_refuses_the_whole_answer() -> None:
    with pytest.raises(MalformedAnswer, match="page 2 of feed: GOCDB refuses: Too busy"):
        read([results(downtime()), error("Too busy")], "feed")


def test_hundreds_of_pages_are_read() -> None:
    pages = [results(downtime(f"{number}G0"), meta=meta(1, number)) for number in range(300)]
    assert len(read(pages, "feed").downtimes) == 300


RECORDS = [
    *(downtime(f"{number}G0", flat=concerned(f"h{host}.example.org")) for number in range(4) for host in range(3)),
    downtime("3G0", flat=concerned("h9.example.org"), SEVERITY="WARNING"),
    downtime("5G0", END_DATE="0"),
]
WHOLE = read([results(*RECORDS)], "feed")


@given(st.permutations(RECORDS), st.integers(1, len(RECORDS)))
def test_neither_order_nor_size_of_pages_matters(shuffled: list[str], size: int) -> None:
    pages = [results(*shuffled[start : start + size]) for start in range(0, len(shuffled), size)]
    found = read(pages, "feed")
    assert (found.downtimes, found.unreadable, found.conclusive) == (WHOLE.downtimes, WHOLE.unreadable, True)
