from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.command_line import failing, gridmask
from tests.dirac_db import layout
from tests.diracx import DiracX, allowed, banned, serving, token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWN = "aurora"  # has a policy on downtimes of its own, and so rows
COLUMNS = "Name, Status, Reason, DateEffective, ElementType"


@pytest.fixture
def dirac(example: Path) -> str:
    """A copy of DIRAC's tables, which sees one of the example's computing elements otherwise."""
    with closing(sqlite3.connect(example / "dirac.db")) as connection:
        for statement in layout(families=("Resource",), vo=True, file=True):
            connection.execute(statement)
        for name, status in (("fjord-ce1", "Banned"), ("fjord-ce2", "Active")):
            row = f"('{name}', '{status}', 'power', '2026-01-01 00:01:00', 'ComputingElement')"
            connection.execute(f"INSERT INTO ResourceStatus ({COLUMNS}) VALUES {row}")
        connection.commit()
    return f"sqlite:///{example / 'dirac.db'}"


@pytest.fixture
def diracx(example: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DiracX]:
    """A DiracX that answers users of a VO of the example's; ``GRIDMASK_TEST_URL`` is where."""
    del example
    app = DiracX(token(vo="aurora"))
    monkeypatch.setenv("GRIDMASK_DIRACX_TOKEN", app.token)
    with serving(app) as url:
        monkeypatch.setenv("GRIDMASK_TEST_URL", url)
        yield app


def asked(*options: str) -> tuple[str, ...]:
    import os  # noqa: PLC0415 - for this alone

    return ("compare", "diracx", os.environ["GRIDMASK_TEST_URL"], *options)


def test_what_differs_is_told_with_both_reasons_and_an_exit_code(dirac: str) -> None:
    answer = gridmask("compare", "dirac-db", dirac)

    assert answer.code == 1
    assert answer.lines("only here", "ComputingElement fjord-ce1", "DIRAC: power | Gridmask: ")
    assert answer.lines("Left out:")


def test_the_same_as_json_with_what_matters_alone(dirac: str) -> None:
    told = gridmask("compare", "dirac-db", dirac, "--only-usable-differences", "--json").told
    one = next(difference for difference in told["differences"] if difference["name"] == "fjord-ce1")

    assert (one["theirs"]["status"], one["theirs"]["since"], one["usability"]) == ("Banned", "2026-01-01T00:01:00Z", True)
    assert all(difference["usability"] for difference in told["differences"])
    assert told["differing_in_usability"] == len(told["differences"])


def test_as_a_vo_sees_it_what_it_is_not_offered_is_left_out(dirac: str) -> None:
    told = gridmask("compare", "dirac-db", dirac, "--vo", "comet", "--json").told

    assert told["not_offered"] == [{"type": "ComputingElement", "name": "fjord-ce2"}]


def test_after_an_import_dirac_says_nothing_else(dirac: str) -> None:
    gridmask("import", "dirac-db", dirac)
    told = gridmask("compare", "dirac-db", dirac, "--json").told

    assert told["compared"]
    assert [one for one in told["differences"] if one["theirs"]] == []


def test_over_time_the_hours_are_told(dirac: str) -> None:
    answer = gridmask("compare", "dirac-db", dirac, "--since", "-30d", "--longer-than", "0s")
    told = gridmask("compare", "dirac-db", dirac, "--since", "-30d", "--longer-than", "0s", "--json").told

    assert answer.code == 1
    assert answer.lines("ComputingElement fjord-ce1", "DIRAC: power | Gridmask: ")
    assert ("fjord-ce1", "all", 1) in {(one["name"], one["vo"], len(one["spells"])) for one in told["disputes"]}


def test_what_was_short_is_passed_over(dirac: str) -> None:
    answer = gridmask("compare", "dirac-db", dirac, "--since", "-30d", "--longer-than", "1d")

    assert answer.code == 0
    assert answer.lines("they agreed about 4 rows", "up to 1 d")


@pytest.mark.parametrize("options", [("--since", "yesterday"), ("--longer-than", "5")])
def test_wrong_usage_has_its_own_exit_code(dirac: str, options: tuple[str, str]) -> None:
    failing("compare", "dirac-db", dirac, *options, code=2)


def test_what_diracx_tells_a_user_is_compared_with_the_mask_of_the_users_vo(diracx: DiracX) -> None:
    diracx.says["compute"] = {"fjord-ce1": {"all": banned("power")}, "fjord-ce2": {"all": allowed()}}
    told = gridmask(*asked("--json")).told
    one = next(difference for difference in told["differences"] if difference["name"] == "fjord-ce1")

    assert (one["vo"], one["theirs"]) == (
        "aurora",
        {"usable": False, "status": None, "reason": "power", "since": None, "row_of": "aurora"},
    )
    assert "fjord-ce2" not in {difference["name"] for difference in told["differences"]}


def test_a_file_can_hold_the_token(diracx: DiracX, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRIDMASK_DIRACX_TOKEN")
    (tmp_path / "token").write_text(diracx.token)

    assert gridmask(*asked("--token-file", str(tmp_path / "token"))).lines("nothing that could be compared")


def test_a_token_that_is_over_is_told_but_not_shown(diracx: DiracX) -> None:
    old, diracx.token = diracx.token, "another"

    assert "does not accept the token" in failing(*asked())
    assert old not in gridmask(*asked("--verbose")).err


def test_without_a_token_or_with_anothers_nothing_is_asked(diracx: DiracX, monkeypatch: pytest.MonkeyPatch) -> None:
    del diracx
    assert "a user of aurora" in failing(*asked("--vo", "comet"))
    monkeypatch.delenv("GRIDMASK_DIRACX_TOKEN")
    assert "--token-file" in failing(*asked())


def test_an_answer_of_something_else_is_told_with_its_place(diracx: DiracX) -> None:
    diracx.says["fts"] = {"detail": "x"}

    assert "/api/rss/fts: is not what DiracX answers" in failing(*asked())


def test_a_diracx_that_is_not_there_is_told(diracx: DiracX) -> None:
    del diracx.says["site"]
    assert "is not there" in failing(*asked())


def test_no_token_goes_over_plain_http(diracx: DiracX) -> None:
    said = failing("compare", "diracx", "http://diracx.example.org")

    assert "GRIDMASK_DIRACX_TOKEN: a token is sent by https only" in said
    assert diracx.token not in said
