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
