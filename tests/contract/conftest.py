"""A database of each kind, with and without a grid on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.store.database import Database
from tests import osg
from tests.clocks import at
from tests.conftest import MARIADB, POSTGRESQL
from tests.grid import Grid, outage
from tests.postgresql import PostgreSQL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.contract.sessions import Server


@pytest.fixture
async def database(upgradable_url: str) -> AsyncIterator[Database]:
    """An empty database with its schema."""
    async with Database(upgradable_url) as database:
        await database.upgrade()
        yield database


@pytest.fixture
def grid(upgradable_url: str, tmp_path: Path) -> Grid:
    """Three resources, of which one is down."""
    return filled(Grid(tmp_path, upgradable_url))


@pytest.fixture
def grid_on_server(server_url: str, tmp_path: Path) -> Grid:
    """The same, on a server of each kind."""
    return filled(Grid(tmp_path, server_url))


def filled(grid: Grid) -> Grid:
    grid.publish(osg.group("SITE", *(osg.resource(name, "CE") for name in ("CE1", "CE2", "CE3"))))
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=1)))
    return grid


@pytest.fixture(params=[MARIADB, POSTGRESQL])
def server(request: pytest.FixtureRequest) -> Server:
    """A server of each kind."""
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def server_url(server: Server, request: pytest.FixtureRequest) -> str:
    """The URL of a new database on ``server``, to be upgraded first."""
    url: str = request.getfixturevalue("made_postgresql" if isinstance(server, PostgreSQL) else "made_mariadb")
    return url
