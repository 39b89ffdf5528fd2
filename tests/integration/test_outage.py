"""The database goes away under a running server: masks are served all along, changes refused, and it goes on by itself."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httpx2
import pytest
from structlog.testing import capture_logs

from gridmask.api.server import serve
from gridmask.domain.errors import StoreUnavailable
from gridmask.inspection import outage
from gridmask.store import engines, watchdog
from tests.breakable import FAMILIES, breakable
from tests.conftest import where_installed
from tests.integration.test_server import BAN, heard, listening, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from tests.breakable import Breakable
    from tests.grid import Grid

MASK = "/api/v1/masks/cms"
AT_ONCE = 1.0  # seconds


@pytest.fixture(scope="module", params=[pytest.param(name, marks=getattr(pytest.mark, name)) for name in FAMILIES])
def server(request: pytest.FixtureRequest) -> Iterator[Breakable]:
    """A server of each kind that may be broken."""
    with where_installed(), breakable(request.param) as made:
        made.make()
        yield made


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that do not answer are given up soon."""
    for name in ("PINGED_WITHIN", "PATIENCE"):
        monkeypatch.setattr(watchdog, name, 0.2)
    monkeypatch.setattr(engines, "CONNECTED_WITHIN", 0.5)
    for name in ("FIRST_PAUSE", "BETWEEN_LOOKS"):
        monkeypatch.setattr(outage, name, 0.1)


@pytest.fixture
async def client(grid: Grid, server: Breakable, hasty: None) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a server that has read its sources."""
    del hasty
    grid.database = f"{server.server.url}/gridmask"
    async with grid.open():
        pass  # its schema is there now
    async with served(grid.settings(), clock=grid.clock) as client:
        async with listening(client) as stream:
            while "Active" not in (await heard(stream))["data"]:
                pass
        yield client


async def refused(client: httpx2.AsyncClient) -> httpx2.Response:
    """What is said to one who wants to change something, once the loss is known."""
    await client.post("/api/v1/statuses", json=BAN)
    began = time.monotonic()
    answer = await client.post("/api/v1/statuses", json=BAN)
    assert time.monotonic() - began < AT_ONCE
    return answer


async def back(client: httpx2.AsyncClient, wanted: Mapping[str, object] = BAN, within: float = 10) -> httpx2.Response:
    """What is said to one who wants to change something, as soon as that can be."""
    deadline = time.monotonic() + within
    while (answer := await client.post("/api/v1/statuses", json=wanted)).status_code == 503:
        assert time.monotonic() < deadline, answer.text
        await asyncio.sleep(0.1)
    return answer


@pytest.mark.parametrize("how", ["stopped", "frozen"])
async def test_while_the_database_is_away_masks_are_served_and_changes_refused(
    client: httpx2.AsyncClient, server: Breakable, grid: Grid, how: str
) -> None:
    before = await client.get(MASK)
    (server.stop if how == "stopped" else server.freeze)()
    try:
        answer = await refused(client)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:gridmask:problem:store-unavailable")
        assert answer.headers["Retry-After"] == "5"
        grid.clock.advance(seconds=90)
        began = time.monotonic()
        for path in (MASK, f"{MASK}?name=CE1", f"{MASK}?purpose=use", "/api/v1/masks"):
            assert (await client.get(path)).status_code == 200
        told = (await client.get(MASK)).headers
        assert (told["ETag"], told["Age"]) == (before.headers["ETag"], "90")
        assert (await client.get(MASK, headers={"If-None-Match": before.headers["ETag"]})).status_code == 304
        async with listening(client) as stream:
            assert (await heard(stream))["data"] == before.text
        assert time.monotonic() - began < AT_ONCE
        assert (await client.get("/readyz")).status_code == 503
        assert "\ngridmask_database_up 0.0" in (await client.get("/metrics")).text
        page = await client.get("/vos/cms/matrix", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    finally:
        (server.start if how == "stopped" else server.thaw)()
    changed = await back(client, {**BAN, "status": "Degraded" if how == "frozen" else "Banned"})
    async with listening(client) as stream:
        assert (await heard(stream))["id"].partition("-")[0] == str(changed.json()["revision"])
    assert (await client.get("/readyz")).status_code == 200
    assert "\ngridmask_database_up 1.0" in (await client.get("/metrics")).text


async def test_an_outage_is_told_once_and_the_loop_goes_on(client: httpx2.AsyncClient, server: Breakable) -> None:
    with capture_logs() as logs:
        server.stop()
        await refused(client)
        await asyncio.sleep(0.5)  # so that it could have been told more often
        server.start()
        await back(client)
        await asyncio.sleep(0.5)
    warnings = [log["event"] for log in logs if log["log_level"] == "warning"]
    assert any(log["event"].startswith("the loop goes on") for log in logs)
    assert warnings.count("the loop waits for the database") == 1
    assert warnings.count("the database is away; masks are served as they were") == 1


async def test_a_server_that_finds_no_database_says_so_and_ends(grid: Grid, server: Breakable, hasty: None) -> None:
    del hasty
    grid.database = f"{server.server.url}/gridmask"
    server.freeze()
    try:
        with pytest.raises(StoreUnavailable, match="does not answer as it should"):
            await asyncio.wait_for(serve(grid.settings(), port=0, announce=print), 10)
    finally:
        server.thaw()
