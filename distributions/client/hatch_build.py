"""Finds what the distribution is made of: in the tree, beside the server's sources; in a source archive, beside this file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
PACKAGE = "gridmask_client"


class Gather(BuildHookInterface[BuilderConfig]):
    """Puts the package into what is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See hatchling."""
        del version
        if _top() != HERE:
            where = PACKAGE if self.target_name == "wheel" else f"src/{PACKAGE}"
            build_data["force_include"][str(_top() / "src" / PACKAGE)] = where


def version() -> str:
    """The version, as the package says it."""
    found = re.search(r'__version__ = "(.+)"', (_top() / "src" / PACKAGE / "version.py").read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def _top() -> Path:
    return HERE if (HERE / "src").is_dir() else HERE.parents[1]
