"""Software that others made, where it is installed: in an environment of its own, whose Python a variable names."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers import find_program

if TYPE_CHECKING:
    from tests.servers import Process

TOLD = "TOLD "


@dataclass(frozen=True, slots=True)
class Software:
    """Something that somebody else made.

    Attributes:
        name: what it is called.
        variable: the variable that names a Python that has it.
        distribution: of which its version is.
        needs: what has to be imported.
        advice: how such an environment is had.
    """

    name: str
    variable: str
    distribution: str
    needs: str
    advice: str

    def found(self) -> Found | Missing:
        """It, or why there is none."""
        named = os.environ.get(self.variable)
        if not named:
            return Missing(f"{self.name} is left out: {self.variable} names no Python that has it. {self.advice}")
        try:
            done = subprocess.run([named, "-c", self._question], capture_output=True, text=True, timeout=120, check=False)
        except OSError as error:
            return Missing(f"{self.name} is left out: {self.variable} names {named}, which does not start: {error.strerror}.")
        _, _, version = done.stdout.partition(TOLD)
        if done.returncode != 0 or not version:
            why = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            return Missing(f"{self.name} is left out: {named}, which {self.variable} names, lacks it ({why}). {self.advice}")
        return Found(self.name, Path(named), version.strip())

    @property
    def _question(self) -> str:
        told = f"print('{TOLD}' + version('{self.distribution}'))"
        return f"import {self.needs}\nfrom importlib.metadata import version\n{told}"


@dataclass(frozen=True, slots=True)
class Found:
    """Software that is there: its interpreter and its version."""

    name: str
    python: Path
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Missing:
    """Software that is not there, and what that means."""

    why: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where something is run: its folder, what is in its environment, and nothing of ours."""

    folder: Path
    variables: Mapping[str, str]
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        """All variables."""
        return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), **self.variables}

    def run(self, *command: str | Path) -> None:
        """Run it to its end."""
        with self.log.open("ab") as told:
            subprocess.run(command, env=self.environment, cwd=self.folder, check=True, timeout=120, stdout=told, stderr=told)

    def launch(self, *command: str | Path) -> Process:
        """Start it; it ends with this process, however that ends."""
        bound = [find_program("setpriv"), "--pdeathsig", "TERM", "--", *command]
        with self.log.open("ab") as told:
            return subprocess.Popen(
                bound, env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=told, stderr=told
            )
