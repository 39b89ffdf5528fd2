from __future__ import annotations

from datetime import UTC, datetime
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.collectors.gocdb.record import GocdbRecord
from gridmask.collectors.gocdb.times import created, interval, moment
from gridmask.domain.errors import MalformedAnswer


def record(**fields: str) -> GocdbRecord:
    return GocdbRecord(fromstring(f"<D>{''.join(f'<{name}>{text}</{name}>' for name, text in fields.items())}</D>"), "D")


def test_a_number_counts_from_1970_in_utc() -> None:
    assert moment(record(START_DATE="1785826800"), "START_DATE") == datetime(2026, 8, 4, 7, tzinfo=UTC)


def test_the_number_goes_before_the_text() -> None:
    told = record(START_DATE="1666900000", FORMATED_START_DATE="2022-10-27 22:00")
    assert moment(told, "START_DATE") == datetime(2022, 10, 27, 19, 46, 40, tzinfo=UTC)


def test_without_a_number_the_text_counts_in_utc() -> None:
    assert moment(record(FORMATED_END_DATE="2026-08-04 16:00"), "END_DATE") == datetime(2026, 8, 4, 16, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "-5", "1.5", "9" * 12, "9" * 13, "1785826800 s"])
def test_a_number_that_is_no_moment_is_told(text: str) -> None:
    with pytest.raises(MalformedAnswer, match=r"START_DATE is '.*'; it must be a number of seconds since 1970"):
        moment(record(START_DATE=text, FORMATED_START_DATE="2022-10-27 22:00"), "START_DATE")


@pytest.mark.parametrize("text", ["27.10.2022", "2022-02-30 10:00", "2022-10-27 25:00"])
def test_a_text_that_is_no_moment_is_told(text: str) -> None:
    with pytest.raises(MalformedAnswer, match="it must be a time such as"):
        moment(record(FORMATED_START_DATE=text), "START_DATE")


def test_neither_is_told() -> None:
    with pytest.raises(MalformedAnswer, match="D: has no FORMATED_START_DATE"):
        moment(record(), "START_DATE")


def test_an_end_before_the_start_is_told() -> None:
    with pytest.raises(MalformedAnswer, match="ends at 2026-08-04 07:00 UTC, before it starts at 2026-08-04 16:00 UTC"):
        interval(record(START_DATE="1785859200", END_DATE="1785826800"))


def test_it_may_end_as_it_starts() -> None:
    found = interval(record(START_DATE="1785826800", END_DATE="1785826800"))
    assert found.start == found.end


def test_when_it_was_entered_may_be_unknown() -> None:
    assert created(record()) is created(record(INSERT_DATE="yesterday")) is None
    assert created(record(INSERT_DATE="0")) == datetime(1970, 1, 1, tzinfo=UTC)


@given(st.integers(0, 253_402_300_799))
def test_number_and_text_mean_the_same_minute(seconds: int) -> None:
    by_number = moment(record(END_DATE=str(seconds)), "END_DATE")
    assert moment(record(FORMATED_END_DATE=f"{by_number:%Y-%m-%d %H:%M}"), "END_DATE") == by_number.replace(second=0)
