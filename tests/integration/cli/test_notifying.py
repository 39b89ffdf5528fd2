"""Who would be notified, and what actions could not tell, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path

INVENTORY = """
[[site]]
name = "EXAMPLE-T2"
[[site.resource]]
name = "ce01"
type = "ComputingElement"
[[site.resource]]
name = "se01"
type = "StorageElement"
"""
SETTINGS = """
[[source]]
name = "ours"
kind = "toml"
url = "inventory.toml"

[mail]
port = 1
sender = "gridmask@example.org"

[address.desk]
url_variable = "DESK_URL_THAT_IS_NOT_SET"

[[notify]]
name = "daily"
to = ["boss@example.org"]
digests = ["08:00"]

[[notify]]
name = "storage"
to = ["desk", "boss@example.org"]
on = { match = { type = "Storage*", status_type = "WriteAccess" }, severity = ["lost"] }
"""


@pytest.fixture
def config(tmp_path: Path) -> tuple[str, Path]:
    (tmp_path / "inventory.toml").write_text(INVENTORY)
    file = tmp_path / "gridmask.toml"
    file.write_text(SETTINGS)
    gridmask("sync", "--config", file)
    return "--config", file


def test_who_would_be_told_is_explained_and_why_others_not(config: tuple[str, Path]) -> None:
    shown = gridmask("notify", "explain", "se01", "-s", "WriteAccess", *config)
    assert shown.lines("StorageElement se01 WriteAccess for all: Active -> Banned (lost)")
    assert shown.lines("daily", "boss@example.org", "a digest")
    assert shown.lines("storage", "desk", "gathered until")
    assert shown.lines("storage", "boss@example.org", "daily tells them already")
    told = gridmask("notify", "explain", "ce01", "--status", "Active", "--json", *config).told["changes"]
    assert [one["why"] for one in told[0]["notified"]] == [
        "it is other, not better or lost or regained or worse",
        "it is other, not lost",
    ]


def test_a_test_message_tells_whether_it_could_be_sent(config: tuple[str, Path]) -> None:
    answer = gridmask("notify", "test", "storage", *config)
    assert answer.code == 1
    assert answer.lines("desk", "the environment variable DESK_URL_THAT_IS_NOT_SET is not set")
    assert answer.lines("boss@example.org", "127.0.0.1:1: takes no mail")
    assert "Did you mean 'storage'?" in failing("notify", "test", "storag", *config)


def test_actions_are_listed_and_decided_about(config: tuple[str, Path]) -> None:
    assert [line.split()[0] for line in gridmask("actions", "list", *config).lines("good")] == [
        "boss@example.org",
        "desk",
        "notify",
    ]
    assert gridmask("actions", "failed", *config).out == "Everything could be told.\n"
    assert gridmask("actions", "retry", "desk", "--all", "-r", "a try", *config).out.startswith("To be tried again: nothing")
    assert "no failure of desk called 'x'" in failing("actions", "drop", "desk", "x", "-r", "a try", *config)
    assert "or say that all of it is meant" in failing("actions", "drop", "desk", "-r", "a try", *config)
