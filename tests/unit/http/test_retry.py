from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.errors import BadStatus
from gridmask.http.failure import Transient
from gridmask.http.retry import is_recoverable, pause, retry_after

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)
BUSY = BadStatus("https://example.org/", 503)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("0", 0),
        ("120", 120),
        ("9" * 500, 999_999_999),
        ("Fri, 21 Aug 2026 17:01:00 GMT", 60),
        ("Fri, 21 Aug 2026 19:01:00 +0200", 60),
        ("Fri, 21 Aug 2026 17:01:00 -0000", 60),
        ("Fri, 21 Aug 2026 16:00:00 GMT", 0),
        ("Fri, 99 Aug 2026 16:00:00 GMT", None),
    ],
)
def test_a_wish_for_a_pause_is_understood(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


@given(st.text())
def test_no_wish_breaks_anything_or_lies_in_the_past(header: str) -> None:
    assert (retry_after(header, NOW) or 0) >= 0


def test_an_error_for_good_is_not_repeated() -> None:
    assert pause(BUSY, longest=10) is False


def test_an_error_that_passes_is_repeated_after_the_usual_pause() -> None:
    assert pause(Transient(BUSY), longest=10) is True


@pytest.mark.parametrize(("wish", "answer"), [(0.0, 0.0), (10.0, 10.0), (11.0, False)])
def test_a_wish_is_granted_up_to_the_longest_pause(wish: float, answer: float) -> None:
    given = pause(Transient(BUSY, retry_after=wish), longest=10)
    assert (given, type(given)) == (answer, type(answer))


@pytest.mark.parametrize(("status", "expected"), [(500, True), (503, True), (429, True), (404, False), (304, False)])
def test_some_answers_get_better_by_waiting(status: int, expected: bool) -> None:  # noqa: FBT001
    assert is_recoverable(status) is expected
