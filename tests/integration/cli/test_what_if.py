"""Trying policies and evidence before they count."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests import osg
from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path

SPACE = """
[policy.space]
type = "free-space"
match = { type = "WebDAV", status_type = "WriteAccess" }
arguments = { banned_below = "1 TB", degraded_below = "5 TB" }
"""
FULL = {
    "kind": "space",
    "about": {"type": "WebDAV", "name": "SE1"},
    "value": {"total": 1e15, "free": 1e11},
    "observed_at": "2026-08-21T17:00:00Z",
    "valid_until": "2099-01-01T00:00:00Z",
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An installation of two elements; a policy says how full storage may be."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "all.toml").write_text(SPACE)
    listed = osg.group("SITE", osg.resource("CE1", "CE"), osg.resource("SE1", "WebDAV"))
    (tmp_path / "rgsummary.xml").write_bytes(osg.summary(listed))
    (tmp_path / "rgdowntime.xml").write_bytes(osg.downtimes())
    config = tmp_path / "gridmask.toml"
    config.write_text(
        'database = "sqlite:///gridmask.db"\npolicies = "policies"\n'
        '[[source]]\nname = "osg"\nkind = "osg-topology"\nurl = "rgsummary.xml"\n'
        '[[source]]\nname = "feed"\nkind = "osg-downtimes"\nurl = "rgdowntime.xml"\n'
    )
    assert gridmask("sync", "--config", config).code == 0
    return config


def test_other_policies_are_tried_and_nothing_is_changed(config: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "all.toml").write_text('[policy.closed]\ntype = "always"\narguments = { status = "Banned" }\n')
    answer = gridmask("policy", "what-if", tmp_path / "other", "--config", config)
    assert answer.lines("ComputingElement CE1", "Active", "Banned")
    assert answer.out.endswith("6 rows would be others: 6 Banned. Nothing was changed.\n")
    assert not gridmask("status", "list", "--status", "Banned", "--config", config).lines("CE1")


def test_other_evidence_is_tried(config: Path, tmp_path: Path) -> None:
    (tmp_path / "full.json").write_text(json.dumps({"measurements": [FULL]}))
    told = gridmask("policy", "what-if", "--evidence", tmp_path / "full.json", "--config", config, "--json").told["would"]
    assert [(one["name"], one["status_type"], one["status"], one["would_be"]) for one in told] == [
        ("SE1", "WriteAccess", "Active", "Banned")
    ]


def test_what_is_as_it_is_says_so(config: Path) -> None:
    assert gridmask("policy", "what-if", config.parent / "policies", "--config", config).out == "Nothing would change.\n"


def test_there_must_be_something_to_try(config: Path, tmp_path: Path) -> None:
    assert "Name a directory of policy files" in failing("policy", "what-if", "--config", config)
    assert "No such file" in failing("policy", "what-if", "--evidence", tmp_path / "x", "--config", config)
    (tmp_path / "bad.json").write_text(json.dumps({"measurements": [{**FULL, "kind": "x"}]}))
    assert "there is no 'x'" in failing("policy", "what-if", "--evidence", tmp_path / "bad.json", "--config", config)
