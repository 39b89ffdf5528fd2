"""Answers that are odd, and that GOCDB's people could make it give: each is accounted for, and does no harm."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gridmask.collectors.gocdb import downtimes, topology
from gridmask.domain.naming import HostedService
from tests.gocdb import concerned, downtime, results, service, site

if TYPE_CHECKING:
    from gridmask.collectors.listing import Listing
    from gridmask.domain.downtime import Announcement

A_YEAR_FROM_NOWHERE = "253402300800"
FULL_WIDTH = "".join(chr(0xFF10 + int(digit)) for digit in "1785826800")


def listed(*records: str) -> Listing:
    return topology.read([results(*records)], "goc")


def announced(*records: str) -> Announcement:
    return downtimes.read([results(*records)], "goc")


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("ce.example.org.", "ce.example.org"),
        ("  ce.example.org  ", "ce.example.org"),
        ("CE.Example.ORG", "ce.example.org"),
        ("my_ce.example.org", "my_ce.example.org"),
        ("ce.example.org:9443", "ce.example.org"),
        ("https://ce.example.org/x", "ce.example.org"),
        ("[2001:DB8::1]:8443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "10.0.0.1"),
    ],
)
def test_a_host_is_one_however_it_is_written_and_its_downtime_finds_it(written: str, host: str) -> None:
    element = listed(site(), service(written)).elements[1]
    (down,) = announced(downtime("7G0", concerned(written))).downtimes.values()
    assert (element.key.name, element.hosts) == (host, (host,))
    assert down.targets == {HostedService(host, "arc-ce")}


@pytest.mark.parametrize("written", ["n/a", "-", "localhost", "a.example.org,b.example.org", "<b>x</b>.example.org", "C\u0130"])
def test_what_is_no_host_is_taken_as_written_and_told(written: str) -> None:
    listing = listed(site(), service(written))
    (down,) = announced(downtime("7G0", concerned(written))).downtimes.values()
    assert listing.elements[1].hosts == (written.lower(),)
    assert down.targets == {HostedService(written.lower(), "arc-ce")}
    assert listing.problems == (f"services are on hosts whose names are none: {written}. Each is taken as it is written.",)


def test_an_identifier_of_several_things_identifies_none() -> None:
    listing = listed(site(), service("a.example.org", key="5G0"), service("b.example.org", key="5G0"), service("c.example.org"))
    assert [element.identity for element in listing.elements] == ["site:1G0", "", "", "service:10G0"]
    (problem,) = listing.problems
    assert problem.startswith("the service identifier 5G0 is that of ComputingElement a.example.org, ComputingElement b.exam")


def test_letters_of_every_language_stay() -> None:
    name = "\u00c7I\u011eLI-\u0130stanbul"
    element, ce = listed(site(name, OFFICIAL_NAME="I\u015f\u0131k"), service(SITENAME=name)).elements
    assert (element.key.name, element.facts["official_name"], ce.site) == (name, "I\u015f\u0131k", name)


def test_what_is_escaped_twice_is_escaped_once() -> None:
    (down,) = announced(downtime(DESCRIPTION="R&amp;amp;D &lt;img src=x&gt;")).downtimes.values()
    assert down.description == "R&amp;D <img src=x>"


@pytest.mark.parametrize(
    "moment", ["-5", "1785826800000", "1785826800.0", A_YEAR_FROM_NOWHERE, "soon", FULL_WIDTH, "1e9", "0x10"]
)
@pytest.mark.parametrize("name", ["START_DATE", "END_DATE"])
def test_what_is_no_moment_of_the_calendar_makes_one_downtime_unreadable(name: str, moment: str) -> None:
    announcement = announced(downtime("7G0", **{name: moment}), downtime("8G0"))
    assert [key.record for key in announcement.downtimes] == ["8G0"]
    assert [key.record for key in announcement.unreadable] == ["7G0"]
    assert announcement.conclusive
    assert moment in announcement.problems[0]


def test_ends_far_away_are_ends() -> None:
    (down,) = announced(downtime(END_DATE="4102444800")).downtimes.values()
    assert down.interval.end == datetime(2100, 1, 1, tzinfo=UTC)


def test_a_downtime_of_very_many_services_is_one() -> None:
    (down,) = announced(downtime("7G0", *(concerned(f"h{n}.example.org") for n in range(1000)))).downtimes.values()
    assert len(down.targets) == 1000


@pytest.mark.parametrize("services", ["", "<SERVICES/>", "<SERVICES><SERVICE/></SERVICES>"])
def test_a_downtime_of_nothing_is_unreadable(services: str) -> None:
    announcement = announced(downtime(flat=services))
    assert (len(announcement.downtimes), len(announcement.unreadable), len(announcement.problems)) == (0, 1, 1)


def test_one_key_under_two_numbers_is_one_downtime_if_they_agree() -> None:
    first, edited = downtime(), downtime(DESCRIPTION="Other work")
    assert len(announced(first, first.replace('ID="7"', 'ID="8"')).downtimes) == 1
    assert not announced(first, edited.replace('ID="7"', 'ID="8"')).downtimes


def test_many_endpoints_are_hosts_of_one_element() -> None:
    urls = [f"https://door{number:02}.example.org:1094/x" for number in range(40)]
    assert len(listed(site(), service("se.example.org", "webdav", urls=urls)).elements[1].hosts) == 41


def test_a_site_without_a_name_closes_nothing() -> None:
    nameless = site(SHORT_NAME=None).replace('NAME="EXAMPLE"', "")
    listing = listed(nameless, service())
    assert (listing.elements, listing.conclusive, len(listing.problems)) == ((), False, 2)


@pytest.mark.parametrize(
    ("certification", "in_service"),
    [("certified", True), ("", True), (None, True), ("Candidate", False), ("SUSPENDED", False), ("Closed", False)],
)
def test_each_site_is_in_service_by_its_own_certification(certification: str | None, *, in_service: bool) -> None:
    other = site("OTHER", "2G0", CERTIFICATION_STATUS=certification)
    by_name = {each.key.name: each for each in listed(site(), other, service(SITENAME="OTHER")).elements}
    assert [by_name[name].in_service for name in ("EXAMPLE", "OTHER", "ce.example.org")] == [True, in_service, in_service]


def test_a_scope_that_is_too_long_is_told_by_its_name() -> None:
    (problem,) = listed(site(), service(scopes=["x" * 300])).problems
    assert "SCOPE is 300 characters long" in problem


def test_nothing_is_nothing() -> None:
    assert (listed().elements, listed().problems) == ((), ())
    assert (announced().downtimes, announced().problems) == ({}, ())
