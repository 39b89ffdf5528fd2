"""The small grid behind the door for clients of DIRAC."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.settings import DiracRpc
from tests.dirac_calls import Services
from tests.grid import Grid

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gridmask.bootstrap import Installation


@pytest.fixture
def door() -> DiracRpc:
    """The settings of the door."""
    return DiracRpc(enabled=True)


@pytest.fixture
async def gridmask(grid: Grid, door: DiracRpc) -> AsyncIterator[Installation]:
    """An installation that has read its sources, with the door open."""
    async with installation(grid.settings(dirac_rpc=door), clock=grid.clock) as made:
        yield made


@pytest.fixture(scope="module")
async def untouched(template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    """The services of one installation, for all tests of a module that change nothing."""
    folder = tmp_path_factory.mktemp("untouched")
    shutil.copytree(template, folder, dirs_exist_ok=True)
    grid = Grid(folder, f"sqlite:///{folder / 'gridmask.db'}")
    async with installation(grid.settings(dirac_rpc=DiracRpc(enabled=True)), clock=grid.clock) as made:
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield Services(client)


@pytest.fixture
async def services(gridmask: Installation) -> AsyncIterator[Services]:
    """Its services."""
    transport = httpx2.ASGITransport(create_app(gridmask))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield Services(client)
