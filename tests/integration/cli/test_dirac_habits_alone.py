"""How the commands of ``gridmask dirac`` take what DIRAC's scripts take, and draw what these draw."""

from __future__ import annotations

from datetime import datetime
from getopt import GetoptError

import pytest
import typer

from gridmask.cli.dirac import app
from gridmask.cli.dirac.drawing import table
from gridmask.cli.dirac.habits import Habits, written_out
from gridmask.cli.dirac.links import COMMANDS
from gridmask.cli.dirac.options import ending, family, listed, moment, statuses
from gridmask.dirac_rpc.tables import FOREVER

LONGS = ["help", "element=", "elementType=", "name=", "days=", "releaseToken", "VO=", "database=", "json"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["--element=Site", "--name=A,B"], ["--element=Site", "--name=A,B"]),
        (["--element", "Site", "--VO", "cms"], ["--element=Site", "--VO=cms"]),
        (["--nam", "A", "--rel"], ["--name=A", "--releaseToken"]),
        (["select", "--name", "A", "site"], ["--name=A", "--", "select", "site"]),
        (["--name=--odd"], ["--name=--odd"]),
        (["-c", "grid.toml", "-v"], ["-c", "grid.toml", "-v"]),
        (["--name="], ["--name="]),
        (["--da=2"], ["--days=2"]),
        (["--database", "a", "--json"], ["--database=a", "--json"]),
        (["--", "--name"], ["--", "--name"]),
    ],
)
def test_options_are_written_out_as_getopt_reads_them(given: list[str], meant: list[str]) -> None:
    assert written_out(given, LONGS) == meant


@pytest.mark.parametrize("wrong", ["--elem=Site", "--nope", "-x", "--name", "--releaseToken=yes"])
def test_what_is_unknown_or_could_be_several_is_refused(wrong: str) -> None:
    with pytest.raises(GetoptError):
        written_out([wrong], LONGS)


def test_what_configures_dirac_is_of_no_effect_and_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert written_out(["-ddd", "-o", "LogLevel=DEBUG", "--cfg=a.cfg", "--cert=yes", "--name=A"], LONGS) == ["--name=A"]
    assert capsys.readouterr().err.endswith(": --cert, --cfg, -d, -o.\n")


def test_every_script_of_diracs_has_its_command() -> None:
    group = typer.main.get_group(app.app)
    assert isinstance(group, Habits)
    assert set(group.commands) == {*COMMANDS, "links"}


def test_lists_have_commas_and_name_nothing_twice() -> None:
    assert (listed("A, B,,A"), listed(None)) == (["A", "B"], None)
    with pytest.raises(typer.BadParameter):
        listed(" , ")


def test_families_and_statuses_are_known_in_whatever_case() -> None:
    assert (family("site"), family("Node")) == ("Site", "Node")
    assert statuses("banned,Active") == ["Banned", "Active"]
    with pytest.raises(typer.BadParameter):
        family("Component")


def test_moments_are_in_utc_unless_they_say_otherwise() -> None:
    assert moment("2026-08-21 17:00:05") == datetime(2026, 8, 21, 17, 0, 5)  # noqa: DTZ001 - as DIRAC has it
    assert moment("2026-08-21T17:00+02:00") == datetime(2026, 8, 21, 15)  # noqa: DTZ001 - as DIRAC has it
    for wrong in ("yesterday", "0001-01-01T00:00+02:00"):
        with pytest.raises(typer.BadParameter):
            moment(wrong)


@pytest.mark.parametrize("days", [0, -1])
def test_no_days_are_forever(days: int) -> None:
    now = datetime(2026, 8, 21)  # noqa: DTZ001 - as DIRAC has it
    assert ending(now, days) == FOREVER
    assert ending(now, 2) == datetime(2026, 8, 23)  # noqa: DTZ001 - as DIRAC has it


def test_a_table_is_drawn_with_numbers_to_the_right() -> None:
    drawn = table(("Name", "N"), [("ce1", "1,000"), ("ce22", 7), ("two\nlines", None)])
    assert drawn == (
        "Name      | N     |\n====================\nce1       | 1,000 |\nce22      |     7 |\ntwo lines |       |\n"
    )


def test_a_table_without_rows_says_so() -> None:
    assert table(("Name",), []) == "No output\n"
