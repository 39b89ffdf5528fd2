from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from gridmask.cli.times import day_or_moment, moment
from gridmask.clock import fixed_clock

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)
CLOCK = fixed_clock(NOW)
FIRST, LAST = (datetime(year, 1, 1) for year in (1970, 9000))  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize("text", ["2026-08-21T17:00Z", "2026-08-21 17:00+00:00", "2026-08-21T19:00:00+02:00", " now ", "+0m"])
def test_one_moment_can_be_written_in_several_ways(text: str) -> None:
    assert moment(text, CLOCK) == NOW
    assert moment(text, CLOCK).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "distance"), [("+2h", timedelta(hours=2)), ("-30m", -timedelta(minutes=30)), ("+1.5d", timedelta(hours=36))]
)
def test_a_moment_can_be_told_by_its_distance_from_now(text: str, distance: timedelta) -> None:
    assert moment(text, CLOCK) - NOW == distance


@pytest.mark.parametrize(
    ("text", "hours"), [("2026-08-21", -17), (" 2026-08-22 ", 7), ("2026-08-21T17:00Z", 0), ("-1h", -1), ("now", 0)]
)
def test_where_a_day_is_enough_it_begins_at_midnight_of_utc(text: str, hours: int) -> None:
    assert day_or_moment(text, CLOCK) - NOW == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-08-21T17:00", "write 2026-08-21T17:00Z for UTC"),
        ("2026-08-21", "does not say in which time zone"),
        ("tomorrow", "is no time; write it as 2026-08-21T17:00Z"),
        ("2026-02-30T12:00Z", "is no time"),
        ("", "is no time"),
        ("+2", "is not a duration"),
        ("+99999999999d", "is more than a hundred years"),
        ("0001-01-01T00:00+02:00", "is beyond the calendar"),
    ],
)
def test_what_is_no_moment_is_wrong_usage_and_says_why(text: str, told: str) -> None:
    with pytest.raises(typer.BadParameter, match=re.escape(told)):
        moment(text, CLOCK)


@given(st.datetimes(FIRST, LAST, timezones=st.timezones()))
def test_every_moment_with_an_offset_is_understood_to_the_microsecond(given_: datetime) -> None:
    assert moment(given_.isoformat(), CLOCK) == given_.astimezone(UTC)
