from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.osg.times import moment

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

moments = st.datetimes(timezones=st.just(UTC)).map(lambda when: when.replace(second=0, microsecond=0))


def written(when: datetime, hour: int) -> str:
    half = "PM" if when.hour >= 12 else "AM"
    return f"{MONTHS[when.month - 1]} {when.day:02}, {when.year:04} {hour:02}:{when.minute:02} {half} UTC"


def test_a_date_as_osg_writes_it() -> None:
    assert moment("Aug 07, 2026 19:00 PM UTC") == datetime(2026, 8, 7, 19, tzinfo=UTC)


@given(moments)
def test_a_clock_of_24_hours_is_understood(when: datetime) -> None:
    assert moment(written(when, when.hour)) == when


@given(moments)
def test_a_clock_of_12_hours_is_understood(when: datetime) -> None:
    assert moment(written(when, when.hour % 12 or 12)) == when


@given(moments)
def test_the_half_of_the_day_may_be_missing(when: datetime) -> None:
    text = written(when, when.hour).replace(" AM", "").replace(" PM", "")
    assert moment(text) == when


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("Aug 07, 2026 07:00 PM UTC", 19, 0),
        ("Aug 07, 2026 12:30 AM UTC", 0, 30),
        ("Aug 07, 2026 00:30 AM UTC", 0, 30),
        ("Aug 07, 2026 12:30 PM UTC", 12, 30),
        ("Aug 7, 2026 7:05 am UTC", 7, 5),
        ("  August 07,  2026 21:00 +0000 ", 21, 0),
    ],
)
def test_variants(text: str, hour: int, minute: int) -> None:
    assert moment(text) == datetime(2026, 8, 7, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Not Available",
        "2026-08-07T19:00:00Z",
        "Aug 07, 2026 19:00 PM CET",
        "Aug 07, 2026 19:00 PM",
        "Aug 07, 26 19:00 PM UTC",
        "Agu 07, 2026 19:00 PM UTC",
        "Feb 30, 2026 19:00 PM UTC",
        "Aug 00, 2026 19:00 PM UTC",
        "Aug 07, 0000 19:00 PM UTC",
        "Aug 07, 2026 24:00 PM UTC",
        "Aug 07, 2026 19:60 PM UTC",
        "Aug \u0660\u0667, 2026 19:00 PM UTC",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        moment(text)


@pytest.mark.parametrize("text", ["Aug 07, 2026 19:00 AM UTC", "Aug 07, 2026 00:30 PM UTC"])
def test_a_half_that_contradicts_its_hour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hour \d+ is not [AP]M"):
        moment(text)
