"""The database from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path


def test_a_database_is_made_and_checked(tmp_path: Path) -> None:
    at = ("--database", f"sqlite:///{tmp_path}/made/gridmask.db")
    assert gridmask("db", "upgrade", "--json", *at).told["before"] is None
    assert gridmask("db", "upgrade", *at).lines("as before")
    assert gridmask("db", "check", *at).out == "The database is as it should be.\n"


def test_a_database_without_a_schema_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    assert "Run: gridmask db upgrade" in failing("status", "list", "--database", f"sqlite:///{tmp_path}/empty.db")
