"""A database with views as DIRAC's tables are, on each kind of server."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from gridmask.store.database import Database
from tests.dirac_views import Viewed
from tests.servers import MariaDB

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.contract.sessions import Server

NUMBERS = itertools.count(1)


@pytest.fixture
async def viewed(server: Server, server_url: str) -> AsyncIterator[Viewed]:
    """Views in a schema of their own."""
    # a database belongs to all tests of a server, a schema to one database
    schema = f"dirac_{next(NUMBERS)}"
    async with Database(server_url) as database:
        await database.upgrade()
        made = Viewed(database, schema)
        await made.create()
        yield made
    if isinstance(server, MariaDB):
        server.execute(f"DROP DATABASE IF EXISTS {schema}")
