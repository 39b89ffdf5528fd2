from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.portal.drawing.axis import FEW, MOST, Axis

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)
DAY = timedelta(days=1)
ZONES = st.sampled_from(["UTC", "Europe/Zurich", "Asia/Kolkata", "America/St_Johns", "Pacific/Chatham"])
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - those of hypothesis
LENGTHS = st.timedeltas(timedelta(minutes=10), timedelta(days=3650))


def labels(since: datetime, length: timedelta, zone: str = "UTC", room: str = "much") -> list[str]:
    return [tick.label for tick in Axis(since, since + length, zone).ticks if tick.room in {"any", room}]


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=1), ["17:00", "17:05", "17:10"]),
        (DAY, ["18:00", "20:00", "22:00", "22 Aug", "02:00"]),
        (7 * DAY, ["22 Aug", "23 Aug", "24 Aug"]),
        (365 * DAY, ["Sep", "Oct", "Nov", "Dec", "2027"]),
        (3650 * DAY, ["2027", "2028", "2029"]),
    ],
)
def test_moments_are_named_in_round_numbers(length: timedelta, said: list[str]) -> None:
    assert labels(NOW, length)[: len(said)] == said


def test_they_are_round_by_the_clock_of_whoever_reads() -> None:
    assert labels(NOW, DAY, "Asia/Kolkata")[:3] == ["22 Aug", "02:00", "04:00"]


def test_an_hour_that_clocks_leave_out_is_not_named_and_days_begin_at_midnight() -> None:
    since = datetime(2026, 3, 28, 12, tzinfo=UTC)
    ticks = Axis(since, since + DAY, "Europe/Zurich").ticks
    assert [tick.label for tick in ticks if tick.day] == ["29 Mar"]
    assert "02:00" not in [tick.label for tick in ticks]


@given(MOMENTS, LENGTHS, ZONES)
def test_few_moments_are_named_in_order_within_the_time(since: datetime, length: timedelta, zone: str) -> None:
    axis = Axis(since, since + length, zone)
    ticks = axis.ticks
    assert all(axis.since <= tick.at < axis.until and 0 <= tick.place <= 100 for tick in ticks)
    assert all(before.at < after.at for before, after in pairwise(ticks))
    # clocks that are set back show an hour twice; the first of the two is named
    assert sum(tick.room != "little" for tick in ticks) <= MOST + 1
    assert sum(tick.room != "much" for tick in ticks) <= FEW + 1


@given(MOMENTS, LENGTHS, ZONES)
def test_each_is_named_by_what_a_clock_there_shows(since: datetime, length: timedelta, zone: str) -> None:
    for tick in Axis(since, since + length, zone).ticks:
        local = tick.at.astimezone(ZoneInfo(zone))
        assert tick.label in {f"{local:%H:%M}", f"{local.day} {local:%b}", f"{local:%b}", f"{local:%Y}"}
