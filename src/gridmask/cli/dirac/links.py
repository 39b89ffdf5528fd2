"""``gridmask dirac links``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from gridmask.cli.command import command
from gridmask.cli.session import Session
from gridmask.domain.errors import Conflict, InvalidRequest

PREFIX = "dirac-rss-"
COMMANDS = ("list-status", "set-status", "set-token", "query-db", "query-dtcache", "sync")
"""The commands that are named as DIRAC's scripts are, but for the prefix."""

MARK = "# Written by gridmask dirac links."


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "links")(links)


async def links(
    session: Session,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where to; it should come first in PATH.", show_default=False)
    ],
    force: Annotated[
        bool, typer.Option("--force", help="Also in place of files of those names that are something else.")
    ] = False,
) -> None:
    """Write programs that are called as DIRAC's scripts, so that what calls these goes on working.

    They take the settings file that is named or found now, if there is one.
    """
    paths = {folder / f"{PREFIX}{name}": name for name in COMMANDS}
    for path in () if force else paths:
        _require_ours(path)
    options = [] if session.config is None else ["--config", str(session.config.resolve())]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, name in paths.items():
            _write(path, [*_program(), *options, "dirac", name])
    except OSError as error:
        raise InvalidRequest(f"{folder}: {error.strerror or error}.") from error
    session.out.show(lambda: {"written": list(map(str, paths))}, *map(str, paths))


def _program() -> list[str]:
    """What runs Gridmask as it runs now, whatever lies in the folder in which it is called."""
    return [sys.executable, "-P", "-m", "gridmask"]


def _require_ours(path: Path) -> None:
    there = path.is_symlink() or path.exists()
    if there and not (path.is_file() and not path.is_symlink() and MARK.encode() in path.read_bytes()):
        raise Conflict(f"{path} is something else, DIRAC's own perhaps. Take another folder, or --force. Nothing was written.")


def _write(path: Path, words: list[str]) -> None:
    """Put a program at ``path`` that runs ``words`` with its arguments; what is there is replaced, not written through."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(f'#!/bin/sh\n{MARK}\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
    new.chmod(0o755)
    new.replace(path)
