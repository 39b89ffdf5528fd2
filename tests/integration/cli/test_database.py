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


def test_the_sizes_of_a_database_are_told(tmp_path: Path) -> None:
    at = ("--database", f"sqlite:///{tmp_path}/gridmask.db")
    gridmask("db", "upgrade", *at)
    shown = gridmask("db", "stats", *at)
    assert shown.lines("changes", "0", "KiB")
    assert shown.lines("In the last 30 days, rows changed 0 times")
    told = gridmask("db", "stats", "--json", *at).told
    assert {"table": "vos", "rows": 0}.items() <= next(one for one in told["tables"] if one["table"] == "vos").items()
    assert told["figures"]["pages"] > 0


def test_what_need_not_be_kept_is_told_and_dropped(tmp_path: Path) -> None:
    at = ("--database", f"sqlite:///{tmp_path}/gridmask.db")
    gridmask("db", "upgrade", *at)
    assert len(gridmask("db", "tidy", "--dry-run", *at).lines(": 0 to ")) == 10
    told = gridmask("db", "tidy", "--json", *at).told
    assert told == {"dry_run": False, "dropped": dict.fromkeys(TABLES, 0), "snapshots": 0}


TABLES = (
    *("sweeps", "decisions", "deliveries", "outbox", "evidence", "idempotency_keys"),
    *("dirac_records", "snapshots", "recorded_events"),
)


def test_to_tidy_a_database_that_is_not_there_says_so(tmp_path: Path) -> None:
    failing("db", "tidy", "--database", f"sqlite:///{tmp_path}/none.db")
    assert not (tmp_path / "none.db").exists()
