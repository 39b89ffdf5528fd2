from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer

from gridmask.cli.sources import added
from gridmask.domain.errors import InvalidConfiguration
from gridmask.settings import Settings
from gridmask.source import Source

if TYPE_CHECKING:
    from pathlib import Path


def test_a_path_counts_from_here_and_an_address_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path, address = added(Settings(), ["toml=a b.toml", "osg-topology=https://osg.example.org/?x=y"]).source
    assert (path.url, address.url) == (f"file://{tmp_path}/a%20b.toml", "https://osg.example.org/?x=y")


def test_a_source_is_named_after_its_kind_and_numbered_where_that_is_taken() -> None:
    settings = Settings(source=(Source(name="toml", kind="toml", url="file:///x"),))
    assert [s.name for s in added(settings, ["toml=/y", "toml=/z"]).source] == ["toml", "toml-2", "toml-3"]


@pytest.mark.parametrize("text", ["inventory.toml", "=inventory.toml", "toml="])
def test_what_is_no_pair_is_wrong_usage(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is not KIND=URL"):
        added(Settings(), [text])


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="did you mean 'toml'"):
        added(Settings(), ["tom=/x"])
