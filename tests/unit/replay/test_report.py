"""The report of a comparison stands alone, and says what it costs and gains."""

from __future__ import annotations

import re

import pytest

from gridmask.domain.status import Status
from gridmask.replay.comparison import compared
from gridmask.replay.measures import Unit
from gridmask.replay.numbers import difference, length, number, told
from gridmask.replay.report.axis import Axis
from gridmask.replay.report.page import page
from gridmask.testing import downtime, element, moment
from tests.unit.replay.lives import announced, by_hand, life, outage
from tests.unit.replay.test_comparison import AHEAD, beside

LIVED = life(announced("08:00", outage("10:00", "12:00", description="<script>alert(1)</script>")), vos=("cms",))


def test_the_page_needs_nothing_from_elsewhere() -> None:
    made = page(beside(LIVED))
    assert not re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?!#)[^#\"')]", made)
    assert "<script" not in made


def test_what_others_wrote_is_shown_as_it_is_written() -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page(beside(LIVED))


def test_it_says_what_it_gains_and_what_it_costs() -> None:
    made = page(compared(LIVED.outcome(), LIVED.outcome(AHEAD), ("at start", "1 h ahead")))
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", made))
    assert "What 1 h ahead gains 1 fewer resource-hours usable just before an outage" in text
    assert "What 1 h ahead costs 1 more resource-hours not usable without need" in text
    assert "Each hour gained costs 1 h." in text
    assert "core-hours" in text


def test_what_makes_no_difference_is_told() -> None:
    assert "no mask differs at any moment" in page(beside(life(by_hand("08:00", Status.BANNED))))


def test_the_page_is_the_same_for_the_same() -> None:
    assert page(beside(LIVED)) == page(beside(LIVED))


def test_the_page_of_very_many_elements_tells_of_some() -> None:
    many = tuple(element(f"ce{number}") for number in range(30))
    each = [announced("08:00", downtime("10:00", "12:00", one, record=one.key.name)) for one in many]
    lived = life(*each, elements=many)
    assert "18 others differ for less long" in page(beside(lived))


@pytest.mark.parametrize(
    ("since", "until", "labels"),
    [
        ("10:00", "11:00", ["10:00", "10:10", "10:20", "10:30", "10:40", "10:50", "11:00"]),
        ("22:00", "2026-08-22T02:00", ["22:00", "23:00", "22 Aug", "01:00", "02:00"]),
        ("2020-01-01T00:00", "2026-01-01T00:00", ["2020", "2021", "2022", "2023", "2024", "2025", "2026"]),
    ],
)
def test_an_axis_names_a_few_moments(since: str, until: str, labels: list[str]) -> None:
    assert [tick.label for tick in Axis(moment(since), moment(until)).ticks] == labels


def test_numbers_are_as_long_as_matters() -> None:
    assert [number(n) for n in (0, 1.234, 12.34, 1234.5, 26_458_991)] == ["0", "1.2", "12.3", "1,234", "26.5 million"]
    assert [length(s) for s in (5, 90, 5400, 180_000)] == ["5 s", "1.5 min", "1.5 h", "2.1 d"]
    assert [difference(d, Unit.HOURS) for d in (0.001, -2, 3)] == ["=", "\N{MINUS SIGN}2 h", "+3 h"]
    assert told(None, Unit.HOURS) == "\N{EN DASH}"
