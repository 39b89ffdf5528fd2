from __future__ import annotations

import tomllib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.domain.measurements import Point, Series
from gridmask.domain.status import Status
from gridmask.policies.files import rule as made
from gridmask.rules import BUILT_IN, WindowedCount
from gridmask.testing import moment
from tests.documentation import ROOT
from tests.unit.rules.trying import known, told, tried

if TYPE_CHECKING:
    from random import Random

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = moment("12:00")
WORDS = {"g": "ok", "b": "error", "w": "warning", "-": "unknown"}
A, D, B, U = Status.ACTIVE, Status.DEGRADED, Status.BANNED, Status.UNKNOWN


def series(text: str, spacing: timedelta = DAY, name: str = "days") -> Series:
    """A letter a point, the last of them now."""
    first = NOW - (len(text) - 1) * spacing
    return Series(name, tuple(Point(first + n * spacing, WORDS[letter]) for n, letter in enumerate(text)))


def pack(file: str, policy: str) -> WindowedCount:
    """The rule of a policy in an example pack."""
    table = tomllib.loads((ROOT / "examples" / "packs" / file / "vo" / "cms.toml").read_text())["policy"][policy]
    found = made(table["type"], table["arguments"])
    assert isinstance(found, WindowedCount)
    return found


def found(rule: WindowedCount, text: str, spacing: timedelta = DAY, name: str = "") -> Status | None:
    return tried(rule, *known(series(text, spacing, name or rule.series[0]))).status


# --- The published procedures


@pytest.mark.parametrize(
    ("days", "status"),
    [
        ("ggg", A),
        ("ggb", A),
        ("gbb", D),
        ("bgb", D),
        ("bggb", A),
        ("gbbg", D),
        ("gbbgg", A),
        ("gbbgbg", D),
        ("gbb-g-g", A),
        ("gbb---", D),
        ("gbbwww", D),
        ("b-b", D),
        ("b--b", A),
        ("---", U),
    ],
)
def test_cms_drains_at_two_bad_days_in_three_and_returns_at_two_good_ones_in_a_row(days: str, status: Status) -> None:
    assert found(pack("prod", "prod-readiness"), days) is status


@pytest.mark.parametrize(
    ("days", "status"),
    [
        ("bbbb", A),
        ("bbbbb", B),
        ("bbbbbgg", B),
        ("bbbbbggg", A),
        ("bbbbbgggb", B),
        ("bggbggbggbggb", B),
        ("bgggbgggbgggbgggb", A),
    ],
)
def test_cms_has_a_waiting_room_from_the_fifth_bad_day_in_fourteen(days: str, status: Status) -> None:
    assert found(pack("prod", "life-waiting-room"), days) is status


@pytest.mark.parametrize(
    ("days", "status"),
    [("ggg", A), ("bbg", A), ("gbb", A), ("gbbb", B), ("g-b-b-b", B), ("gbbbg", A), ("bbb---", B), ("gbwb", B)],
)
def test_crab_needs_one_good_day_in_the_last_three_that_are_known(days: str, status: Status) -> None:
    assert found(pack("crab", "crab-test-jobs"), days) is status


@pytest.mark.parametrize(
    ("policy", "periods", "status"),
    [
        ("rucio-no-new-data", "bbb", A),
        ("rucio-no-new-data", "bbbb", B),
        ("rucio-no-new-data", "bbbbggg", B),
        ("rucio-no-new-data", "bbbbgggg", A),
        ("rucio-no-new-data", "bbb" + "g" * 9 + "b", A),
        ("rucio-no-new-data", "bbb" + "g" * 8 + "b", B),
        ("rucio-parked", "b" * 7, A),
        ("rucio-parked", "b" * 8, B),
        ("rucio-parked", "b" * 8 + "g" * 7, B),
        ("rucio-parked", "b" * 8 + "g" * 8, A),
        ("rucio-parked-reading", "b" * 8, D),
        ("rucio-disabled", "bbbg" * 21 + "b" * 20, A),
        ("rucio-disabled", "bbbg" * 21 + "b" * 21, B),
        ("rucio-disabled", "bbbg" * 21 + "b" * 21 + "g" * 11, B),
        ("rucio-disabled", "bbbg" * 21 + "b" * 21 + "g" * 12, A),
        ("rucio-dependable", "b" * 12 + "g" * 108, A),
        ("rucio-dependable", "b" * 12 + "g" * 107 + "-", D),
        ("rucio-dependable", "g" * 119, U),
    ],
)
def test_rucio_allows_less_the_more_bad_periods_there_are(policy: str, periods: str, status: Status) -> None:
    assert found(pack("rucio", policy), periods, 6 * HOUR) is status


# --- The rule


TWO_OF_THREE = WindowedCount(window=3 * DAY)


@pytest.mark.parametrize(("days", "status"), [("gbb", B), ("gbbg", B), ("gbbgg", A), ("gbb--------", B)])
def test_without_a_row_of_good_ones_it_ends_as_soon_as_there_are_fewer_bad_ones(days: str, status: Status) -> None:
    assert found(TWO_OF_THREE, days, name="days") is status


@pytest.mark.parametrize(
    ("values", "status"),
    [((0.79, 0.79), B), ((0.79, 0.8), A), ((0.8, 0.89), U), ((0.9, 1), A), ((float("nan"), float("nan")), U)],
)
def test_numbers_are_bad_below_one_threshold_and_good_from_another(values: tuple[float, ...], status: Status) -> None:
    points = tuple(Point(NOW - n * DAY, value) for n, value in enumerate(values))
    assert tried(TWO_OF_THREE, *known(Series("sam", points))).status is status


def test_what_is_called_both_is_bad() -> None:
    assert found(WindowedCount(bad=("*r*",), good=("*",), window=3 * DAY), "bb", name="days") is B


def test_only_the_series_that_are_named_count_and_the_worst_decides() -> None:
    measured = known(series("gg", name="sam-a"), series("bb", name="sam-b"), series("bb", name="other"))
    assert tried(WindowedCount(series=("sam-a",), window=3 * DAY), *measured).status is A
    assert tried(WindowedCount(series=("sam-*",), window=3 * DAY), *measured).status is B
    assert tried(WindowedCount(series=("none",), window=3 * DAY), *measured).status is None


def test_points_of_the_future_count_from_then_on() -> None:
    ahead = Series("days", (Point(NOW, "bad"), Point(NOW + HOUR, "bad")))
    before, after = (tried(TWO_OF_THREE, *known(ahead), at=at) for at in ("12:59", "13:00"))
    assert (before.status, before.until, after.status, after.until) == (A, NOW + HOUR, B, None)


def test_it_says_what_it_counted() -> None:
    rule = WindowedCount(window=3 * DAY, good_in_a_row=2)
    assert told(rule, series("gbb")) == (
        "days: 2 bad of the last 72 hours, 0 good in a row since; 2 since 2026-08-21 12:00 UTC, 2 good in a row end it."
    )
    assert told(rule, series("gg")) == "days: 0 bad of the last 72 hours, 2 good in a row since; 2 bad would be too many."
    assert told(rule, series("-")) == "days has 0 points that are bad or good: at least 1 are needed."


RULES = st.sampled_from(
    [
        TWO_OF_THREE,
        WindowedCount(window=3 * DAY, good_in_a_row=2),
        WindowedCount(points=4, bad_count=3, good_in_a_row=1),
        WindowedCount(window=5 * DAY, points=3, bad_count=2, good_in_a_row=3),
    ]
)
texts = st.text("gbw-", min_size=1, max_size=16)


@given(RULES, texts, st.data())
def test_what_turns_bad_is_never_better_for_it(rule: WindowedCount, text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    before, after = found(rule, text, name="days"), found(rule, text[:at] + "b" + text[at + 1 :], name="days")
    assert before is U or (before is not None and after is not None and after <= before)


@given(RULES, texts, st.randoms(use_true_random=False))
def test_the_order_of_points_does_not_matter(rule: WindowedCount, text: str, chance: Random) -> None:
    made = series(text)
    shuffled = Series(made.name, tuple(chance.sample(made.points, len(made.points))))
    assert tried(rule, *known(made)) == tried(rule, *known(shuffled))


@given(RULES, texts, st.text("w-", max_size=9))
def test_points_that_say_nothing_change_nothing(rule: WindowedCount, text: str, nothing: str) -> None:
    assert found(rule, text, name="days") is found(rule, text + nothing, name="days")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"window": DAY, "bad_count": 0}, "bad_count: must be 1 or more"),
        ({}, "window, points: say how far back to count"),
        ({"points": 2, "bad_count": 3}, r"bad_count \(3\) is more than the 2 points"),
        ({"points": 2, "bad_below": 0.95}, r"bad_below \(0.95\) is more than good_from \(0.9\)"),
    ],
)
def test_arguments_without_sense_are_refused(arguments: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        WindowedCount(**arguments)  # type: ignore[arg-type]  # of several types


def test_policies_call_it_windowed_count() -> None:
    assert BUILT_IN["windowed-count"] is WindowedCount
