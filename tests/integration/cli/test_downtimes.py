"""Downtimes from the command line."""

from __future__ import annotations

import pytest

from tests.command_line import failing, gridmask

pytestmark = pytest.mark.usefixtures("example")


def test_a_downtime_of_a_site_is_declared_listed_and_cancelled() -> None:
    given = ("--site", "TUNDRA-T2", "--end", "+2h", "--description", "Flood", "--severity", "warning")
    declared = gridmask("downtime", "add", *given, "--json").told["downtime"]
    assert {e["name"] for e in declared["elements"]} == {"TUNDRA-T2", "tundra-ce1", "tundra-ce2", "tundra-disk"}
    assert gridmask("mask", "borealis", "--name", "tundra-ce1").lines("Degraded")
    assert gridmask("downtime", "list", "--source", "manual", "--when", "ongoing").lines(declared["record"], "Flood")
    assert gridmask("downtime", "cancel", declared["record"], "--reason", "The dam held").code == 0
    assert gridmask("mask", "borealis", "--name", "tundra-ce1").lines("Active")


def test_downtimes_are_listed_by_when_and_name() -> None:
    assert [d["record"] for d in gridmask("downtime", "list", "--json").told["downtimes"]] == [
        "1002@fjord-tape",
        "1003@glacier-ce",
        "1004@fjord-disk",
    ]
    assert gridmask("downtime", "list", "--when", "future").lines("1004@fjord-disk", "2095-06-01 06:00")
    assert gridmask("downtime", "list", "--when", "past", "--name", "tundra-ce1").lines("1001@tundra-ce1")


def test_a_downtime_of_nothing_is_refused() -> None:
    assert "Name at least one element or site" in failing("downtime", "add", "--description", "Nothing")


def test_what_a_feed_announced_cannot_be_cancelled_here() -> None:
    assert "no downtime declared here called '1002@fjord-tape'" in failing("downtime", "cancel", "1002@fjord-tape", "-r", "x")


def test_downtimes_are_printed_as_the_calendar_that_the_server_has() -> None:
    printed = gridmask("downtime", "list", "--ical", "--vo", "borealis", "--site", "FJORD-T1").out
    assert printed.startswith("BEGIN:VCALENDAR")
    assert "fjord-disk" in printed
    assert "glacier" not in printed
    assert "glacier" in gridmask("downtime", "list", "--ical").out


@pytest.mark.parametrize(
    "given", [("--ical", "--source", "manual"), ("--ical", "--json"), ("--vo", "borealis"), ("--site", "x")]
)
def test_a_calendar_takes_a_vo_and_a_site_alone(given: tuple[str, ...]) -> None:
    assert "--ical" in failing("downtime", "list", *given, code=2)
