from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.downtime import (
    Announcement,
    Difference,
    Downtime,
    DowntimeKey,
    Impact,
    Interval,
    difference,
    ends_or_starts,
    is_over,
    takes_back,
)
from gridmask.domain.evidence import DOWNTIME
from gridmask.testing import downtime, element, moment
from tests.unit.domain.strategies import NOON, downtimes, intervals, minutes

HOUR = timedelta(hours=1)
CE, SE = element("ce"), element("se")
DOWN = downtime("10:00", "12:00", CE)
Known = dict[DowntimeKey, Downtime]

lists = st.lists(downtimes(NOON, ("feed",)), max_size=4).map(lambda listed: {d.key: d for d in listed})


def by_key(*listed: Downtime) -> Known:
    return {d.key: d for d in listed}


# --- Intervals


def test_an_interval_begins_with_its_start_and_ends_before_its_end() -> None:
    interval = Interval(moment("10:00"), moment("12:00"))
    assert interval.contains(moment("10:00"))
    assert not interval.contains(moment("12:00"))
    assert not interval.contains(moment("09:59"))


def test_an_open_interval_never_ends() -> None:
    interval = Interval(moment("10:00"))
    assert interval.contains(moment("2031-01-01T00:00"))
    assert interval.overlaps(moment("2031-01-01T00:00"), moment("2031-01-01T00:00"))


@pytest.mark.parametrize("end", ["10:00", "12:00"])
def test_an_interval_that_ends_before_or_as_it_begins_has_no_moments(end: str) -> None:
    interval = Interval(moment("12:00"), moment(end))
    assert not any(interval.contains(moment(time)) for time in ("10:00", "11:00", "12:00"))
    assert not interval.overlaps(moment("09:00"), moment("13:00"))


@given(intervals(NOON), minutes(-120, 120), minutes(0, 180))
def test_overlapping_is_having_a_moment_in_common(interval: Interval, ahead: timedelta, length: timedelta) -> None:
    since = NOON + ahead
    sampled = (since + timedelta(minutes=m) for m in range(0, length // timedelta(minutes=1) + 1, 5))
    assert interval.overlaps(since, since + length) is any(map(interval.contains, sampled))


@given(intervals(NOON), minutes(0, 120), minutes(-240, 360))
def test_between_two_turning_points_nothing_turns(interval: Interval, lead: timedelta, ahead: timedelta) -> None:
    now = NOON + ahead
    turns = ends_or_starts(interval, lead, now) or now + timedelta(days=1)
    moments = [now + (turns - now) * part / 4 for part in range(4)]
    assert turns > now
    assert len({(interval.contains(m), interval.overlaps(m, m + lead)) for m in moments}) == 1


def test_a_lead_that_reaches_beyond_the_calendar_is_not_followed() -> None:
    ancient = Interval(datetime(1, 1, 2, tzinfo=UTC), moment("12:00"))
    assert ends_or_starts(ancient, timedelta(days=30), moment("10:00")) == moment("12:00")


# --- Evidence


def test_a_downtime_is_evidence_about_each_element_that_it_names() -> None:
    announced = downtime("10:00", "12:00", CE, SE, vo="cms", record="7")
    found = announced.evidence(moment("09:00"))
    assert [(e.key.about, e.key.source, e.key.record) for e in found] == [(CE.key, "feed", "7"), (SE.key, "feed", "7")]
    assert {(e.kind, e.value, e.vo, e.observed_at) for e in found} == {(DOWNTIME, announced, "cms", moment("09:00"))}


@pytest.mark.parametrize("end", ["12:00", None])
def test_a_downtime_counts_until_its_announced_end(end: str | None) -> None:
    (found,) = downtime("10:00", end, CE).evidence(moment("09:00"))
    assert found.valid_until == (end and moment(end))


def test_impacts_are_ordered_from_least_to_most() -> None:
    assert Impact.NONE < Impact.WARNING < Impact.OUTAGE


# --- Lists of downtimes


@pytest.mark.parametrize("change", [Difference((DOWN,)), Difference((), (DOWN,)), Difference((), (), (DOWN.key,))])
def test_a_difference_is_one_if_anything_differs(change: Difference) -> None:
    assert change
    assert not Difference()


def test_what_is_new_is_added_and_what_reads_otherwise_is_edited() -> None:
    old, new, same = (downtime("10:00", end, CE, record="1") for end in ("12:00", "14:00", "12:00"))
    other = downtime("10:00", "12:00", SE, record="2")
    assert difference(by_key(old), Announcement(by_key(new, other)), NOON) == Difference(added=(other,), edited=(new,))
    assert not difference(by_key(old), Announcement(by_key(same)), NOON)


def test_what_is_listed_no_longer_was_withdrawn() -> None:
    ongoing, future = downtime("10:00", None, CE, record="1"), downtime("14:00", "15:00", CE, record="2")
    assert difference(by_key(ongoing, future), Announcement({}), NOON).withdrawn == (ongoing.key, future.key)


@pytest.mark.parametrize(
    ("after", "back"),
    [
        ({"end": "13:00"}, False),  # sooner over, but not yet
        ({"end": "12:00"}, True),
        ({"end": None}, False),
        ({"start": "12:30"}, True),
        ({"start": "09:00"}, False),
        ({"targets": ()}, True),
        ({"targets": (CE, element("b"))}, False),
        ({"vo": "cms"}, True),
        ({"description": "Longer than we thought"}, False),
    ],
)
def test_a_version_that_ends_or_moves_or_names_less_takes_back_what_was_announced(after: dict[str, Any], back: bool) -> None:  # noqa: FBT001
    told: dict[str, Any] = {"start": "10:00", "end": "14:00", "targets": (CE,)} | after
    start, end, targets = told.pop("start"), told.pop("end"), told.pop("targets")
    assert takes_back(downtime("10:00", "14:00", CE), downtime(start, end, *targets, **told), NOON) is back


@pytest.mark.parametrize(
    ("start", "end", "back"), [("14:00", "15:00", False), ("18:00", "20:00", True), ("10:00", "11:00", True)]
)
def test_what_is_to_come_may_move_as_long_as_it_overlaps(start: str, end: str, back: bool) -> None:  # noqa: FBT001
    assert takes_back(downtime("13:00", "18:00", CE), downtime(start, end, CE), NOON) is back


def test_of_what_is_over_nothing_is_taken_back() -> None:
    assert not takes_back(downtime("10:00", "11:00", CE), downtime("09:00", "10:00"), NOON)


def test_what_is_over_and_listed_no_longer_was_not_withdrawn() -> None:
    over = downtime("10:00", "12:00", CE)
    assert is_over(over, NOON)
    assert not is_over(over, NOON - timedelta.resolution)
    assert not difference(by_key(over), Announcement({}), NOON)


def test_a_record_that_cannot_be_read_stands_as_it_was() -> None:
    known = downtime("10:00", "14:00", CE)
    assert not difference(by_key(known), Announcement({}, unreadable=frozenset({known.key})), NOON)


def test_a_list_in_which_records_cannot_be_identified_withdraws_nothing() -> None:
    known, new = downtime("10:00", "14:00", CE, record="1"), downtime("10:00", "14:00", CE, record="2")
    assert difference(by_key(known), Announcement(by_key(new), conclusive=False), NOON) == Difference(added=(new,))


@given(lists, lists)
def test_a_list_after_its_difference_is_the_other_list(known: Known, listed: Known) -> None:
    change = difference(known, Announcement(listed), NOON)
    after = {key: d for key, d in known.items() if key not in change.withdrawn} | by_key(*change.added, *change.edited)
    assert {key: d for key, d in after.items() if not is_over(d, NOON)} == {
        key: d for key, d in listed.items() if not is_over(d, NOON)
    }
    assert listed.items() <= after.items()


@given(lists)
def test_a_list_that_says_the_same_changes_nothing(known: Known) -> None:
    assert not difference(known, Announcement(dict(reversed(known.items()))), NOON)
