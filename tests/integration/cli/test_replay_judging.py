"""Scores, comparisons, gates and proposals from the command line."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING
from xml.etree.ElementTree import parse

import pytest

from gridmask.recording import file as files
from tests import histories
from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path

AHEAD = """\
[guard]
enabled = false
[policy.declared-downtimes]
type = "downtime"
arguments = { lead = { default = "2h" } }
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a recording, the policies that it was made with, and others that act two hours ahead."""
    folder = tmp_path_factory.mktemp("judged")
    files.write(folder / "year.recording", histories.recording(folder, Random(3)))
    (folder / "tried").mkdir()
    (folder / "tried" / "all.toml").write_text(AHEAD, encoding="utf-8")
    return folder


def test_two_policy_sets_are_compared_in_every_form(place: Path, tmp_path: Path) -> None:
    reports: list[str | Path] = ["--report", tmp_path / "r.html", "--report", tmp_path / "r.json"]
    both: list[str | Path] = ["--policies", place / "tried", "--against", place / "policies"]
    told = gridmask("replay", place / "year.recording", *both, *reports, "--json").told
    was, would = (side["known"]["total"] for side in told["scores"])
    assert would["lost_ahead"] > was["lost_ahead"] == 0
    assert would["cut_off"] < was["cut_off"]
    written = json.loads((tmp_path / "r.json").read_bytes())
    assert {**written, "gates": []} == told
    assert "<h1>" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_those_of_then_are_what_it_was_made_with(place: Path) -> None:
    both: list[str | Path] = ["--policies", place / "policies", "--against", "then"]
    assert "No mask differs at any moment." in gridmask("replay", place / "year.recording", *both).out


def test_a_gate_that_is_not_passed_is_an_exit_code_and_a_junit_file(place: Path, tmp_path: Path) -> None:
    gates: list[str | Path] = [
        "--fail-if",
        "missed > 0 h",
        "--fail-if",
        "missed with hindsight > 0 %",
        "--junit",
        tmp_path / "j.xml",
    ]
    answer = gridmask("replay", place / "year.recording", "--policies", place / "policies", *gates)
    assert answer.code == 1
    assert len(answer.lines("FAILED: missed with hindsight > 0 %")) == len(answer.lines("passed: missed > 0 h")) == 1
    assert [parse(tmp_path / "j.xml").getroot().get(name) for name in ("tests", "failures")] == ["2", "1"]


def test_scores_tell_how_downtimes_were_announced(place: Path) -> None:
    told = gridmask("replay", place / "year.recording", "--policies", place / "policies", "--scores", "--json").told
    assert told["declarations"]["downtimes"] > 0
    assert told["scores"]["hindsight"]["total"]["late"] > 0


def test_proposals_are_made_and_nothing_is_changed(place: Path) -> None:
    answer = gridmask("replay", place / "year.recording", "--policies", place / "policies", "--proposals")
    assert answer.code == 0
    assert "Nothing" in answer.out.splitlines()[-1]


def test_what_cannot_be_judged_is_told_before_anything_is_done(place: Path, tmp_path: Path) -> None:
    assert "Did you mean 'missed'?" in failing("replay", place / "year.recording", "--fail-if", "mised > 1")
    reports: list[list[str]] = [["--report", "r.html"], ["--junit", "j.xml"], ["--against", "then", "--report", "r.txt"]]
    for wrong in (*reports, ["--scores", "--mask", "cms"]):
        failing("replay", place / "year.recording", *wrong, code=2)
    unwritable = tmp_path / "no" / "j.xml"
    gates: list[str | Path] = ["--policies", place / "policies", "--fail-if", "flaps > 1000", "--junit", unwritable]
    assert "cannot be written" in failing("replay", place / "year.recording", *gates, code=2)


def test_policy_tests_write_a_junit_file(tmp_path: Path) -> None:
    tests = tmp_path / "tests" / "one.test.toml"
    tests.parent.mkdir()
    (tmp_path / "all.toml").write_text("", encoding="utf-8")
    expected = '[[test]]\nname = "{}"\n[[test.at]]\ntime = "08:00"\nexpect = [{{ status = "{}" }}]\n'
    one = '[[element]]\nname = "ce"\n'
    tests.write_text(one + expected.format("right", "Active") + expected.format("wrong", "Banned"), encoding="utf-8")
    assert gridmask("policy", "test", tests, "--junit", tmp_path / "j.xml").code == 1
    cases = list(parse(tmp_path / "j.xml").getroot().iter("testcase"))
    assert [(case.get("name"), len(case)) for case in cases] == [("right", 0), ("wrong", 1)]
