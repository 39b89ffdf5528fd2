"""VOs that come and go, from the command line."""

from __future__ import annotations

from typing import Any

import pytest

from tests.command_line import failing, gridmask

pytestmark = pytest.mark.usefixtures("example")


def listed() -> dict[str, dict[str, Any]]:
    """What is told of each VO, by its name."""
    return {vo["vo"]: vo for vo in gridmask("vo", "list", "--json").told["vos"]}


def test_they_are_listed_with_their_aliases_everyone_first() -> None:
    assert list(listed()) == ["all", "aurora", "borealis", "comet"]
    assert listed()["aurora"]["aliases"] == ["aur", "aurora-experiment"]
    assert gridmask("vo", "list").lines("aurora", "aur, aurora-experiment")


def test_one_that_is_added_sees_what_everyone_sees() -> None:
    answer = gridmask("vo", "add", "Drift", "--reason", "It begins.")
    assert answer.out == "Added the VO drift: 0 rows of its own began, for which policies call.\n"
    assert gridmask("mask", "drift", "--name", "fjord-ce1").lines("Active")


def test_one_that_is_there_is_not_added_again() -> None:
    assert "There is a VO 'aurora' already, which 'aur' is another name of." in failing("vo", "add", "Aur")


@pytest.mark.parametrize("name", ["not a name", "all"])
def test_not_everything_can_be_a_vos_name(name: str) -> None:
    failing("vo", "add", name)


def test_one_that_is_retired_takes_along_what_is_held_for_it() -> None:
    gridmask("vo", "add", "drift")
    gridmask("status", "set", "Banned", "fjord-ce1", "--reason", "Smoke", "--vo", "drift")
    told = gridmask("vo", "retire", "drift", "--reason", "It ended.", "--json").told
    assert (told["vo"], told["ended"], len(told["held_by"])) == ("drift", 1, 1)
    assert "There is no VO called 'drift'" in failing("mask", "drift")
    assert gridmask("db", "check").code == 0


def test_one_that_is_retired_is_told_of_and_can_return() -> None:
    gridmask("vo", "add", "drift")
    answer = gridmask("vo", "retire", "DRIFT", "--reason", "It ended.")
    assert answer.out == "Retired the VO drift: 0 rows of its own ended. Its history stays.\n"
    assert (listed()["drift"]["revision"], bool(listed()["drift"]["retired_at"])) == (None, True)
    assert gridmask("vo", "list").lines("drift", str(listed()["drift"]["retired_at"])[:10])
    gridmask("vo", "add", "drift")
    assert listed()["drift"]["retired_at"] is None


def test_one_that_the_settings_name_is_not_retired() -> None:
    told = failing("vo", "retire", "aur", "--reason", "It ended.")
    assert "gridmask.toml names the VO 'aurora'" in told
    assert "Take [vo.aurora] out of it first." in told


@pytest.mark.parametrize(("name", "told"), [("drift", "no VO called 'drift'"), ("all", "stands for everyone")])
def test_who_is_not_there_or_is_everyone_is_not_retired(name: str, told: str) -> None:
    assert told in failing("vo", "retire", name, "--reason", "Why not.")
