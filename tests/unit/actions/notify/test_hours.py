"""When people want to be told, by the clock on their wall."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gridmask.actions.notify.hours import Hours, Span, clock_time, zone_of

ZURICH = zone_of("Europe/Zurich")
NIGHT, WEEKEND = Span.parse("22:00-07:00"), Span.parse("sat-sun")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-08-21 12:00", "2026-08-21 12:00"),
        ("2026-08-19 20:00", "2026-08-20 05:00"),  # a Wednesday: 22:00 in Zurich
        ("2026-08-20 04:59", "2026-08-20 05:00"),
        ("2026-08-21 21:00", "2026-08-24 05:00"),  # Friday night runs into the weekend, and that into the next night
        ("2026-11-18 21:30", "2026-11-19 06:00"),  # in winter
        ("2026-10-24 23:30", "2026-10-26 06:00"),  # the night of 25 hours
    ],
)
def test_quiet_hours_end_when_all_that_is_quiet_has(now: str, then: str) -> None:
    assert Hours(ZURICH, (NIGHT, WEEKEND)).next(utc(now)) == utc(then)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-08-21 05:59", "2026-08-21 06:00"),
        ("2026-08-21 06:00", "2026-08-21 14:30"),
        ("2026-08-21 15:00", "2026-08-22 06:00"),
        ("2026-10-24 15:00", "2026-10-25 07:00"),
    ],
)
def test_digests_come_at_the_next_of_their_times(now: str, then: str) -> None:
    hours = Hours(ZURICH, (NIGHT,), (clock_time("08:00"), clock_time("16:30")))
    assert hours.next(utc(now)) == utc(then)


def test_certain_hours_of_certain_days_are_quiet() -> None:
    hours = Hours(quiet=(Span.parse("Fri-Mon 18:00-24:00"),))
    assert hours.next(utc("2026-08-21 18:30")) == utc("2026-08-22 00:00")
    assert hours.next(utc("2026-08-18 18:30")) == utc("2026-08-18 18:30")


NO_HOURS = ("", "22:00", "25:00-26:00", "22:00-22:00", "som-day", "22:60-23:00", "fri 8:00-9:00", "mon-")


@pytest.mark.parametrize("text", NO_HOURS)
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"are no hours|is no day|is no time|begins when"):
        Span.parse(text)


@pytest.mark.parametrize("text", ["24:00", "8:00", "eight"])
def test_what_is_no_time_of_the_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}' is no time of the day"):
        clock_time(text)


@pytest.mark.parametrize("name", ["Europe/Zurch", "../x", ""])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="there is no time zone"):
        zone_of(name)
