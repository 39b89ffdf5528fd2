"""The command line as a user has it: arguments in, exit code and two streams out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typer.testing import CliRunner

from gridmask.cli.app import app

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> Any:  # noqa: ANN401 - whatever the JSON holds
        """What was printed as JSON."""
        return json.loads(self.out)

    def lines(self, *words: str) -> list[str]:
        """The printed lines that have all of ``words``."""
        return [line for line in self.out.splitlines() if all(word in line for word in words)]


def gridmask(*arguments: str | Path) -> Answer:
    """Run a command, in this process."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return Answer(result.exit_code, result.stdout, result.stderr)


def failing(*arguments: str | Path, code: int = 1) -> str:
    """What a command that fails says: nothing on stdout, and no traceback; if it was used rightly, one line."""
    answer = gridmask(*arguments)
    assert (answer.code, answer.out) == (code, ""), answer
    assert "Traceback" not in answer.err
    if code == 1:
        assert re.fullmatch(r"gridmask: .+\n", answer.err), answer.err
    return answer.err
