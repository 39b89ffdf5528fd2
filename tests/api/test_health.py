from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from gridmask.store.database import Database

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid


async def test_a_process_that_answers_lives(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}


async def test_a_server_is_ready_once_it_knows_the_masks(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    response = await client.get("/readyz")
    assert (response.status_code, response.json()["reasons"]) == (503, ["The masks are not loaded yet."])
    assert response.headers["Retry-After"] == "5"
    await gridmask.board.refresh()
    assert (await client.get("/readyz")).json() == {"status": "ready", "revision": 2, "checked_at": "2026-08-21T17:00:00Z"}


async def test_a_server_that_lost_touch_with_the_database_is_not_ready(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    await gridmask.board.refresh()
    grid.clock.advance(seconds=31)
    assert (await client.get("/readyz")).json()["reasons"] == ["The masks were last compared with the database 31 s ago."]


async def test_a_server_on_another_schema_is_not_ready(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    await gridmask.board.refresh()
    async with Database(grid.database) as database:
        await database.downgrade("base")
    response = await client.get("/readyz")
    assert response.status_code == 503
    assert "gridmask db upgrade" in response.json()["detail"]


async def test_a_server_goes_on_while_a_later_program_has_its_schema_there(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    await gridmask.board.refresh()
    async with Database(grid.database) as database:
        await database.note(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    assert (await client.get("/readyz")).status_code == 200


async def test_metrics_tell_the_revision_of_every_mask(client: httpx2.AsyncClient) -> None:
    await client.get("/api/v1/masks")
    response = await client.get("/metrics")
    assert response.headers["Content-Type"].startswith("text/plain")
    for vo in ("all", "cms", "atlas"):
        assert f'gridmask_mask_revision{{vo="{vo}"}} 2.0' in response.text


async def test_requests_are_counted_by_route_and_never_by_what_callers_make_up(client: httpx2.AsyncClient) -> None:
    await client.get("/api/v1/masks/cms")
    await client.get("/api/v1/masks/zzz-up")
    await client.get("/zzz/up")
    await client.request("ZZZUP", "/api/v1/statuses")
    text = (await client.get("/metrics")).text
    counted = set(
        re.findall(r'^gridmask_http_requests_total\{method="(\w+)",route="([^"]+)",status="(\d+)"\}', text, re.MULTILINE)
    )
    assert {("GET", "/api/v1/masks/{vo}", "200"), ("GET", "/api/v1/masks/{vo}", "404"), ("GET", "other", "404")} <= counted
    assert "zzz" not in text.lower()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_health_takes_no_parameters(client: httpx2.AsyncClient, path: str) -> None:
    response = await client.get(f"{path}?x=1")
    assert (response.status_code, response.json()["detail"]) == (422, "There is no parameter 'x' here; there is none.")
