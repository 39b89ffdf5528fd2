"""Commands beside somebody who operates the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path

READING = (
    ("status", "list"),
    ("status", "why", "fjord-tape"),
    ("status", "history", "fjord-tape"),
    ("downtime", "list", "--versions"),
    ("mask", "aurora"),
    ("source", "list"),
    ("vo", "list"),
    ("policy", "list"),
    ("db", "check"),
)
"""Commands that only look."""


def test_looking_leaves_the_database_as_it_is(unconfigured: str, database: Path) -> None:
    before = database.read_bytes()
    for command in READING:
        assert gridmask(*command, "--database", unconfigured).code == 0, command
    assert database.read_bytes() == before
    assert list(database.parent.iterdir()) == [database]


@pytest.mark.parametrize("command", [*READING, ("status", "set", "Banned", "x", "-r", "y")])
def test_a_database_that_is_not_there_is_not_made_by_looking(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert "There is no database" in failing(*command, "--database", f"sqlite:///{tmp_path}/none.db")
    assert list(tmp_path.iterdir()) == []


def test_there_is_nothing_to_see_in_an_ephemeral_database() -> None:
    assert "nothing in it to look at" in failing("status", "list", "--database", "ephemeral")


@pytest.mark.parametrize("command", ["sync", "inspect", "serve"])
def test_an_operated_database_is_not_taken_over_by_accident(unconfigured: str, example: Path, command: str) -> None:
    source = ("--source", f"toml={example / 'inventory.toml'}")
    assert "operated with other settings" in failing(command, "--database", unconfigured, *source)
    assert len(gridmask("source", "list", "--database", unconfigured, "--json").told["sources"]) == 2


def test_a_settings_file_takes_over_by_inspecting_and_not_by_syncing(example: Path) -> None:
    (example / "policies" / "vo" / "aurora.toml").unlink()
    assert "other policies" in failing("sync")
    assert gridmask("inspect", "--once").code == 0
    assert gridmask("mask", "aurora", "--name", "glacier-ce").lines("Degraded")


def test_a_visitor_decides_by_what_is_in_force(unconfigured: str) -> None:
    at = ("--database", unconfigured)
    gridmask("status", "set", "Active", "glacier-ce", "--vo", "aurora", "-r", "Try", *at)
    released = gridmask("token", "release", "glacier-ce", "--vo", "aurora", "--json", *at).told
    assert [row["status"] for row in released["statuses"]] == ["Banned"]
    assert gridmask("db", "check", *at).code == 0


def test_types_that_the_settings_declare_hold_for_visitors_too(tmp_path: Path) -> None:
    (tmp_path / "i.toml").write_text('[[site]]\nname = "S"\n[[site.resource]]\nname = "x"\ntype = "Robot"\n')
    config, at = tmp_path / "c.toml", ("--database", f"sqlite:///{tmp_path}/x.db")
    declared = '[type.Robot]\nstatus_types = ["Arm", "Leg"]\n'
    config.write_text(f'[[source]]\nname = "i"\nkind = "toml"\nurl = "i.toml"\n{declared}')
    assert gridmask("sync", "--config", config, *at).code == 0
    assert len(gridmask("status", "set", "Banned", "x", "-r", "Rust", *at).lines("is Banned for all")) == 2
    assert len(gridmask("status", "list", "--name", "x", "--json", *at).told["statuses"]) == 2
