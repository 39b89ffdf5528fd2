"""The example installation, to look at and to do anything with."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import structlog

from tests.command_line import gridmask
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A command sets up the log of its process, which is the one of all tests."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of the example as it is in the tree."""
    return ROOT / "examples"


@pytest.fixture(scope="session")
def synced(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example installation after it has read its sources."""
    folder = tmp_path_factory.mktemp("example")
    shutil.copytree(examples, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".gridmask"))
    assert gridmask("sync", "--config", folder / "gridmask.toml").code == 0
    return folder


@pytest.fixture
def example(synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example installation to do anything with; its settings are those that commands find."""
    shutil.copytree(synced, tmp_path, dirs_exist_ok=True)
    monkeypatch.delenv("GRIDMASK_CONFIG", raising=False)
    monkeypatch.delenv("GRIDMASK_DATABASE", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def database(example: Path) -> Path:
    """The file of the example's database."""
    return example / ".gridmask" / "example.db"


@pytest.fixture
def unconfigured(example: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of the example's database, at a place where no settings are found."""
    (example / "elsewhere").mkdir()
    monkeypatch.chdir(example / "elsewhere")
    return f"sqlite:///{database}"
