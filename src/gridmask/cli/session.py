"""A session: what one run of one command works with."""

from __future__ import annotations

import getpass
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gridmask.cli import sources
from gridmask.cli.output import Output
from gridmask.domain.actor import Actor

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from gridmask.bootstrap import Installation
    from gridmask.cli.options import Options
    from gridmask.clock import Clock
    from gridmask.engine import Part
    from gridmask.settings import Logs, Settings

CONFIG_VARIABLE = "GRIDMASK_CONFIG"
CONFIG_FILE = Path("gridmask.toml")


class Session:
    """The settings, the installation that they mean, who acts, and where it is told."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.out = Output(as_json=options.as_json)

    @cached_property
    def config(self) -> Path | None:
        """The settings file: as given, else as the environment says, else the one that is here; None: there is none."""
        named = self.options.config or os.environ.get(CONFIG_VARIABLE)
        if named:
            return Path(named)
        return CONFIG_FILE if CONFIG_FILE.exists() else None

    @cached_property
    def settings(self) -> Settings:
        """The settings, with what the command line replaces and adds."""
        from gridmask import settings

        loaded = settings.load(self.config)
        if self.options.database:
            loaded = loaded.model_copy(update={"database": self.options.database})
        return sources.added(loaded, self.options.sources)

    @property
    def is_ephemeral(self) -> bool:
        """Whether all is forgotten when the command ends."""
        from gridmask.store.database import EPHEMERAL

        return self.settings.database == EPHEMERAL

    @property
    def actor(self) -> Actor:
        """Whoever runs the command. Who can open the database can do anything with it, and so is its administrator."""
        try:
            name = getpass.getuser()
        except (KeyError, OSError):
            name = f"uid {os.getuid()}"
        return Actor.administrator(name)

    def log(self, level: str) -> None:
        """Log what is of ``level`` or graver; with ``--verbose``, everything."""
        from gridmask import observe

        observe.configure("debug" if self.options.verbose else level, json=None if level == "info" else False)

    def log_as(self, logs: Logs) -> None:
        """Log as a server does; with ``--verbose``, everything."""
        from gridmask import observe

        json = {"auto": None, "json": True, "text": False}[logs.format]
        observe.configure("debug" if self.options.verbose else "info", json=json, people=logs.people)

    def visit(self, *, trying: bool = False) -> AbstractAsyncContextManager[Installation]:
        """The installation that somebody operates, to look at it or to act in it; see :func:`gridmask.bootstrap.visit`."""
        from gridmask import bootstrap

        self.log("error")
        return bootstrap.visit(self.settings, trying=trying)

    def operate(self, clock: Clock | None = None, part: Part | None = None) -> AbstractAsyncContextManager[Installation]:
        """The installation, with these settings in force from now on; see :func:`gridmask.bootstrap.installation`."""
        from gridmask import bootstrap
        from gridmask.clock import system_clock
        from gridmask.engine import Part

        self.log("error")
        return bootstrap.installation(self.settings, clock=clock or system_clock, part=part or Part())

    async def check_agreement(self) -> None:
        """Check that the settings would put nothing into force that is not.

        Raises:
            Conflict: they would.
        """
        from gridmask.policies import files as policy_files
        from gridmask.service import in_force, policy_layers

        kept = await policy_layers.stored(self.settings)
        policies, _ = policy_files.load(self.settings.policies, self.settings.managed_by_api(), kept)
        await in_force.check_agreement(self.settings, policies)

    async def check_takeover(self) -> None:
        """Check that nobody operates the database with other settings, unless a settings file says what to put into force.

        Raises:
            Conflict: somebody does.
        """
        if self.config is None:
            await self.check_agreement()

    def require_sources(self) -> None:
        """Check that there is something to read.

        Raises:
            InvalidRequest: no source is configured.
        """
        from gridmask.domain.errors import InvalidRequest

        if not self.settings.source:
            raise InvalidRequest("No source is configured: name a settings file with --config, or add a --source KIND=URL.")
