"""Which settings a command finds, and what it says of wrong ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path


def test_settings_are_found_by_option_by_environment_and_by_place(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gridmask("vo", "list").lines("aurora", "aurora-experiment")
    (example / "else").mkdir()
    monkeypatch.chdir(example / "else")
    assert "There is no database gridmask.db yet" in failing("vo", "list")
    assert gridmask("vo", "list", "--config", example / "gridmask.toml").code == 0
    assert gridmask("-c", example / "gridmask.toml", "vo", "list").code == 0
    monkeypatch.setenv("GRIDMASK_CONFIG", str(example / "gridmask.toml"))
    assert gridmask("vo", "list").code == 0


def test_settings_that_are_not_there_are_named() -> None:
    assert "nowhere.toml: No such file" in failing("vo", "list", "--config", "nowhere.toml")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("databse = 1", "databse: there is no such key; did you mean 'database'?"),
        ("[server]\nport = 99999", "server.port: "),
        ("[server]\nport = \n", "(at line 2, column 8)"),
    ],
)
def test_settings_that_are_wrong_are_told_with_their_place(tmp_path: Path, written: str, told: str) -> None:
    (tmp_path / "bad.toml").write_text(written)
    said = failing("vo", "list", "--config", tmp_path / "bad.toml")
    assert told in said
    assert "bad.toml: " in said


def test_policies_that_are_wrong_stop_those_who_would_put_them_into_force_alone(example: Path) -> None:
    (example / "policies" / "all.toml").write_text("[policy.x]\ntype = 'downtim'")
    assert "did you mean 'downtime'?" in failing("sync")
    assert gridmask("status", "list").code == 0
