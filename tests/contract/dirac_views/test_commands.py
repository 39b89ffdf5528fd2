"""The views from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path


def test_they_are_shown_made_and_dropped(server_url: str) -> None:
    at = ("--database", server_url)
    assert gridmask("db", "upgrade", *at).code == 0
    shown = gridmask("db", "views", "show", "--reader", "somebody", "--json", *at).told
    assert [s for s in shown["statements"] if "ResourceStatus" in s]
    assert all(grant.endswith(" TO somebody") for grant in shown["grants"])
    assert "\n-- GRANT SELECT ON " in gridmask("db", "views", "show", *at).out
    assert gridmask("db", "views", "drop", *at).out == "There are none.\n"
    made = gridmask("db", "views", "create", "--computing-type", "ComputeElement", *at).out
    assert made.startswith(f"The views SiteStatus to NodeHistory are in {shown['schema']}; computing elements are ")
    assert "called 'none'. There are" in failing("db", "views", "drop", "--schema", "none", *at)
    assert gridmask("db", "views", "drop", *at).out == f"Dropped the views in {shown['schema']}.\n"


def test_what_is_misspelt_is_told(tmp_path: Path) -> None:
    at = ("--database", f"sqlite:///{tmp_path}/gridmask.db")
    assert gridmask("db", "upgrade", *at).code == 0
    assert "This is SQLite" in failing("db", "views", "create", *at)
    assert "cannot be a schema's name" in failing("db", "views", "create", "--schema", "a b", *at)
    assert "of the server itself" in failing("db", "views", "show", "--schema", "mysql", *at)
    assert "Did you mean 'ComputeElement'" in failing("db", "views", "create", "--computing-type", "ComputElement", *at)
