"""Secrets: addresses and passwords that stand in a file or an environment variable, and in nothing that is shown."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from gridmask.domain.errors import NotTold


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that is read anew each time that it is needed.

    Attributes:
        text: the text itself, where it is no secret.
        file: the file that it stands in, alone.
        variable: the environment variable that has it.
    """

    text: str = field(default="", repr=False)
    file: Path | None = None
    variable: str = ""

    def read(self, what: str) -> str:
        """The text, for ``what``.

        Raises:
            NotTold: it is not there; somebody has to see to it, and may do so before it is too late.
        """
        if self.file is not None:
            return _of_file(self.file, what)
        if self.variable:
            found = os.environ.get(self.variable, "").strip()
            if not found:
                raise NotTold(what, f"the environment variable {self.variable} is not set")
            return found
        return self.text


def _of_file(file: Path, what: str) -> str:
    try:
        found = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "it is no text"
        raise NotTold(what, f"{file} cannot be read: {why}") from error
    if not found:
        raise NotTold(what, f"{file} is empty")
    return found
