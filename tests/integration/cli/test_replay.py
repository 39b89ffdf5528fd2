"""Recordings and replays from the command line."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from gridmask.recording import file as files
from gridmask.replay.importers import kinds
from tests import histories
from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an inventory, a history, policies and the recording of both."""
    folder = tmp_path_factory.mktemp("history")
    files.write(folder / "recording.gz", histories.recording(folder, Random(2)))
    return folder


def options(folder: Path) -> list[str | Path]:
    return ["--inventory", folder / "groups.jsonl", "--downtimes", folder / "history.jsonl", "--policies", folder / "policies"]


def test_a_history_is_replayed_and_told(history: Path, tmp_path: Path) -> None:
    told = gridmask("replay", *options(history), "--json", "--changes", tmp_path / "c.jsonl").told
    lines = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()]
    assert sum(told["changes"].values()) == len(lines) - 1 > 50
    assert (lines[0]["format"], told["as_it_was"], told["differing"]) == ("gridmask-changes", False, 0)


def test_a_recording_that_is_made_comes_to_the_same_as_its_history(history: Path, tmp_path: Path) -> None:
    gridmask("recording", "make", tmp_path / "r.gz", *options(history))
    assert (tmp_path / "r.gz").read_bytes() == (history / "recording.gz").read_bytes()
    from_file, made = (gridmask("replay", *some, "--mask", "cms") for some in ([tmp_path / "r.gz"], options(history)))
    assert from_file.out == made.out
    assert from_file.out.startswith("# vo=cms")


def test_changes_are_written_for_spreadsheets(history: Path, tmp_path: Path) -> None:
    gridmask("replay", history / "recording.gz", "--changes", tmp_path / "c.csv", "--decisions")
    with (tmp_path / "c.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"element", "opened", "status"} <= {row["kind"] for row in rows}
    assert "declared-downtimes of all: Banned" in {row["verdicts"] for row in rows}


def test_a_mask_is_told_of_any_moment(history: Path) -> None:
    masks = {
        gridmask("replay", history / "recording.gz", "--mask", "all", "--at", f"2021-03-{day:02}").out for day in (2, 5, 9)
    }
    assert len(masks) == 3
    assert "--at is not within" in failing("replay", history / "recording.gz", "--mask", "all", "--at", "2001-01-01")


@pytest.mark.usefixtures("example")
def test_where_nothing_is_recorded_nothing_is_replayed() -> None:
    out = gridmask("replay", "--json")
    assert out.code == 1
    assert "Nothing is recorded" in out.err
    assert gridmask("recording", "list").out == "Nothing is recorded yet.\n"


def test_what_makes_a_revision_that_made_none_fails_and_is_told(history: Path, tmp_path: Path) -> None:
    inventory, downtimes, policies = (history / name for name in ("groups.jsonl", "history.jsonl", "policies"))
    made = kinds.recorded(inventory, downtimes, policies=policies)[0]
    files.write(tmp_path / "r.gz", replace(made, lived=True))
    answer = gridmask("replay", tmp_path / "r.gz")
    assert answer.code == 1
    assert "came to something else than then; first number" in answer.out
    assert "makes a revision, and made none then" in " ".join(answer.out.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing.gz"], "nothing.gz: cannot be read"),
        (["r.gz", "--since", "2001-01-01"], "nothing is known before or after that"),
        (["--downtimes", "x.txt"], "is no history of downtimes"),
        (["--resume", "nowhere"], "holds no replay that was interrupted"),
    ],
)
def test_what_cannot_be_replayed_is_told(
    history: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(history)
    (history / "r.gz").write_bytes((history / "recording.gz").read_bytes())
    assert told in failing("replay", *arguments)


@pytest.mark.parametrize(
    "arguments", [["r.gz", "--at", "now"], ["r.gz", "--changes", "x.txt"], ["r.gz", "--downtimes", "x.csv"]]
)
def test_what_makes_no_sense_is_told(arguments: list[str]) -> None:
    failing("replay", *arguments, code=2)


def test_a_recording_is_brought_into_a_database_of_its_own(history: Path, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'look.db'}"
    assert gridmask("recording", "import", history / "recording.gz", "--database", database).code == 0
    [period] = gridmask("recording", "list", "--database", database, "--json").told
    assert period["events"] > 20
    assert "There is something in this database already" in failing(
        "recording", "import", history / "recording.gz", "--database", database
    )
    assert "name another one" in failing("recording", "import", history / "recording.gz", "--database", "ephemeral")


@pytest.mark.slow
def test_an_interrupted_replay_goes_on_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "all.toml").write_text(histories.UNGUARDED)
    inventory, downtimes = histories.made_up(tmp_path, Random(9), resources=20, downtimes=400)
    files.write(tmp_path / "r.gz", kinds.recorded(inventory, downtimes, policies=tmp_path / "policies")[0])
    command = [sys.executable, "-m", "gridmask", "replay", "r.gz", "--work", "work", "--processes", "1", "--changes", "a.jsonl"]
    running = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "work" / "part-0.jsonl").exists() and running.poll() is None:
        time.sleep(0.005)
    os.kill(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert (running.returncode, "gridmask replay --resume work" in err) == (130, True), err
    assert gridmask("replay", "--resume", tmp_path / "work", "--changes", tmp_path / "a.jsonl").code == 0
    assert gridmask("replay", tmp_path / "r.gz", "--changes", tmp_path / "b.jsonl").code == 0
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
