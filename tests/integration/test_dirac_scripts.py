"""DIRAC's own scripts and the commands that are called as these: what both say of the same rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.command_line import gridmask
from tests.dirac_client import DiracClient, at_home

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
CE, SITE = "ce1.example.org", "LCG.Here.org"

_MENDED = """
import importlib, sys
from DIRAC.Core.Utilities import TimeUtilities
name, *sys.argv = sys.argv[1:]
script = importlib.import_module(f"DIRAC.ResourceStatusSystem.scripts.{name}")
def call(text):
    where = sys._getframe(1)
    return eval(text, where.f_globals, where.f_locals)
script.saferEval, TimeUtilities.toString = call, str
script.main()
"""
"""Runs a script that DIRAC 9.1 has no way to run: it has its query evaluated as if that were a literal."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DiracClient, str]]:
    """DIRAC's client, and the database of the server that it asks."""
    with at_home(tmp_path_factory.mktemp("dirac")) as (made, grid):
        yield made, grid.database


@pytest.fixture
def dirac(served: tuple[DiracClient, str]) -> DiracClient:
    """The client."""
    return served[0]


@pytest.fixture
def ours(served: tuple[DiracClient, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The database, at a place where no settings are found."""
    monkeypatch.chdir(served[0].folder)
    return served[1]


def command(database: str, *arguments: str) -> str:
    return gridmask("--database", database, "dirac", *arguments).out


@pytest.mark.parametrize(
    "chosen",
    [
        ("--element=Site",),
        ("--element=Resource",),
        ("--element=Resource", "--name", f"SE1,{CE}", "--status=Active"),
        ("--element=Resource", "--statusType=ReadAccess,WriteAccess", "--tokenOwner=rs_svc"),
        ("--element=Resource", "--elementT=FTS", "-o", "LogLevel=NOTICE"),
        ("--element=Site", "--status=Error"),
    ],
)
def test_rows_are_listed_to_the_letter_as_dirac_lists_them(dirac: DiracClient, ours: str, chosen: tuple[str, ...]) -> None:
    assert command(ours, "list-status", *chosen) == dirac.script("dirac-rss-list-status", *chosen)


def test_what_either_sets_the_other_lists(dirac: DiracClient, ours: str) -> None:
    on, listed = ("--element=Site", f"--name={SITE}"), ("--element=Site", "--status=Banned")
    told = command(ours, "set-status", *on, "--status=Banned", "--reason=Smoke.", "--tokenOwner=ciuser")
    assert (
        dirac.script("dirac-rss-set-status", *on, "--status=Banned", "--reason=Smoke.").splitlines()[:1]
        == told.splitlines()[:1]
    )
    assert SITE in (told_by_dirac := dirac.script("dirac-rss-list-status", *listed))
    assert command(ours, "list-status", *listed) == told_by_dirac
    released = dirac.script("dirac-rss-set-token", *on, "--reason=Done.", "--releaseToken")
    again = command(ours, "set-token", *on, "--reason=Done.", "--releaseToken")
    assert released.splitlines()[0].removesuffix(".999999") == again.splitlines()[0]


@pytest.mark.parametrize(
    ("script", "name", "arguments"),
    [
        ("dirac_rss_query_db", "query-db", ("select", "resource", "status", "--name", f"{CE}")),
        ("dirac_rss_query_db", "query-db", ("select", "site", "history")),
        ("dirac_rss_query_dtcache", "query-dtcache", ("select", "--element=Site", "--severity=OUTAGE")),
    ],
)
def test_tables_are_drawn_as_diracs_mended_scripts_draw_them(
    dirac: DiracClient, ours: str, script: str, name: str, arguments: tuple[str, ...]
) -> None:
    when = ("--startDate=2020-01-01", "--endDate=2098-01-01 10:00:00", "--description=x", "--severity=OUTAGE", "--link=y")
    command(ours, "query-dtcache", "add", "--downtimeID=D1", "--element=Site", "--name=elsewhere", *when)
    told = dirac.run(_MENDED, script, script, *arguments)
    drawn = command(ours, name, *arguments)
    assert re.sub(r"\n+NOTICE.*", "", told, flags=re.DOTALL) == re.sub(r"\n+select, .*", "", drawn, flags=re.DOTALL)


@pytest.mark.parametrize("name", ["list-status", "set-status", "set-token", "query-db", "query-dtcache", "sync"])
def test_every_option_of_a_script_is_one_of_its_command(dirac: DiracClient, name: str) -> None:
    own = dirac.script(f"dirac-rss-{name}", "--help").partition("\nOptions:\n")[2]
    ours = gridmask("dirac", name, "--help").out
    wanted = set(re.findall(r"^  -\S* +--(\w+)", own, re.MULTILINE)) - UNUSED.get(name, set())
    assert wanted
    assert wanted <= set(re.findall(r"--(\w+)", ours))


UNUSED = {"query-db": {"element", "tableType"}}
"""What scripts list and do not look at: they take these as arguments."""
