"""The application over a small grid, called in process."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from tests import osg
from tests.clocks import at
from tests.grid import Grid, outage, sync
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from gridmask.bootstrap import Installation

BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the outside says, and a database that has it.

    CE1 is down for two more hours, DUO has two services, PRIVATE is for CMS alone, OLD is out of service.
    """
    grid = in_folder(tmp_path_factory.mktemp("grid"))
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
    asyncio.run(_read(grid))
    return grid.folder


@pytest.fixture
def grid(template: Path, tmp_path: Path) -> Grid:
    """A grid of one's own, as in the template."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return in_folder(tmp_path)


@pytest.fixture
async def gridmask(grid: Grid) -> AsyncIterator[Installation]:
    """An installation that has read its sources."""
    async with installation(grid.settings(), clock=grid.clock) as made:
        yield made


async def _read(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)


def in_folder(folder: Path) -> Grid:
    """A grid whose database lies in ``folder``, beside what the outside says."""
    return Grid(folder, f"sqlite:///{folder / 'gridmask.db'}")


@pytest.fixture
async def client(gridmask: Installation) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody on this machine who asks."""
    transport = httpx2.ASGITransport(create_app(gridmask))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, headers={"Accept-Encoding": "identity"}) as client:
        yield client


@pytest.fixture(scope="module")
def address(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server in a thread of its own, for what cannot await."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(template, folder, dirs_exist_ok=True)
    with served(in_folder(folder)) as address:
        yield address
