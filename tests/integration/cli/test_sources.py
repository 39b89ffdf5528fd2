"""Reading sources from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import osg
from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path


def test_a_source_that_fails_is_told_and_the_others_are_read(example: Path) -> None:
    (example / "downtimes.xml").write_text("<html>Sorry</html>")
    answer = gridmask("sync")
    assert answer.code == 1
    assert answer.lines("inventory", "unchanged") or answer.lines("inventory", "read")
    assert answer.lines("downtimes: ", "Downtimes")
    assert gridmask("source", "list").lines("downtimes", "failing")
    assert gridmask("mask", "borealis", "--name", "fjord-tape").lines("Banned")


def test_taking_out_too_much_is_refused_unless_forced(example: Path) -> None:
    (example / "inventory.toml").write_text('[[site]]\nname = "FJORD-T1"\n')
    refused = gridmask("sync", "inventory")
    assert (refused.code, len(refused.lines("gridmask source quarantine inventory"))) == (1, 1)
    assert gridmask("mask", "aurora", "--name", "fjord-ce1").lines("Active")
    forced = gridmask("sync", "inventory", "--force", "--json").told["sources"]
    assert [(s["outcome"], s["removed"]) for s in forced] == [("read", 14)]
    assert gridmask("mask", "aurora", "--name", "fjord-ce1").lines("not known")


@pytest.mark.usefixtures("example")
def test_an_unknown_source_is_refused_with_a_suggestion() -> None:
    assert "Did you mean 'inventory'?" in failing("sync", "inventori")


def test_a_source_of_the_command_line_may_be_named_before_the_command(tmp_path: Path) -> None:
    (tmp_path / "osg.xml").write_bytes(osg.summary(osg.group("SITE", osg.resource("CE1", "CE"))))
    before = ("--source", f"osg-topology={tmp_path}/osg.xml", "--database", "ephemeral")
    answer = gridmask(*before, "inspect", "--once", "--json", "--source", f"osg-topology={tmp_path}/osg.xml")
    assert [source["source"] for source in answer.told["sources"]] == ["osg-topology", "osg-topology-2"]


@pytest.mark.usefixtures("example")
def test_a_source_is_wrong_usage_where_none_is_read() -> None:
    assert "this command reads no source" in failing("--source", "toml=x.toml", "vo", "list", code=2)


def quarantined(example: Path) -> str:
    """Have the inventory lose most of itself. Returns what the answer is called."""
    (example / "inventory.toml").write_text('[[site]]\nname = "FJORD-T1"\n')
    assert gridmask("sync", "inventory").code == 1
    [held] = gridmask("source", "quarantine", "--json").told["quarantine"]
    return str(held["sha256"])[:12]


@pytest.mark.usefixtures("example")
def test_where_nothing_is_in_quarantine_that_is_said() -> None:
    assert gridmask("source", "quarantine").out == "Nothing is in quarantine.\n"
    assert "There is no answer in quarantine called 'inventory'" in failing("source", "quarantine", "inventory")


def test_an_answer_in_quarantine_is_shown_with_what_it_would_change_and_accepted(example: Path) -> None:
    name = quarantined(example)
    assert gridmask("source", "list").lines("inventory", "quarantined")
    assert gridmask("source", "quarantine").lines("inventory", name, "held", "14")
    shown = gridmask("source", "quarantine", "inventory")
    assert shown.lines(f"The answer {name} of inventory would take out 14 of 15 (93%), more than the 20% allowed.")
    assert shown.lines("ComputingElement fjord-ce1", "at FJORD-T1")
    assert shown.lines(f"gridmask source accept inventory {name} --reason ...")
    (example / "inventory.toml").write_text('[[site]]\nname = "ANOTHER"\n')
    accepted = gridmask("source", "accept", "inventory", name, "--reason", "It is closed.", "--json")
    assert (accepted.code, accepted.told["removed"], accepted.told["records"]) == (0, 14, 1)
    assert gridmask("source", "quarantine").out == "Nothing is in quarantine.\n"
    assert gridmask("audit", "--action", "answer accepted").lines("inventory: It is closed.")


def test_an_answer_in_quarantine_is_dropped(example: Path) -> None:
    name = quarantined(example)
    dropped = gridmask("source", "drop", "inventory", name, "--reason", "A slip.")
    assert dropped.lines(f"Dropped {name} of inventory: what it said before stays in force.")
    assert gridmask("source", "quarantine", "inventory").lines("dropped it", "A slip.")
    assert "dropped this answer of inventory" in failing("source", "accept", "inventory", name, "--reason", "x")


def test_nothing_is_decided_about_what_was_not_seen(example: Path) -> None:
    name = quarantined(example)
    for verb in ("accept", "drop"):
        assert "Look at it before you decide" in failing("source", verb, "inventory", "0" * 12, "--reason", "x")
    assert gridmask("source", "quarantine").lines(name, "held")
