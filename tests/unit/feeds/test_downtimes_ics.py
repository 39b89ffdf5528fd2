from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from gridmask.domain.downtime import DowntimeKey
from gridmask.feeds.downtimes_ics import Occasion, encode, uid
from gridmask.testing.times import moment
from gridmask.testing.values import downtime, element

KNOWN, NOW = moment("2026-08-20T09:00"), moment("2026-08-21T17:00")
CE = element("ce01", site="EXAMPLE")
START, END = "2026-08-21T16:00", "2026-08-21T19:00"


def occasion(start: str = START, end: str | None = END, **attributes: Any) -> Occasion:  # noqa: ANN401 - of a downtime
    return Occasion(downtime(start, end, CE, **attributes), (CE,), KNOWN)


def events(*occasions: Occasion) -> list[Any]:
    """What a reader makes of them."""
    return list(Calendar.from_ical(encode("Downtimes for cms", occasions, NOW)).events)


def test_a_downtime_is_an_event() -> None:
    said = occasion(description="Power, and; more", scheduling="SCHEDULED", url="https://goc.example.org/1")
    assert encode("Downtimes for cms", [said], NOW).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Gridmask//Downtimes//EN",
        "NAME:Downtimes for cms",
        "X-WR-CALNAME:Downtimes for cms",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "BEGIN:VEVENT",
        "SUMMARY:OUTAGE at EXAMPLE: ce01",
        "DTSTART:20260821T160000Z",
        "DTEND:20260821T190000Z",
        "DTSTAMP:20260820T090000Z",
        f"UID:{uid(said.downtime.key)}",
        "SEQUENCE:0",
        "CATEGORIES:OUTAGE,SCHEDULED",
        "DESCRIPTION:Power\\, and\\; more\\n\\nConcerns ce01.\\n\\nAnnounced as 1 by feed",
        " \\, scheduled.",
        "LAST-MODIFIED:20260820T090000Z",
        "LOCATION:EXAMPLE",
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "URL:https://goc.example.org/1",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_what_was_withdrawn_is_cancelled_and_keeps_its_name() -> None:
    [before] = events(occasion())
    [after] = events(Occasion(occasion().downtime, (CE,), NOW, sequence=1, withdrawn=True))
    assert (after["status"], after["sequence"], after["dtstamp"].dt) == ("CANCELLED", 1, NOW)
    assert before["uid"] == after["uid"]


def test_the_name_of_an_event_is_its_source_and_record_alone() -> None:
    assert uid(DowntimeKey("gocdb", "1")) == "bf047c9a-1f0c-57ef-8c7e-3f3c4da77599"
    assert len({uid(DowntimeKey(*key)) for key in (("gocdb", "1"), ("gocdb", "11"), ("gocdb1", "1"), ("osg", "1"))}) == 4


@pytest.mark.parametrize(
    ("start", "drawn_until"),
    [(START, "2026-08-28T16:00"), ("2026-08-01T00:00", "2026-08-28T00:00"), ("2027-01-01T00:00", "2027-01-08T00:00")],
)
def test_an_open_end_is_drawn_for_a_week_and_told(start: str, drawn_until: str) -> None:
    [event] = events(occasion(start, None))
    assert event["dtend"].dt == moment(drawn_until)
    assert "No end is announced." in event["description"]


def test_an_open_end_at_the_end_of_time_is_not_drawn() -> None:
    [event] = events(occasion("9999-12-31T00:00", None))
    assert "dtend" not in event


@pytest.mark.parametrize("end", [START, "2026-08-21T15:00"])
def test_an_event_never_ends_before_it_begins(end: str) -> None:
    [event] = events(occasion(START, end))
    assert "dtend" not in event


def test_of_many_elements_the_summary_names_some_and_the_description_all() -> None:
    many = tuple(element(f"ce{number}", site="EXAMPLE") for number in range(6))
    [event] = events(Occasion(occasion().downtime, many, KNOWN))
    assert event["summary"] == "OUTAGE at EXAMPLE: ce0, ce1, ce2 and 3 more"
    assert "Concerns ce0, ce1, ce2, ce3, ce4, ce5." in event["description"]


def test_what_a_whole_site_is_about_names_the_site_once() -> None:
    site = element("EXAMPLE", "Site", family="Site", site="EXAMPLE")
    [event] = events(Occasion(occasion().downtime, (site,), KNOWN))
    assert event["summary"] == "OUTAGE at EXAMPLE"


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://x/\r\nATTENDEE:mailto:x", "1234"])
def test_what_is_no_link_is_not_given_as_one(url: str) -> None:
    [event] = events(occasion(url=url))
    assert "url" not in event
    assert "attendee" not in event


def test_events_come_in_the_order_of_their_beginnings_whatever_the_order_given() -> None:
    given_ = [occasion("2026-08-22T00:00", None, record="b"), occasion(record="z"), occasion(record="a")]
    assert encode("x", given_, NOW) == encode("x", reversed(given_), NOW)


SECONDS = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
SPANS = st.integers(1, 10_000_000).map(lambda seconds: timedelta(seconds=seconds))


@given(st.lists(st.tuples(SECONDS, SPANS, st.text(max_size=90)), max_size=4))
def test_what_is_read_back_is_the_same(told: list[tuple[datetime, timedelta, str]]) -> None:
    given_ = [
        Occasion(downtime(start, start + span, CE, record=str(number), description=text), (CE,), start)
        for number, (start, span, text) in enumerate(told)
    ]
    found = {event["uid"]: event for event in events(*given_)}
    for one in given_:
        event, interval = found[uid(one.downtime.key)], one.downtime.interval
        assert (event["dtstart"].dt, event["dtend"].dt, event["dtstamp"].dt) == (interval.start, interval.end, interval.start)
        if one.downtime.description.isprintable():
            assert event["description"].startswith(one.downtime.description)


@given(st.text(), st.text(), st.text())
def test_no_text_can_become_a_line_of_its_own(title: str, description: str, name: str) -> None:
    named = (element(f"x{name}", site=name),)
    said = Occasion(downtime(START, END, CE, description=description, severity=f"S{name}"), named, KNOWN)
    body = encode(title, [said], NOW)
    assert len(Calendar.from_ical(body).events) == 1
    for line in body.decode().split("\r\n"):
        assert re.fullmatch(r"[ A-Z][^\x00-\x08\x0a-\x1f\x7f]*|", line)
        assert len(line.encode()) <= 75
