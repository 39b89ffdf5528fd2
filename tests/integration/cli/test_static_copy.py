"""Masks as files, from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.command_line import failing, gridmask

if TYPE_CHECKING:
    from pathlib import Path


def test_masks_are_copied_to_files_once(example: Path) -> None:
    www = example / "www"
    asked = ("export", "static", www, "--vo", "AURORA", "--format", "json")
    assert gridmask(*asked).out == "Masks: 1, 1 of them new.\n"
    again = gridmask(*asked, "--json").told
    assert (again["written"], again["index"]) == (0, False)
    assert json.loads((www / "aurora" / "latest" / "mask.json").read_text())["vo"] == "aurora"


def test_what_cannot_be_written_is_told_in_a_line(example: Path) -> None:
    (example / "file").write_text("")
    assert "cannot be kept: Not a directory" in failing("export", "static", example / "file" / "www")
    assert "no VO called 'nope'" in failing("export", "static", example / "www", "--vo", "nope")
