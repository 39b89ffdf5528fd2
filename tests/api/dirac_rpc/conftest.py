"""The small grid behind the door for clients of DIRAC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.settings import DiracRpc
from tests.dirac_calls import Services

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation
    from tests.grid import Grid


@pytest.fixture
def door() -> DiracRpc:
    """The settings of the door."""
    return DiracRpc(enabled=True)


@pytest.fixture
async def gridmask(grid: Grid, door: DiracRpc) -> AsyncIterator[Installation]:
    """An installation that has read its sources, with the door open."""
    async with installation(grid.settings(dirac_rpc=door), clock=grid.clock) as made:
        yield made


@pytest.fixture
async def services(gridmask: Installation) -> AsyncIterator[Services]:
    """Its services."""
    transport = httpx2.ASGITransport(create_app(gridmask))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield Services(client)
