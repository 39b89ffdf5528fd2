"""Timelines and availability on the command line."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from tests.command_line import failing, gridmask

pytestmark = pytest.mark.usefixtures("example")


def test_a_timeline_shows_stretch_by_stretch_what_a_vo_saw() -> None:
    assert gridmask("status", "set", "Banned", "fjord-ce1", "--reason", "Fire", "--vo", "borealis").code == 0
    answer = gridmask("status", "timeline", "fjord-ce1", "--vo", "borealis", "--from", "-1h")
    assert answer.lines("not known", "-")
    assert answer.lines("Banned", "borealis", "Fire")
    assert not gridmask("status", "timeline", "fjord-ce1", "--from", "-1h").lines("Banned")
    [line] = gridmask("status", "timeline", "fjord-ce1", "--vo", "borealis", "--json").told["timelines"]
    assert line["stretches"][-1]["status"] == "Banned"


def test_a_misspelt_element_is_told_with_a_suggestion() -> None:
    assert "Did you mean 'fjord-ce1'?" in failing("status", "timeline", "fjord-ce11")


def test_availability_is_a_table_of_elements() -> None:
    answer = gridmask("availability", "borealis", "--from", "-1h", "--type", "ComputingElement")
    assert answer.out.splitlines()[0].split()[:4] == ["site", "element", "availability", "reliability"]
    assert answer.lines("ComputingElement fjord-ce1")


def test_availability_comes_as_csv_and_json_too() -> None:
    options = ("availability", "borealis", "--from", "-2d", "--by", "day")
    rows = list(csv.DictReader(StringIO(gridmask(*options, "--csv").out)))
    told = gridmask(*options, "--json").told
    assert len(rows) == sum(len(line["periods"]) for line in told["lines"])
    assert {row["name"] for row in rows} == {line["name"] for line in told["lines"]}
    assert [line["site"] for line in told["lines"]] == sorted(line["site"] for line in told["lines"])


def test_what_was_not_there_in_all_that_time_is_told_in_words() -> None:
    answer = gridmask("availability", "borealis", "--from", "2020-01-01", "--to", "2020-02-01", "--by", "month")
    assert answer.out == "The mask showed nothing of that in all that time.\n"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--from", "+1h"), "is still to come"),
        (("--from", "-1h", "--to", "-2h"), "before it begins"),
    ],
)
def test_a_time_that_is_none_is_refused(options: tuple[str, ...], told: str) -> None:
    assert told in failing("availability", "borealis", *options)


def test_csv_and_json_exclude_each_other() -> None:
    assert "exclude each other" in failing("availability", "borealis", "--from", "-1h", "--csv", "--json", code=2)
