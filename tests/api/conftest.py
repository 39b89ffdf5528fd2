"""The application over a small grid, called in process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.app import create_app
from tests import osg
from tests.grid import Grid, at, outage, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gridmask.bootstrap import Installation

BASE = "http://127.0.0.1:8000"


@pytest.fixture
def grid(tmp_path: Path) -> Grid:
    """Two sites: CE1 is down for two more hours, DUO has two services, PRIVATE is for CMS alone, OLD is out of service."""
    grid = Grid(tmp_path)
    grid.publish(
        osg.group("A", *(osg.resource(name, "CE") for name in ("CE1", "CE2")), osg.resource("SE1", "WebDAV")),
        osg.group(
            "B",
            osg.resource("DUO", "CE", "FTS"),
            osg.resource("PRIVATE", "CE", extra="<AllowedVOs><VO>CMS</VO></AllowedVOs>"),
            osg.resource("OLD", "CE", Active="false"),
        ),
    )
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=2), Description="New fans"))
    return grid


@pytest.fixture
async def gridmask(grid: Grid) -> AsyncIterator[Installation]:
    """An installation that has read its sources."""
    async with grid.open() as made:
        await sync(made)
        yield made


@pytest.fixture
async def client(gridmask: Installation) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody on this machine who asks."""
    transport = httpx2.ASGITransport(create_app(gridmask))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, headers={"Accept-Encoding": "identity"}) as client:
        yield client
