from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gridmask.cli.words import distance, moment, percent, row, span
from gridmask.domain.element import ElementKey, RowKey

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "less than 1 s"),
        (59, "59 s"),
        (60, "1 min"),
        (95, "1 min 35 s"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (7300, "2 h"),
        (90000, "1 d 1 h"),
    ],
)
def test_a_span_is_told_in_the_largest_unit_that_fits(seconds: float, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0.00 %"), (0.57, "57.00 %"), (0.9999, "99.99 %"), (0.99999, "99.99 %"), (0.071, "7.10 %"), (1, "100.00 %")],
)
def test_a_share_is_rounded_down_so_that_only_the_whole_is_all(share: float, words: str) -> None:
    assert percent(share) == words


def test_a_distance_says_in_which_direction() -> None:
    assert distance(NOW + timedelta(hours=3), NOW) == "in 3 h"
    assert distance(NOW - timedelta(days=2), NOW) == "2 d ago"
    assert distance(NOW, NOW) == "now"


def test_a_moment_that_is_none_is_told_as_wanted() -> None:
    assert (moment(NOW), moment(None), moment(None, "open")) == ("2026-08-21 17:00", "-", "open")


def test_a_row_is_named_without_the_aspect_that_says_nothing() -> None:
    key = ElementKey("Resource", "FTS", "fts1")
    assert row(RowKey(key, "all", "cms")) == "FTS fts1"
    assert row(RowKey(key, "ReadAccess", "cms")) == "FTS fts1 ReadAccess"
