from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.portal.element.window import Span, customary, window

NOW = datetime(2026, 8, 21, 17, 3, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_window_on_the_present_shows_a_little_of_what_is_to_come() -> None:
    seen = window(Span.DAY, None, NOW)
    assert (seen.since, seen.until) == (datetime(2026, 8, 20, 18, tzinfo=UTC), datetime(2026, 8, 21, 18, tzinfo=UTC))


@given(st.integers(0, 600))
def test_it_stays_where_it_is_from_one_look_to_the_next(seconds: int) -> None:
    seen, later = window(Span.WEEK, None, NOW), window(Span.WEEK, None, NOW + timedelta(seconds=seconds))
    assert (seen.since, seen.until) == (later.since, later.until)


def test_one_can_go_back_and_forth() -> None:
    before = window(Span.DAY, None, NOW).before
    assert before is not None
    seen = window(Span.DAY, datetime.fromisoformat(before), NOW)
    assert (seen.before, seen.after) == ("2026-08-19T18:00Z", "")
    assert window(Span.DAY, NOW - 5 * DAY, NOW).after == "2026-08-17T17:03Z"
    assert window(Span.DAY, None, NOW).after is None


FIRST, LAST = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59)  # noqa: DTZ001 - an address need not name a zone


@pytest.mark.parametrize("moment", [FIRST, LAST, LAST.replace(tzinfo=timezone(timedelta(hours=-12))), NOW + 400 * DAY])
def test_no_moment_is_too_strange_to_be_asked_for(moment: datetime) -> None:
    seen = window(Span.YEAR, moment, NOW)
    assert seen.since is not None
    assert seen.since < seen.until <= NOW


@pytest.mark.parametrize(
    ("age", "span"),
    [(HOUR, Span.DAY), (20 * HOUR, Span.DAY), (2 * DAY, Span.WEEK), (20 * DAY, Span.MONTH), (900 * DAY, Span.YEAR)],
)
def test_unless_told_otherwise_one_sees_since_when_it_is_so(age: timedelta, span: Span) -> None:
    assert customary([NOW - 1000 * DAY, NOW - age], NOW) is span


def test_everything_has_no_before() -> None:
    seen = window(Span.ALL, None, NOW)
    assert (seen.since, seen.before, seen.after) == (None, None, None)
