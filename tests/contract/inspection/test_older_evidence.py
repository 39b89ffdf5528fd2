"""What is newer stands, in whatever order it comes, also of what nobody has heard of yet (promise D7)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.element import RESOURCE, ElementKey
from gridmask.domain.events import EvidenceChanged
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import TICKETS, Tickets
from gridmask.domain.naming import HostedService
from gridmask.inspection.inspector import Plan
from gridmask.store import evidence
from gridmask.store.world import Scope
from tests.grid import sync

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.bootstrap import Installation
    from gridmask.domain.naming import Target
    from tests.grid import Grid


async def told(made: Installation, about: Target, count: int, seen: datetime) -> None:
    """A source measured something."""
    item = Evidence(EvidenceKey("monitor", "1", about), TICKETS, Tickets(count), seen)

    async def bring(_: AsyncConnection, __: datetime) -> Plan:
        return Plan(EvidenceChanged((item,)), Scope.meant_by([about]), "measured")

    await made.inspector.happen(bring)


@pytest.mark.parametrize(
    "about",
    [HostedService("nowhere.example.org", "ce"), ElementKey(RESOURCE, "ComputingElement", "nobody")],
    ids=["host", "element"],
)
async def test_what_is_older_does_not_replace_what_is_told_of_something_that_is_not_there(grid: Grid, about: Target) -> None:
    async with grid.open() as made:
        await sync(made)
        for count, ago in ((3, 0), (1, 10)):
            await told(made, about, count, grid.clock() - timedelta(minutes=ago))
        async with made.database.reading() as connection:
            kept = await evidence.of_source(connection, "monitor")
    assert [item.value for item in kept.values()] == [Tickets(3)]
