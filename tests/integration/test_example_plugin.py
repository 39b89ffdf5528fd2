"""The example of a plug-in, built and installed as anybody would, into a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gridmask import extensions
from tests.command_line import gridmask

if TYPE_CHECKING:
    from collections.abc import Iterator

PLUGIN = Path(__file__).resolve().parents[2] / "examples" / "plugin"


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **variables})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the plug-in is installed: its wheel, unpacked. That needs no network."""
    folder = tmp_path_factory.mktemp("plugin")
    shutil.copytree(PLUGIN, folder / "source")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "wheels", cwd=folder / "source")
    (wheel,) = (folder / "wheels").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(site))
    extensions.found.cache_clear()
    yield
    extensions.found.cache_clear()


def test_its_own_tests_pass(site: Path, tmp_path: Path) -> None:
    options = ("-q", "-W", "error", "-c", os.devnull, "--rootdir", PLUGIN, "-p", "no:cacheprovider")
    told = run(sys.executable, "-B", "-m", "pytest", *options, PLUGIN / "tests", cwd=tmp_path, PYTHONPATH=str(site))
    assert " passed" in told


@pytest.mark.usefixtures("installed")
def test_its_rule_is_listed_with_its_arguments() -> None:
    told = {rule["name"]: rule for rule in gridmask("policy", "rules", "--json").told["rules"]}
    assert (told["busy"]["package"], told["busy"]["problem"]) == ("gridmask-busy", "")
    assert [argument["name"] for argument in told["busy"]["arguments"]] == ["degraded_above", "metric"]
    assert "gridmask-busy" in gridmask("policy", "rules").out


SETTINGS = """
database = "sqlite:///busy.db"
policies = "policies"

[[source]]
name = "inventory"
kind = "toml"
url = "inventory.toml"

[[source]]
name = "load"
kind = "load-csv"
url = "load.csv"

[[action]]
name = "journal"
kind = "journal"
options = { file = "journal.jsonl" }
"""

INVENTORY = """
[[site]]
name = "EXAMPLE-T2"

[[site.resource]]
name = "ce01"
type = "ComputingElement"
hosts = ["ce01.example.org"]

[[site.resource]]
name = "ce02"
type = "ComputingElement"
hosts = ["ce02.example.org"]
"""


@pytest.mark.usefixtures("installed")
def test_its_source_and_its_rule_decide(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "gridmask.toml").write_text(SETTINGS)
    (tmp_path / "inventory.toml").write_text(INVENTORY)
    (tmp_path / "policies" / "all.toml").write_text('[policy.busy]\ntype = "busy"\nmatch.type = "ComputingElement"\n')
    (tmp_path / "load.csv").write_text("ce01.example.org,99,2026-10-05T08:00Z\nce02.example.org,1,2026-10-05T08:00Z\n")
    config = ("--config", tmp_path / "gridmask.toml")
    answer = gridmask("inspect", "--once", "--at", "2026-10-05T08:30Z", "--json", *config)
    assert answer.told["mask"]["counts"]["ComputingElement"] == {"Degraded": 1, "Active": 1}
    assert "Its load is 99." in gridmask("status", "why", "ce01", *config).out
