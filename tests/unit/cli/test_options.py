from __future__ import annotations

from pathlib import Path

from gridmask.cli.options import Options


def test_what_stands_after_the_command_goes_before_what_stands_before_it() -> None:
    before = Options(Path("a"), "sqlite:///a.db", ("toml=a",), verbose=True)
    after = Options(Path("b"), None, ("toml=b",), as_json=True)
    assert before.then(after) == Options(Path("b"), "sqlite:///a.db", ("toml=a", "toml=b"), as_json=True, verbose=True)
