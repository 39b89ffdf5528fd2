"""An inventory that says too much or too little, and what becomes of it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from gridmask.store.audit import Wanted
from gridmask.store.tables import outbox
from tests import osg
from tests.clocks import at
from tests.contract import books
from tests.grid import ADMIN, Grid, said, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from gridmask.bootstrap import Installation
    from gridmask.service.sources import Health
    from gridmask.store.quarantine import HeldAnswer

CES = [f"CE{number:02}" for number in range(20)]


def later(minutes: int) -> datetime:
    """So many minutes after all began."""
    return at(hours=minutes / 60)


def ces(count: int, **fields: str) -> str:
    """So many of twenty computing elements; ``fields`` are what else is said of each."""
    return osg.group("SITE", *(osg.resource(name, "CE", **fields) for name in CES[:count]))


@dataclass
class Play:
    """An installation that follows twenty computing elements, and what happens to it."""

    grid: Grid
    made: Installation

    async def answers(self, count: int, *, force: bool = False, **fields: str) -> str | None:
        """Ten minutes later its inventory lists so many. Returns why that is not taken in."""
        self.grid.clock.advance(minutes=10)
        self.grid.publish(ces(count, **fields))
        return (await sync(self.made, "osg", force=force))["osg"].failure

    async def health(self, name: str = "osg") -> Health:
        return next(one for one in await self.made.sources.health() if one.noted.name == name)

    async def held(self) -> HeldAnswer:
        held = (await self.health()).held
        assert held is not None
        return held

    async def there(self) -> int:
        """How many computing elements the mask has."""
        return len(said(await self.made.masks.mask("cms")))

    async def told(self) -> list[str]:
        """What operators were told of sources."""
        async with self.made.database.reading() as connection:
            found = await connection.scalars(select(outbox.c.payload).where(outbox.c.topic == "source").order_by(outbox.c.id))
            return [payload["state"] for payload in found]

    async def audited(self) -> list[tuple[str, str, str]]:
        """What the books say of answers."""
        entries = await self.made.audit.list(ADMIN, Wanted())
        told = [(entry.actor, entry.action, entry.comment) for entry in entries]
        return [entry for entry in reversed(told) if "answer" in entry[1] or "quarantine" in entry[1]]

    async def parts(self) -> int:
        return (await books.counts(self.made.database, "quarantine_parts"))["quarantine_parts"]


@asynccontextmanager
async def playing(grid: Grid) -> AsyncIterator[Play]:
    grid.publish(ces(20))
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        yield Play(grid, made)
