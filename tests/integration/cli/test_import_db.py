from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.command_line import failing, gridmask
from tests.dirac_db import layout

if TYPE_CHECKING:
    from pathlib import Path

SAID = "('{name}', '{status}', 'why', '2026-01-01 00:0{minute}:00', 'FTS', '{owner}')"


@pytest.fixture
def dirac(example: Path) -> str:
    """A copy of DIRAC's tables, with one FTS server that no inventory lists."""
    rows = [SAID.format(name="fts1", status=status, minute=minute, owner=owner) for status, minute, owner in PAST]
    with closing(sqlite3.connect(example / "dirac.db")) as connection:
        for statement in layout(families=("Resource",), vo=True, file=True):
            connection.execute(statement)
        for table, some in (("ResourceLog", rows), ("ResourceStatus", rows[-1:])):
            columns = "Name, Status, Reason, DateEffective, ElementType, TokenOwner"
            connection.execute(f"INSERT INTO {table} ({columns}) VALUES {', '.join(some)}")
        connection.commit()
    return f"sqlite:///{example / 'dirac.db'}"


PAST = [("Active", 1, "rs_svc"), ("Active", 2, "rs_svc"), ("Banned", 3, "averyveryverylon")]


def test_the_report_tells_what_was_read_and_what_came_of_it(dirac: str) -> None:
    answer = gridmask("import", "dirac-db", dirac)

    assert answer.lines("ResourceLog")[0].split() == ["ResourceLog", "3", "2"]
    assert answer.lines("2 entries of the history; 1 rows set (1 held by people)")
    assert answer.lines("owner may be cut", "averyveryverylon")
    assert answer.lines("not in the inventory", "FTS fts1")


def test_the_same_as_json(dirac: str) -> None:
    told = gridmask("import", "dirac-db", dirac, "--json").told

    assert (told["entries"], told["rows"], told["tried_only"]) == (2, 1, False)
    assert told["tables"]["ResourceLog"] == {"records": 3, "entries": 2}
    assert {remark["about"] for remark in told["remarks"]} == {
        "not in the inventory",
        "owner may be cut",
    }


def test_the_history_tells_of_what_no_inventory_lists(dirac: str) -> None:
    gridmask("import", "dirac-db", dirac)
    history = gridmask("status", "history", "fts1", "--json").told["changes"]

    assert [(change["new"], change["actor"], change["revision"]) for change in history[1:]] == [
        ("Banned", "dirac", 0),
        ("Active", "dirac", 0),
    ]
    assert gridmask("status", "history", "fts1").lines("- ", "dirac", "Active > Banned")


def test_what_is_only_tried_is_not_kept(dirac: str) -> None:
    assert gridmask("import", "dirac-db", dirac, "--dry-run").lines("only tried")
    assert gridmask("import", "dirac-db", dirac, "--json").told["entries"] == 2


def test_a_whole_name_can_be_given(dirac: str) -> None:
    answer = gridmask("import", "dirac-db", dirac, "--owner", "averyveryverylon=averyveryverylongname")

    assert not answer.lines("owner may be cut")


def test_the_url_can_come_from_the_environment(dirac: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDMASK_DIRAC_DB", dirac)

    assert gridmask("import", "dirac-db", "--json").told["entries"] == 2


def test_what_says_nothing_of_an_owner_is_told(dirac: str) -> None:
    assert "CUT=WHOLE" in failing("import", "dirac-db", dirac, "--owner", "x")


def test_a_database_that_is_none_of_diracs_is_told(database: Path) -> None:
    assert "no ResourceStatusDB" in failing("import", "dirac-db", f"sqlite:///{database}")


def test_the_check_finds_nothing_after_it(dirac: str) -> None:
    gridmask("import", "dirac-db", dirac)

    assert gridmask("db", "check").code == 0
