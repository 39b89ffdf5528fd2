"""Moments that people name by their own clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gridmask.domain.errors import InvalidRequest
from gridmask.portal.deeds import hours
from gridmask.testing import moment

NOW = moment("17:00")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "zone", "meant"),
    [
        ("2026-08-22T12:00", "UTC", "2026-08-22T12:00"),
        ("2026-08-22T12:00", "Europe/Zurich", "2026-08-22T10:00"),
        ("2026-08-22 12:00:30", "Asia/Kolkata", "2026-08-22T06:30:30"),
        (" 2026-12-22T12:00 ", "America/Chicago", "2026-12-22T18:00"),
    ],
)
def test_a_moment_is_meant_by_the_clock_of_who_types_it(typed: str, zone: str, meant: str) -> None:
    assert hours.moment(typed, zone) == utc(meant)


def test_a_moment_that_no_clock_shows_is_refused_with_what_it_shows_instead() -> None:
    with pytest.raises(InvalidRequest, match="no clock shows 02:30 on 2026-03-29: clocks are put on over it, to 03:30"):
        hours.moment("2026-03-29T02:30", "Europe/Zurich")


def test_a_moment_that_a_clock_shows_twice_is_asked_about_with_both_of_them() -> None:
    with pytest.raises(hours.Twice, match=r"twice on 2026-10-25.* at 00:30 UTC and again at 01:30 UTC"):
        hours.moment("2026-10-25T02:30", "Europe/Zurich")


@pytest.mark.parametrize(("which", "meant"), [("first", "2026-10-25T00:30"), ("second", "2026-10-25T01:30")])
def test_once_it_is_said_which_of_them_it_is_that_one(which: str, meant: str) -> None:
    assert hours.moment("2026-10-25T02:30", "Europe/Zurich", which) == utc(meant)


@pytest.mark.parametrize(
    "typed", ["", "noon", "2026-08-22", "2026-02-30T10:00", "2026-08-22T25:00", "0001-01-01T00:00", "1" * 99]
)
def test_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(InvalidRequest):
        hours.moment(typed, "Asia/Tokyo")


@pytest.mark.parametrize(
    ("now", "zone", "noon"),
    [
        ("2026-08-21T17:00", "UTC", "2026-08-22T12:00"),
        ("2026-08-21T23:30", "Europe/Zurich", "2026-08-23T10:00"),
        ("2026-10-24T12:00", "Europe/Zurich", "2026-10-25T11:00"),
    ],
)
def test_tomorrow_noon_is_noon_of_the_next_day_where_the_reader_is(now: str, zone: str, noon: str) -> None:
    assert hours.tomorrow_noon(utc(now), zone) == utc(noon)


def test_the_end_of_a_downtime_is_offered_only_while_it_runs() -> None:
    offered = [preset.label for preset in hours.presets(NOW, "UTC", moment("19:00"))]
    assert "until the downtime ends" in offered
    assert "until the downtime ends" not in [preset.label for preset in hours.presets(NOW, "UTC", moment("16:00"))]


def test_a_moment_is_typed_again_as_it_was() -> None:
    assert hours.typed_of(utc("2026-08-22T10:00"), "Europe/Zurich") == "2026-08-22T12:00"
