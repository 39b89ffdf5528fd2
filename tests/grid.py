"""A small grid to try things on: an inventory and a feed of downtimes that lie in files."""

from __future__ import annotations

import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx2

from gridmask.bootstrap import installation
from gridmask.domain.actor import Actor
from gridmask.http import Client
from gridmask.settings import Settings
from gridmask.source import Source
from gridmask.store.database import EPHEMERAL, Database
from tests import osg
from tests.clocks import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from gridmask.domain.mask import Mask
    from gridmask.inspection.plans import Report

ADMIN = Actor.administrator("admin")
CMS = Actor.operator("shifter", "cms")


def written(moment: datetime) -> str:
    """``moment`` as OSG writes it."""
    return f"{moment:%b %d, %Y %H:%M %p} UTC"


def outage(identifier: str, resource: str, start: datetime, end: datetime, *services: str, **fields: str) -> str:
    """A downtime as OSG publishes it."""
    return osg.downtime(identifier, resource, *services, StartTime=written(start), EndTime=written(end), **fields)


@dataclass
class Grid:
    """What the outside says, and when it is."""

    folder: Path
    database: str = "ephemeral"
    clock: Clock = field(default_factory=Clock)

    @property
    def inventory(self) -> Path:
        """The file of the source ``osg``."""
        return self.folder / "rgsummary.xml"

    @property
    def feed(self) -> Path:
        """The file of the source ``feed``."""
        return self.folder / "rgdowntime.xml"

    def publish(self, *groups: str) -> None:
        """Let the inventory say this."""
        self.inventory.write_bytes(osg.summary(*groups))

    def announce(self, *downtimes: str) -> None:
        """Let the feed say this."""
        self.feed.write_bytes(osg.downtimes(*downtimes))

    def settings(self, **more: Any) -> Settings:  # noqa: ANN401 - whatever settings hold
        """Both sources, and what else is given."""
        sources = (
            Source(name="osg", kind="osg-topology", url=self.inventory.as_uri()),
            Source(name="feed", kind="osg-downtimes", url=self.feed.as_uri()),
        )
        given: dict[str, Any] = {"database": self.database, "source": sources, "vo": {"cms": {}, "atlas": {}}}
        return Settings(**{**given, **more})

    @asynccontextmanager
    async def open(self, client: Client | None = None, **more: Any) -> AsyncIterator[Installation]:  # noqa: ANN401
        """An installation on this grid; its schema is made where there is none."""
        settings = self.settings(**more)
        if settings.database != EPHEMERAL:
            async with Database(settings.database) as database:
                await database.upgrade()
        async with installation(settings, clock=self.clock, client=client or files_only(self.clock)) as made:
            yield made


def files_only(clock: Callable[[], datetime]) -> Client:
    """A client that does without the system's CAs, whose loading takes longer than most tests."""
    return Client(clock, transport=httpx2.AsyncHTTPTransport(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)))


async def sync(grid: Installation, *names: str, force: bool = False) -> dict[str, Report]:
    """Read the sources called ``names``; none: all. Their reports by name."""
    return {report.source: report async for report in grid.sources.sync(ADMIN, names, force=force)}


async def catch_up(grid: Installation) -> int:
    """Evaluate all that is due. Returns how many transactions changed something."""
    changes = 0
    while (await grid.inspector.catch_up()).changed:
        changes += 1
    return changes


def said(mask: Mask) -> dict[str, str]:
    """Resources by name with what ``mask`` says of each, sites left out; several services or statuses are joined."""
    found: dict[str, list[str]] = {}
    for key, entry in sorted(mask.entries.items()):
        if key.family != "Site":
            found.setdefault(key.name, []).extend(status.label for _, status in entry.statuses)
    return {name: "+".join(dict.fromkeys(labels)) for name, labels in found.items()}


def toml_policies(folder: Path, installation: str = "", **vos: str) -> Path:
    """A directory of policy files: the installation's, and those of VOs."""
    policies = folder / "policies"
    (policies / "vo").mkdir(parents=True, exist_ok=True)
    (policies / "all.toml").write_text(installation)
    for vo, text in vos.items():
        (policies / "vo" / f"{vo}.toml").write_text(text)
    return policies
