"""From DIRAC to Gridmask and back, by the commands of the guide: docs/how-to/cut-over-from-dirac.md."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from tests import dirac_own
from tests.command_line import gridmask
from tests.dirac_db import START, DiracDb, layout
from tests.dirac_db import row as said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import MariaDB

pytestmark = pytest.mark.mariadb

INVENTORY = """
[[site]]
name = "EXAMPLE-T2"
resource = [
  { name = "ce1", type = "ComputingElement" },
  { name = "disk", type = "StorageElement" },
]
"""
SETTINGS = """
database = "sqlite:///gridmask.db"
policies = "policies"
[[source]]
name = "inventory"
kind = "toml"
url = "inventory.toml"
[vo.lhcb]
"""
OBSERVING = """
[automation]
mode = "observe-only"
"""
POLICIES = """
[policy.full]
type = "always"
match = { name = "disk", status_type = "WriteAccess" }
arguments = { status = "Banned" }
"""
ACCESSES = ("ReadAccess", "WriteAccess", "CheckAccess", "RemoveAccess")


@pytest.fixture
def dirac(fresh_mariadb: str) -> DiracDb:
    """DIRAC's database, as DIRAC itself makes it where DIRAC is."""
    own = os.environ.get("GRIDMASK_TEST_DIRAC")
    tables = dirac_own.tables("ResourceStatusDB") if own else layout(families=("Site", "Resource"), vo=True)
    made = DiracDb(fresh_mariadb)
    rows = [said("disk", "Active", ElementType="StorageElement", StatusType=access) for access in ACCESSES]

    async def fill() -> None:
        await made.run(*tables)
        await made.add("ResourceStatus", *rows, said("ce1", "Active"))
        await made.add("ResourceStatus", said("ce1", "Banned", VO="lhcb"))
        await made.add("SiteStatus", said("EXAMPLE-T2", "Active", ElementType="LCG"))

    asyncio.run(fill())
    return made


@pytest.fixture
def folder(tmp_path: Path, dirac: DiracDb, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The new installation's folder, where its settings are found."""
    (tmp_path / "policies" / "vo").mkdir(parents=True)
    (tmp_path / "gridmask.toml").write_text(SETTINGS)
    (tmp_path / "inventory.toml").write_text(INVENTORY)
    (tmp_path / "policies" / "all.toml").write_text(OBSERVING + POLICIES)
    (tmp_path / "policies" / "vo" / "lhcb.toml").write_text(OBSERVING)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRIDMASK_DIRAC_DB", dirac.url.replace("mysql+asyncmy", "mysql"))
    yield tmp_path
    structlog.reset_defaults()


def done(*arguments: str) -> Any:  # noqa: ANN401 - whatever the JSON holds
    """What a command that must go well tells."""
    answer = gridmask(*arguments, "--json")
    assert answer.code == 0, answer
    return answer.told


def differing(*options: str) -> set[tuple[str, str, str]]:
    """Where readers see different things: name, and what is said there and here."""
    told = gridmask("compare", "dirac-db", "--only-usable-differences", *options, "--json").told
    return {(one["name"], one["theirs"]["status"], one["ours"]["status"]) for one in told["differences"]}


def in_dirac(dirac: DiracDb, mariadb: MariaDB, sql: str) -> str:
    """What DIRAC's database answers to its own client."""
    return mariadb.execute(f"USE {dirac.url.rpartition('/')[2].partition('?')[0]}; {sql}")


def switch(folder: Path, before: str, after: str) -> None:
    """Have automation go as far as ``after``."""
    for policies in (folder / "policies").rglob("*.toml"):
        policies.write_text(policies.read_text().replace(before, after))
    assert gridmask("inspect", "--once").code == 0


def test_there_and_back(folder: Path, dirac: DiracDb, mariadb: MariaDB) -> None:
    # in its shadow: what DIRAC says is served, what automation would do is only said
    done("sync")
    done("import", "dirac-db", "--management", "")
    assert gridmask("inspect", "--once").code == 0
    assert gridmask("compare", "dirac-db").code == 0
    assert differing("--opinions") == {("disk", "Active", "Banned")}

    # DIRAC goes on meanwhile, and is followed
    at = (START + timedelta(days=1)).isoformat(sep=" ")
    in_dirac(
        dirac, mariadb, f"UPDATE ResourceStatus SET Status = 'Banned', DateEffective = '{at}' WHERE VO = 'all' AND Name = 'ce1'"
    )
    assert differing() == {("ce1", "Banned", "Active")}
    done("import", "dirac-db", "--management", "")
    assert gridmask("compare", "dirac-db").code == 0

    # the day: automation may act, and so do people
    cutover = datetime.now(UTC).isoformat()
    switch(folder, "observe-only", "full")
    assert differing() == {("disk", "Active", "Banned")}
    gridmask("status", "set", "Degraded", "ce1", "--reason", "It's \\ slow", "--until", "+2d")

    # and back
    switch(folder, "full", "observe-only")
    script = gridmask("export", "dirac-sql", "--since", cutover)
    assert script.code == 0
    in_dirac(dirac, mariadb, script.out)
    assert gridmask("compare", "dirac-db").code == 0
    asked = "SELECT TokenOwner, Reason FROM ResourceStatus WHERE Name = 'ce1' AND VO = 'all'"
    owner, reason = in_dirac(dirac, mariadb, asked).split("\t")
    assert (owner != "rs_svc", reason) == (True, "It's \\\\ slow")  # as the client shows a backslash


def test_what_has_nothing_to_return_is_told_as_json(folder: Path, dirac: DiracDb) -> None:
    del folder, dirac
    done("sync")
    done("import", "dirac-db", "--management", "")
    told = done("export", "dirac-sql")

    assert (told["rows"], told["unchanged"], told["left_out"]) == ([], 7, [])
