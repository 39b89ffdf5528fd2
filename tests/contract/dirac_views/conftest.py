"""A database with views as DIRAC's tables are, on each kind of server."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from gridmask.store.database import Database
from tests.conftest import MARIADB, POSTGRESQL
from tests.dirac_views import Viewed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(scope="session", params=[MARIADB, POSTGRESQL])
async def viewed(request: pytest.FixtureRequest) -> AsyncIterator[Viewed]:
    """Views in a schema of their own, for all tests: each begins with :meth:`Viewed.keep`."""
    server = request.getfixturevalue(request.param)
    with ExitStack() as stack:
        if request.param == "postgresql":
            url = stack.enter_context(server.database("gridmask_viewed"))
        else:
            server.execute("CREATE DATABASE gridmask_viewed")
            stack.callback(server.execute, "DROP DATABASE gridmask_viewed; DROP DATABASE dirac_viewed")
            url = f"{server.url}/gridmask_viewed"
        async with Database(url) as database:
            await database.upgrade()
            made = Viewed(database, "dirac_viewed")
            await made.create()
            yield made
