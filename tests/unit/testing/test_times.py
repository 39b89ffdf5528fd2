from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gridmask.testing import moment


def test_a_time_of_day_is_on_a_day_that_does_not_matter() -> None:
    assert moment("12:30") - moment("10:00") == timedelta(hours=2, minutes=30)
    assert moment("12:30").tzinfo is UTC


@pytest.mark.parametrize("time", ["2026-08-21T10:00", "2026-08-21T10:00Z", "2026-08-21T12:00+02:00"])
def test_a_time_can_be_written_in_full(time: str) -> None:
    assert moment(time) == datetime(2026, 8, 21, 10, tzinfo=UTC)


def test_a_moment_stands_for_itself() -> None:
    now = datetime(2026, 8, 21, 12, tzinfo=timezone(timedelta(hours=2)))
    assert moment(now) is now


def test_any_other_text_is_refused() -> None:
    with pytest.raises(ValueError, match="noon"):
        moment("noon")
