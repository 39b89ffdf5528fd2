from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gridmask.domain.mask import Absence
from gridmask.domain.status import Status
from gridmask.domain.timeline import Stretch
from gridmask.portal.element.past import Shift, in_a_line

NOW = datetime(2026, 8, 21, tzinfo=UTC)


def said(start: float, end: float, status: Status | None) -> Stretch:
    absence = None if status is not None else Absence.OUT_OF_SERVICE
    return Stretch(NOW + timedelta(hours=start), NOW + timedelta(hours=end), status, absence)


@pytest.mark.parametrize(
    ("stretches", "line"),
    [
        ([said(0, 24, Status.ACTIVE)], "100% Active"),
        ([said(0, 18, Status.ACTIVE), said(18, 24, Status.BANNED)], "75% Active, 25% Banned"),
        ([said(0, 6, Status.BANNED), said(6, 12, None), said(12, 24, Status.BANNED)], "75% Banned, 25% not in the mask"),
        ([said(0, 23.99, Status.ACTIVE), said(23.99, 24, Status.ERROR)], "over 99% Active, under 1% Error"),
        ([], ""),
    ],
)
def test_who_does_not_see_a_timeline_is_told_what_lasted_how_long(stretches: list[Stretch], line: str) -> None:
    assert in_a_line(stretches) == line


@pytest.mark.parametrize(
    ("before", "after", "word"), [(1, 3, "extended"), (3, 1, "shortened"), (1, None, "extended"), (None, 2, "shortened")]
)
def test_another_end_makes_a_downtime_longer_or_shorter(before: int | None, after: int | None, word: str) -> None:
    ends = [None if hour is None else NOW + timedelta(hours=hour) for hour in (before, after)]
    assert Shift(50, ends[0], ends[1], NOW).word == word
