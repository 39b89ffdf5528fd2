"""The options that every command takes, before its name or after it; and one that commands about DIRAC share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

_PANEL = "For every command"

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The settings. Else $GRIDMASK_CONFIG, else ./gridmask.toml, else the defaults.",
        rich_help_panel=_PANEL,
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="Instead of the settings' database: sqlite:///PATH, mysql://..., postgresql://..., or ephemeral.",
        rich_help_panel=_PANEL,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.", rich_help_panel=_PANEL)]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Tell on stderr what happens, and where it fails.", rich_help_panel=_PANEL)
]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="KIND=URL",
        help="One more source, named after its kind; for serve, worker, sync and inspect. URL may be a path. Can be repeated.",
    ),
]

DiracDatabase = Annotated[
    str,
    typer.Argument(
        metavar="URL",
        envvar="GRIDMASK_DIRAC_DB",
        help="DIRAC's ResourceStatusDB, as mysql://user:password@host/ResourceStatusDB.",
    ),
]
"""For commands about DIRAC's database: which it is. A password belongs in the variable."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was given of them."""

    config: Path | None = None
    database: str | None = None
    sources: tuple[str, ...] = ()
    as_json: bool = False
    verbose: bool = False

    def written(self) -> list[str]:
        """These, as they are given on a command line."""
        named = {"--config": self.config, "--database": self.database}
        given = [f"{name}={value}" for name, value in named.items() if value]
        return [*given, *(f"--source={source}" for source in self.sources), *(["--verbose"] if self.verbose else [])]

    def then(self, later: Options) -> Options:
        """These, and those that were given ``later``, which go before them."""
        return Options(
            later.config or self.config,
            later.database or self.database,
            (*self.sources, *later.sources),
            self.as_json or later.as_json,
            self.verbose or later.verbose,
        )
