"""The way from a database of DIRAC's to an installation whose inventory has some of what that tells of."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gridmask.bootstrap import installation
from gridmask.dirac_db.source import Source
from gridmask.service.dirac_import import DiracImport
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Settings
from gridmask.source import Source as Inventory
from gridmask.store import statuses
from gridmask.store.check import check
from gridmask.store.database import Database
from tests.clocks import Clock
from tests.grid import ADMIN, files_only, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from gridmask.dirac_db.report import Report
    from gridmask.domain.row import Row
    from tests.dirac_db import DiracDb

INVENTORY = """
[[site]]
name = "LCG.Here.org"
resource = [
  { name = "CE1", type = "ComputingElement" },
  { name = "SE1", type = "StorageElement" },
  { name = "CE-CMS", type = "ComputingElement", offered = ["cms"] },
]
"""


@dataclass
class Move:
    """The way from a database of DIRAC's to one of ours."""

    dirac: DiracDb
    database: str
    folder: Path
    clock: Clock = field(default_factory=lambda: Clock(datetime(2026, 6, 1, tzinfo=UTC)))

    @asynccontextmanager
    async def open(self, *, listed: bool = True, policies: Path | None = None) -> AsyncIterator[Installation]:
        """The installation; ``listed``: after its inventory was read."""
        (self.folder / "inventory.toml").write_text(INVENTORY)
        source = Inventory(name="ours", kind="toml", url=(self.folder / "inventory.toml").as_uri())
        settings = Settings(database=self.database, source=(source,), vo={"cms": {}, "lhcb": {}}, policies=policies)
        async with Database(self.database) as database:
            await database.upgrade()
        async with installation(settings, clock=self.clock, client=files_only(self.clock)) as made:
            if listed:
                await sync(made)
            yield made

    async def take(self, made: Installation, **owners: str) -> Report:
        """Import, and check what came of it."""
        async with Source(self.dirac.url) as source:
            report = await DiracImport(made.inspector, ADMIN, source, owners=owners).run()
        assert await check(made.database) == []
        return report


async def told(made: Installation, name: str, status_type: str = "all", vo: str = "all") -> list[str]:
    """The history of a row, oldest first: revision, time, what changed, and who did it."""
    changes = await made.statuses.history(RowName(ElementName(name), status_type, vo))
    return [f"{'' if c.revision == 0 else 'r'} {c.at:%H:%M} {c.old}>{c.new} {c.token_owner or ''} {c.actor}" for c in changes][
        ::-1
    ]


async def row(made: Installation, name: str, status_type: str = "all", vo: str = "all") -> Row | None:
    """A row, whether or not the inventory has its element."""
    async with made.database.reading() as connection:
        rows = {(r.key.element.name, *r.key[1:]): r for r in await statuses.load(connection)}
    return rows.get((name, status_type, vo))
