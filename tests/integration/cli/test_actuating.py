"""Actuators from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path

INVENTORY = '[[site]]\nname = "EXAMPLE-T2"\n[[site.resource]]\nname = "se01"\ntype = "StorageElement"\n'
SETTINGS = """
[[source]]
name = "ours"
kind = "toml"
url = "inventory.toml"

[vo.cms]

[[feed]]
name = "sites"
vo = "CMS"
form = "usable-sites"
file = "sites.json"
"""


@pytest.fixture
def config(tmp_path: Path) -> tuple[str, Path]:
    """What makes a command look at an installation with a feed."""
    (tmp_path / "inventory.toml").write_text(INVENTORY)
    settings = tmp_path / "gridmask.toml"
    settings.write_text(f'database = "sqlite:///{tmp_path}/gridmask.db"\n{SETTINGS}')
    assert gridmask("sync", "--config", settings).code == 0
    return "--config", settings


def test_a_plan_tells_what_would_be_written_and_writes_nothing(config: tuple[str, Path]) -> None:
    (line,) = gridmask(*config, "actuate", "plan", "sites").lines("sites.json")
    assert "content nothing" in line
    assert "due" in line
    assert not config[1].with_name("sites.json").exists()


def test_a_run_writes_it_and_leaves_no_drift(config: tuple[str, Path]) -> None:
    assert gridmask(*config, "actuate", "run", "sites", "--reason", "now").out == "All is as the mask says.\n"
    assert json.loads(config[1].with_name("sites.json").read_bytes())[0]["name"] == "EXAMPLE-T2"
    assert "All was as the mask says at" in gridmask(*config, "actuate", "drift", "sites").out
    (line,) = gridmask(*config, "actuate", "list").lines("sites")
    assert line.split()[:6] == ["sites", "feed", "cms", "good", "1", "1"]


def test_the_same_is_told_to_programs(config: tuple[str, Path]) -> None:
    told = gridmask(*config, "--json", "actuate", "plan", "sites").told
    assert (told["actuator"]["state"], told["drift"][0]["state"]) == ("new", "due")


def test_what_is_not_there_is_told(config: tuple[str, Path]) -> None:
    assert "Did you mean 'sites'?" in failing(*config, "actuate", "plan", "site")
    settings = config[1]
    settings.write_text(settings.read_text().replace('"sites"\nvo', '"pages"\nvo'))
    assert "The settings in force have no actuator 'pages'" in failing(*config, "actuate", "run", "pages", "-r", "x")


def test_without_actuators_that_is_said(config: tuple[str, Path]) -> None:
    settings = config[1]
    settings.write_text(settings.read_text().partition("[[feed]]")[0])
    assert "no actuators" in gridmask(*config, "actuate", "list").out
