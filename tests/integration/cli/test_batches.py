"""What is held, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import osg
from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
database = "sqlite:///gridmask.db"
policies = "policies"
[[source]]
name = "osg"
kind = "osg-topology"
url = "rgsummary.xml"
[[source]]
name = "feed"
kind = "osg-downtimes"
url = "rgdowntime.xml"
"""
OPEN = {"StartTime": "Jan 01, 2026 00:00 AM UTC", "EndTime": "Jan 01, 2100 00:00 AM UTC"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An installation that holds what its feed announced: all four elements are down."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "all.toml").write_text("[guard]\ndeclared_number = 2\n")
    names = [f"CE{number}" for number in range(4)]
    (tmp_path / "rgsummary.xml").write_bytes(osg.summary(osg.group("SITE", *(osg.resource(name, "CE") for name in names))))
    (tmp_path / "rgdowntime.xml").write_bytes(osg.downtimes())
    config = tmp_path / "gridmask.toml"
    config.write_text(SETTINGS)
    assert gridmask("sync", "--config", config).code == 0
    down = (osg.downtime(str(n), name, **OPEN) for n, name in enumerate(names))
    (tmp_path / "rgdowntime.xml").write_bytes(osg.downtimes(*down))
    assert gridmask("sync", "--config", config).code == 0
    return config


def test_what_is_held_is_listed_shown_and_confirmed(config: Path) -> None:
    [batch] = gridmask("batch", "list", "--config", config, "--json").told["batches"]
    assert gridmask("batch", "list", "--config", config).lines(batch["id"], "source feed", "4", "held")
    shown = gridmask("batch", "show", batch["id"], "--config", config)
    assert shown.lines("ComputingElement CE1", "Active", "Banned")
    confirmed = gridmask("batch", "confirm", batch["id"], "-r", "It is true.", "--config", config)
    assert confirmed.out == f"Confirmed {batch['id']}: 4 rows changed.\n"
    assert gridmask("batch", "list", "--config", config).out == "Nothing is held.\n"
    assert gridmask("batch", "list", "--all", "--config", config).lines(batch["id"], "confirmed")


def test_why_says_that_it_is_held(config: Path) -> None:
    out = gridmask("status", "why", "CE1", "--config", config).out
    assert "is Active" in out
    assert "Automation asks for Banned: too much would be taken at once." in out


def test_a_batch_that_is_dropped_leaves_all_as_it_is(config: Path) -> None:
    [batch] = gridmask("batch", "list", "--config", config, "--json").told["batches"]
    assert gridmask("batch", "drop", batch["id"], "-r", "A mistake.", "--config", config).code == 0
    assert not gridmask("status", "list", "--status", "Banned", "--config", config).lines("CE1")
    assert "was dropped" in gridmask("status", "why", "CE1", "--config", config).out


def test_a_batch_that_is_not_there_is_told(config: Path) -> None:
    assert "There is no batch called 'x'" in failing("batch", "show", "x", "--config", config)
