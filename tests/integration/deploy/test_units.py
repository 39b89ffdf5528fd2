"""The units for systemd: they can be read, start commands that there are, and keep these from what they need not do."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from gridmask.cli.app import app
from tests.documentation import ROOT, commands

FOLDER = ROOT / "deploy" / "systemd"
UNITS = sorted(unit.name for unit in FOLDER.glob("*.service"))
INSTALLED = "/opt/gridmask/bin/gridmask"
OURS = Path(sys.executable).with_name("gridmask")
AT_MOST = 15
"""Tenths of an exposure of 10, as `systemd-analyze security` counts it; a service that is not kept from anything has 96."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The units, which start the Gridmask that is tested."""
    for unit in UNITS:
        (tmp_path / unit).write_text((FOLDER / unit).read_text().replace(INSTALLED, str(OURS)))
    return tmp_path


def analyze(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is missing; on Debian: apt-get install systemd")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, cwd=folder)


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_can_read_it(folder: Path, unit: str) -> None:
    done = analyze(folder, "verify", "--man=no", str(folder / unit))
    assert (done.returncode, [line for line in done.stderr.splitlines() if unit in line]) == (0, [])


@pytest.mark.parametrize("unit", UNITS)
def test_it_is_kept_from_what_it_need_not_do(folder: Path, unit: str) -> None:
    done = analyze(folder, "security", "--offline=true", f"--threshold={AT_MOST}", "--no-pager", str(folder / unit))
    assert done.returncode == 0, done.stdout[-300:]


@pytest.mark.parametrize("unit", UNITS)
def test_it_starts_a_command_that_there_is(unit: str) -> None:
    (line,) = re.findall(r"^ExecStart=(.*)$", (FOLDER / unit).read_text(), re.MULTILINE)
    program, *words = shlex.split(line)
    all_of_them = dict(commands(typer.main.get_command(app)))
    arguments = words if " ".join(("gridmask", words[0])) in all_of_them else words[1:]
    there = all_of_them[" ".join(("gridmask", *words[: len(words) - len(arguments) + 1]))]
    known = {option for parameter in there.params for option in parameter.opts}
    assert program == INSTALLED
    assert {argument for argument in arguments if argument.startswith("-")} <= known


def test_all_units_are_kept_from_the_same() -> None:
    def guards(unit: str) -> set[str]:
        text = (FOLDER / unit).read_text().partition("# --- What it need not see")[2]
        return {line for line in text.splitlines() if line}

    assert len(UNITS) == 3
    assert all(guards(unit) == guards(UNITS[0]) for unit in UNITS)
