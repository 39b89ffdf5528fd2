"""DIRAC's habits at the shell, on the example installation."""

from __future__ import annotations

import getpass
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.command_line import Answer, failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("example")

ME = getpass.getuser()
ON_CE = ("--element=Resource", "--name=fjord-ce1")
WHY = "--reason=Smoke in the hall"


def dirac(*arguments: str) -> Answer:
    done = gridmask("dirac", *arguments)
    assert done.code == 0, done
    return done


def status(vo: str, name: str = "fjord-ce1") -> set[str]:
    rows: list[dict[str, Any]] = gridmask("status", "list", "--vo", vo, "--name", name, "--json").told["statuses"]
    return {row["status"] for row in rows}


# --- list-status


def test_rows_of_a_vo_are_listed_as_dirac_lists_rows() -> None:
    assert dirac("list-status", "--element=Site", "--VO=comet").out == (
        "\n"
        "Selection parameters:\n"
        "  element        : Site\n"
        "  VO             : comet\n"
        "\n"
        "Name       | StatusType | Status | ElementType | TokenOwner |\n"
        "==============================================================\n"
        "FJORD-T1   | all        | Active | Site        | rs_svc     |\n"
        "GLACIER-T2 | all        | Active | Site        | rs_svc     |\n"
        "TUNDRA-T2  | all        | Active | Site        | rs_svc     |\n"
        "\n"
    )


def test_a_column_that_is_chosen_by_is_not_told_again() -> None:
    chosen = ("--name=fjord-disk,fjord-ce1", "--status=Active", "--elementType=StorageElement", "--VO=all")
    told = dirac("list-status", "--element", "Resource", *chosen, "--json").told
    assert told["columns"] == ["StatusType", "TokenOwner"]
    assert [row[0] for row in told["rows"]] == ["CheckAccess", "ReadAccess", "RemoveAccess", "WriteAccess"]


def test_rows_of_several_vos_say_whose_they_are() -> None:
    told = dirac("list-status", *ON_CE, "--json").told
    assert told["columns"][-1] == "VO"
    assert [row[-1] for row in told["rows"]] == ["all", "aurora"]


def test_a_vo_is_asked_for_by_any_of_its_names() -> None:
    dirac("set-status", *ON_CE, "--status=Banned", WHY, "--VO=aur")
    [row] = dirac("list-status", *ON_CE, "--VO=aurora-experiment", "--tokenOwner", ME, "--json").told["rows"]
    assert row == ["all", "Banned", "ComputingElement"]
    assert "No output" in dirac("list-status", *ON_CE, "--VO=comet", "--status=Banned").out


def test_nothing_is_guessed() -> None:
    assert "no VO called 'nobody'" in failing("dirac", "list-status", "--element=Site", "--VO=nobody")
    assert "no status called 'Bad'" in failing("dirac", "list-status", "--element=Site", "--status=Bad")
    assert "not a unique prefix" in failing("dirac", "list-status", "--elem=Site", code=2)
    assert "none of Site, Resource, Node" in failing("dirac", "list-status", "--element=Sites", code=2)
    assert "--element" in failing("dirac", "list-status", code=2)


# --- set-status


def test_without_a_vo_everyone_is_meant() -> None:
    done = dirac("set-status", *ON_CE, "--status=Banned", WHY)
    assert done.out.startswith(f"TokenOwner is {ME}\n")
    assert done.lines("fjord-ce1 (all) of all: Banned")
    assert status("all") == status("aurora") == status("comet") == {"Banned"}


def test_with_a_vo_no_other_is_meant() -> None:
    dirac("set-status", *ON_CE, "--status=Banned", WHY, "--VO=comet", "--tokenOwner=shifter", "--days=0")
    assert (status("comet"), status("all"), status("borealis")) == ({"Banned"}, {"Active"}, {"Active"})
    assert gridmask("token", "list", "--owner=shifter").lines("fjord-ce1", "comet", "released")


def test_what_is_so_already_stays_whosever_it_is() -> None:
    dirac("set-status", *ON_CE, "--status=Banned", WHY, "--tokenOwner=somebody")
    done = dirac("set-status", "--element=Resource", "--name=fjord-ce1,tundra-ce1", "--status=Banned", WHY)
    assert done.lines("fjord-ce1 (all) is Banned already")
    assert status("all", "tundra-ce1") == {"Banned"}
    assert {row[-2] for row in dirac("list-status", *ON_CE, "--json").told["rows"]} == {"somebody"}


def test_what_a_vo_has_of_all_is_not_its_own_yet() -> None:
    dirac("set-status", "--element=Resource", "--name=fjord-fts", "--status=Banned", WHY, "--VO=all")
    dirac("set-status", "--element=Resource", "--name=fjord-fts", "--status=Banned", WHY, "--VO=comet")
    dirac("set-status", "--element=Resource", "--name=fjord-fts", "--status=Active", WHY, "--VO=all")
    assert (status("comet", "fjord-fts"), status("borealis", "fjord-fts")) == ({"Banned"}, {"Active"})


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (("--name=fjord-ce1,nowhere", "--status=Degraded"), "no element of the family Resource called 'nowhere'"),
        (("--name=nowhere,fjord-ce1", "--status=Active"), "no element of the family Resource called 'nowhere'"),
        (("--name=fjord-disk", "--statusType=ReadAccess,Nope", "--status=Active"), "called 'Nope'"),
        (("--name=GLACIER-T2", "--status=Banned"), "no element of the family Resource called 'GLACIER-T2'. Did"),
        (("--name=glacier-ce", "--status=Banned", "--VO=borealis"), "not offered to borealis"),
        (("--name=fjord-ce1", "--status=Bannned"), "no status called 'Bannned'"),
        (("--name=fjord-ce1", "--status=Banned", "--reason= "), "A reason is needed"),
    ],
)
def test_where_something_is_wrong_nothing_is_set(wrong: tuple[str, ...], problem: str) -> None:
    assert problem in failing("dirac", "set-status", "--element=Resource", WHY, *wrong)
    assert gridmask("token", "list").out == "Nobody holds any row.\n"


# --- set-token


def test_a_token_is_taken_and_released() -> None:
    on = ("--element=Resource", "--name=fjord-ce1,fjord-disk", "--VO=comet", WHY)
    taken = dirac("set-token", *on, "--days=2").out.splitlines()
    assert taken[0].startswith(f"New token: {ME} --- until 2")
    assert taken[1].startswith(f"fjord-ce1 (all) of comet: Active, {ME} until 2")
    assert len(taken) == 1 + 5
    released = dirac("set-token", *on, "--rel").out.splitlines()
    assert released[0] == "New token: rs_svc --- until 9999-12-31 23:59:59"
    assert gridmask("token", "list").out == "Nobody holds any row.\n"


def test_a_token_is_of_one_aspect_where_one_is_named() -> None:
    dirac("set-token", "--element=Resource", "--name=fjord-disk", "--statusType=ReadAccess,WriteAccess", WHY, "--VO=all")
    held = gridmask("token", "list", "--json").told["tokens"]
    assert {(row["status_type"], row["vo"]) for row in held} == {("ReadAccess", "all"), ("WriteAccess", "all")}


# --- query-db


COLUMNS = [
    *("name", "statustype", "status", "elementtype", "reason"),
    *("dateeffective", "lastchecktime", "tokenowner", "tokenexpiration", "vo"),
]


def test_a_table_is_shown_with_diracs_columns() -> None:
    told = dirac("query-db", "select", "resource", "status", "--name=fjord-ce1", "--VO=comet")
    head, rule, row, *_, last = told.out.rstrip().splitlines()
    assert [cell.strip() for cell in head.split("|")][:-1] == COLUMNS
    assert (len(rule), last) == (len(head) + 1, "select, matches: 1")
    assert row.startswith("fjord-ce1 | all        | Active")


def test_arguments_may_stand_among_options_in_whatever_case() -> None:
    told = dirac("query-db", "--name", "fjord-ce1", "SELECT", "--reason=No downtime", "Resource", "STATUS", "--json").told
    assert {row[0] for row in told["rows"]} == {"fjord-ce1"}
    assert dirac("query-db", "select", "site", "status", "--reason=Nothing").out == "\nselect, matches: 0\n\n"


def test_what_was_done_is_in_the_log_until_it_is_hidden() -> None:
    log = ("resource", "log", "--name=fjord-ce1", "--VO=comet")
    dirac("query-db", "modify", "resource", "status", "--name=fjord-ce1", "--VO=comet", "--status=degraded", "--reason=Slow")
    [row] = dirac("query-db", "select", *log, "--status=Degraded", "--json").told["rows"]
    assert (row[2], row[4], row[7]) == ("Degraded", "Slow", ME)
    assert "delete, matches: " in dirac("query-db", "delete", *log).out
    assert dirac("query-db", "select", *log, "--json").told["rows"] == []
    assert gridmask("status", "history", "fjord-ce1", "--vo", "comet").lines("Slow")


def test_to_modify_no_status_is_to_hold_what_there_is() -> None:
    dirac("query-db", "modify", "resource", "status", "--name=fjord-ce1", "--VO=comet")
    assert status("comet") == {"Active"}
    assert [token["vo"] for token in gridmask("token", "list", "--json").told["tokens"]] == ["comet"]
    dirac("query-db", "delete", "resource", "status", "--name=fjord-ce1", "--VO=comet")
    assert gridmask("token", "list").out == "Nobody holds any row.\n"


def test_a_status_type_is_asked_for_by_its_name() -> None:
    told = dirac("query-db", "select", "resource", "status", "--statusType=ReadAccess", "--VO=comet", "--json").told
    assert {row[1] for row in told["rows"]} == {"ReadAccess"}


@pytest.mark.parametrize(
    ("wrong", "problem", "code"),
    [
        (("add", "resource", "status", "--name=new", "--elementType=ComputingElement"), "called 'new'", 1),
        (("add", "resource", "log", "--name=fjord-ce1"), "nobody can write it", 1),
        (("delete", "resource", "status"), "Say what is meant", 1),
        (("delete", "site", "status", "--name=FJORD-T1"), "Nothing was deleted", 1),
        (("modify", "resource", "status"), "--name", 2),
        (("modify", "resource", "status", "--name=fjord-ce1", "--status=Active,Banned"), "one thing only", 2),
        (("modify", "resource", "status", "--name=fjord-ce1", "--tokenOwner=x"), "select and delete", 2),
        (("frob", "resource", "status"), "none of select, add, modify, delete", 2),
        (("select", "resource", "cache"), "none of Status, Log, History", 2),
        (("select", "resource"), "TABLE", 2),
    ],
)
def test_what_cannot_be_done_to_a_table_is_said(wrong: tuple[str, ...], problem: str, code: int) -> None:
    assert problem in failing("dirac", "query-db", *wrong, code=code)


# --- query-dtcache


D1 = ("--downtimeID=D1", "--name=ce1.tundra.example.org")


def test_a_downtime_is_taken_in_selected_and_withdrawn() -> None:
    when = ("--startDate=2020-01-01 10:00:00", "--endDate=2098-01-01")
    dirac("query-dtcache", "add", *D1, "--element=Service", *when, "--severity=Outage", "--description=Cooling is off")
    assert status("comet", "tundra-ce1") == {"Banned"}
    assert status("comet", "tundra-ce1") != status("comet", "fjord-ce1")
    told = dirac("query-dtcache", "select", "--ongoing", "--description=Cooling", "--json").told
    assert told["columns"] == [
        *("downtimeid", "element", "name", "startdate", "enddate"),
        *("severity", "description", "link", "dateeffective"),
    ]
    assert told["rows"][0][:6] == [
        *("D1", "Resource", "ce1.tundra.example.org"),
        *("2020-01-01T10:00:00", "2098-01-01T00:00:00", "OUTAGE"),
    ]
    assert dirac("query-dtcache", "delete", *D1).out == "\ndelete, matches: 1\n\n"
    assert status("comet", "tundra-ce1") == {"Active"}


def test_downtimes_of_sources_are_selected_by_when_they_are() -> None:
    assert dirac("query-dtcache", "select", "--startDate=2095-01-01").lines("fjord-disk", "Move to another hall")
    assert not dirac("query-dtcache", "select", "--endDate=2095-01-01").lines("fjord-disk")
    assert dirac("query-dtcache", "select", "--severity=Intermittent Outage").lines("glacier-ce")
    assert not dirac("query-dtcache", "select", "--severity=outage").lines("glacier-ce")
    assert dirac("query-dtcache", "delete", "--downtimeID=1004@fjord-disk").out == "\ndelete, matches: 0\n\n"


@pytest.mark.parametrize(
    ("wrong", "problem", "code"),
    [
        (("add", "--name=x"), "--downtimeID", 2),
        (("add", "--downtimeID=D2", "--name=x"), "needs a StartDate", 1),
        (("add", "--downtimeID=D2", "--name=x", "--startDate=soon"), "is no time", 2),
        (("add", *D1, "--startDate=2020-01-01", "--element=Node"), "neither Site", 2),
        (("add", *D1, "--startDate=2020-01-01", "--endDate=2019-01-01"), "end before it begins", 1),
        (("delete", *D1, "--ongoing"), "is for select", 2),
        (("modify", *D1), "none of select, add, delete", 2),
    ],
)
def test_what_is_no_downtime_is_refused(wrong: tuple[str, ...], problem: str, code: int) -> None:
    assert problem in failing("dirac", "query-dtcache", *wrong, code=code)


# --- sync and links


def test_inventories_alone_are_read_and_always() -> None:
    for more in ((), ("--element=Site", "--defaultStatus=Active")):
        assert [one["source"] for one in dirac("sync", *more, "--json").told["sources"]] == ["inventory"]
    assert "import dirac-db" in failing("dirac", "sync", "--init")


def test_links_are_programs_called_as_diracs_scripts(example: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    listed = dirac("links", "bin").out.split()
    assert "bin/dirac-rss-set-token" in listed
    assert len(listed) == len(list((example / "bin").iterdir())) == 6
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    script = [str(example / "bin" / "dirac-rss-list-status"), "--element=Site", "--name", "FJORD-T1", "--VO=comet"]
    done = subprocess.run(script, cwd=elsewhere, capture_output=True, text=True, timeout=60, check=True)
    assert "all        | Active | Site        | rs_svc     |" in done.stdout
    assert dirac("links", "bin").code == 0


def test_links_do_not_take_the_place_of_diracs_own(example: Path) -> None:
    (example / "bin").mkdir()
    own = example / "bin" / "dirac-rss-sync"
    own.write_bytes(b"#!/usr/bin/python\n")
    assert "something else" in failing("dirac", "links", "bin")
    assert list((example / "bin").iterdir()) == [own]
    dirac("links", "bin", "--force")
    assert own.read_text().startswith("#!/bin/sh")
