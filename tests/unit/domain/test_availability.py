from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.availability import NOTHING, By, Spell, Tally, bounds, strictest, tallies
from gridmask.domain.excuse import Between, union
from gridmask.domain.status import Status, most_restrictive

START = datetime(2026, 1, 30, 22, tzinfo=UTC)
HOURS = 24 * 35
END = START + timedelta(hours=HOURS)


def hour(number: float) -> datetime:
    return START + timedelta(hours=number)


def spells(*said: tuple[float, Status | None], end: float = 100) -> list[Spell]:
    """Each from an hour on, up to the next."""
    ends = [*(start for start, _ in said[1:]), end]
    return [Spell(hour(start), hour(stop), status) for (start, status), stop in zip(said, ends, strict=True)]


def total(found: Sequence[Spell], *excuses: Between) -> Tally:
    [tally] = tallies(found, excuses, (found[0].start, found[-1].end))
    return tally


def hours(tally: Tally) -> list[float]:
    spent = (tally.usable, tally.excused, tally.unexcused, tally.unknown, tally.absent)
    return [span / timedelta(hours=1) for span in spent]


def test_time_is_counted_by_what_the_mask_said() -> None:
    said = spells(
        (0, Status.ACTIVE), (10, Status.DEGRADED), (20, Status.BANNED), (30, Status.PROBING), (45, Status.UNKNOWN), (60, None)
    )
    assert hours(total(said)) == [20, 0, 25, 15, 40]


def test_what_was_not_usable_during_an_announced_outage_is_excused() -> None:
    said = spells((0, Status.BANNED), (50, Status.ACTIVE))
    assert hours(total(said, (hour(10), hour(20)), (hour(40), hour(60)))) == [50, 20, 30, 0, 0]


def test_availability_leaves_out_what_is_unknown_or_absent_and_reliability_what_is_excused_too() -> None:
    tally = Tally(*(timedelta(hours=h) for h in (60, 20, 20, 7, 3)))
    assert (tally.availability, tally.reliability) == (0.6, 0.75)


def test_of_nothing_known_there_is_no_availability() -> None:
    assert (NOTHING.availability, NOTHING.reliability) == (None, None)
    excused = Tally(excused=timedelta(hours=1))
    assert (excused.availability, excused.reliability) == (0, None)


def test_a_whole_is_as_its_strictest_status_type_and_what_is_unknown_or_absent_is_no_say() -> None:
    reading = spells((0, Status.ACTIVE), (50, Status.UNKNOWN), (60, None))
    writing = spells((0, Status.ACTIVE), (20, Status.BANNED), (30, Status.UNKNOWN), (80, None))
    said = [((s.start - START) / timedelta(hours=1), s.status) for s in strictest([reading, writing])]
    expected = [
        (0, Status.ACTIVE),
        (20, Status.BANNED),
        (30, Status.ACTIVE),
        (50, Status.UNKNOWN),
        (60, Status.UNKNOWN),
        (80, None),
    ]
    assert said == expected


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (By.TOTAL, ["2026-01-30T22", "2026-02-02T03"]),
        (By.DAY, ["2026-01-30T22", "2026-01-31T00", "2026-02-01T00", "2026-02-02T00", "2026-02-02T03"]),
        (By.MONTH, ["2026-01-30T22", "2026-02-01T00", "2026-02-02T03"]),
    ],
)
def test_a_period_is_divided_by_days_and_months_of_utc(by: By, expected: list[str]) -> None:
    assert [f"{moment:%Y-%m-%dT%H}" for moment in bounds(START, hour(53), by)] == expected


def test_a_period_that_ends_with_a_month_has_no_empty_part() -> None:
    first, last = datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    assert [f"{moment:%Y-%m-%d}" for moment in bounds(first, last, By.MONTH)] == [
        "2025-12-01",
        "2026-01-01",
        "2026-02-01",
        "2026-03-01",
    ]


# --- Whatever happened

MOMENTS = st.integers(1, HOURS - 1)


def _spells(found: tuple[list[tuple[int, Status | None]], Status | None]) -> list[Spell]:
    later, first = found
    return spells(
        (0, first), *sorted({moment: (moment, status) for moment, status in later}.values(), key=lambda one: one[0]), end=HOURS
    )


STATUSES = st.none() | st.sampled_from(Status)
SPELLS = st.tuples(st.lists(st.tuples(MOMENTS, STATUSES), max_size=8), STATUSES).map(_spells)
EXCUSES = st.lists(st.tuples(st.integers(-50, HOURS), st.integers(1, 300)), max_size=5).map(
    lambda found: union((hour(start), hour(start + length)) for start, length in found)
)


@given(SPELLS, EXCUSES, st.sampled_from(By))
def test_all_parts_add_up_to_the_period(said: list[Spell], excuses: tuple[Between, ...], by: By) -> None:
    parts = bounds(START, END, by)
    for (start, end), tally in zip(pairwise(parts), tallies(said, excuses, parts), strict=True):
        assert tally.known + tally.unknown + tally.absent == end - start


@given(SPELLS, EXCUSES, st.integers(1, HOURS * 60 - 1))
def test_to_split_a_period_changes_no_sum(said: list[Spell], excuses: tuple[Between, ...], minute: int) -> None:
    middle = hour(minute / 60)
    before = [Spell(s.start, min(s.end, middle), s.status) for s in said if s.start < middle]
    after = [Spell(max(s.start, middle), s.end, s.status) for s in said if s.end > middle]
    assert total(before, *excuses) + total(after, *excuses) == total(said, *excuses)


@given(SPELLS, EXCUSES)
def test_months_are_the_sums_of_their_days(said: list[Spell], excuses: tuple[Between, ...]) -> None:
    months, days = bounds(START, END, By.MONTH), bounds(START, END, By.DAY)
    sums = dict.fromkeys(months[:-1], NOTHING)
    for day, tally in zip(days, tallies(said, excuses, days), strict=False):
        month = max(one for one in sums if one <= day)
        sums[month] += tally
    assert list(sums.values()) == tallies(said, excuses, months)


@given(SPELLS, EXCUSES)
def test_looking_at_every_hour_comes_to_the_same(said: list[Spell], excuses: tuple[Between, ...]) -> None:
    counts = dict.fromkeys(("usable", "excused", "unexcused", "unknown", "absent"), 0)
    for number in range(HOURS):
        counts[_looked_at(said, excuses, hour(number + 0.5))] += 1
    assert hours(total(said, *excuses)) == list(counts.values())


def _looked_at(said: list[Spell], excuses: tuple[Between, ...], moment: datetime) -> str:
    status = next(s.status for s in said if s.start <= moment < s.end)
    match status:
        case None:
            return "absent"
        case Status.UNKNOWN:
            return "unknown"
        case Status.ACTIVE | Status.DEGRADED:
            return "usable"
        case _:
            return "excused" if any(start <= moment < end for start, end in excuses) else "unexcused"


@given(st.lists(SPELLS, min_size=1, max_size=4), st.integers(0, HOURS - 1))
def test_the_strictest_is_that_of_each_moment(of_each: list[list[Spell]], at: int) -> None:
    moment, found = hour(at + 0.5), list(strictest(of_each))
    there = [s.status for said in of_each for s in said if s.start <= moment < s.end and s.status is not None]
    assert [s.status for s in found if s.start <= moment < s.end] == [most_restrictive(there) if there else None]
    assert all(one.end == following.start for one, following in pairwise(found))
