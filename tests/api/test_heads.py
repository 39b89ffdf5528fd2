"""What is asked for by HEAD is answered as by GET, without the body."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import httpx2
import pytest
from structlog.testing import capture_logs

from gridmask.api.app import create_app
from gridmask.api.rights import ROUTES
from tests.api.test_rights import FILLED
from tests.served import served

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid

QUERY = {"name": "CE1", "type": "ComputingElement", "vo": "cms", "family": "Resource", "at": "2026-08-21T16:59:00Z"}
SPAN = {"from": "2026-08-21T16:58:00Z", "to": "2026-08-21T16:59:00Z", "since": "1"}
READ = [path for (method, path) in ROUTES if method == "GET" and "/login" not in path and not path.endswith("/stream")]


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    paths: dict[str, Any] = create_app(cast("Installation", None)).openapi()["paths"]
    return paths


def wanted(operation: dict[str, Any]) -> dict[str, str]:
    """The parameters without which it cannot be asked for."""
    taken = [one for one in operation.get("parameters", ()) if one["in"] == "query" and one.get("required")]
    return {one["name"]: {**QUERY, **SPAN}[one["name"]] for one in taken}


async def test_every_route_that_is_read_tells_its_head(client: httpx2.AsyncClient, described: dict[str, Any]) -> None:
    for path in READ:
        filled = path.replace(":path", "").format(**FILLED)
        params = wanted(described.get(path, {}).get("get", {})) if path != "/elements" else QUERY
        head, whole = await client.head(filled, params=params), await client.get(filled, params=params)
        assert (path, head.content, head.status_code) == (path, b"", whole.status_code)
        others = {"x-request-id", *(["content-length"] if path == "/metrics" else [])}
        assert {name: head.headers[name] for name in head.headers.keys() - others} == {
            name: whole.headers[name] for name in whole.headers.keys() - others
        }, path


async def test_the_head_of_a_stream_ends(client: httpx2.AsyncClient) -> None:
    head = await asyncio.wait_for(client.head("/api/v1/masks/cms/stream"), 5)
    assert (head.status_code, head.headers["Content-Type"][:17], head.content) == (200, "text/event-stream", b"")


async def test_a_log_in_is_not_begun_by_looking(client: httpx2.AsyncClient) -> None:
    assert (await client.head("/login")).status_code == 405


async def test_what_goes_wrong_has_a_head_as_well(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("gridmask.service.statuses.Statuses.page", fails)
    with capture_logs(), served(grid) as address:
        async with httpx2.AsyncClient(base_url=address) as client:
            for _ in range(2):
                assert (await client.head("/api/v1/statuses")).status_code == 500
            assert (await client.get("/healthz")).status_code == 200


async def test_what_is_not_read_has_no_head(client: httpx2.AsyncClient) -> None:
    answer = await client.head("/api/v1/tokens/release")
    assert (answer.status_code, answer.headers["Allow"], answer.content) == (405, "POST", b"")


async def test_heads_are_counted_as_such(client: httpx2.AsyncClient) -> None:
    await client.head("/api/v1/statuses")
    told = (await client.get("/metrics")).text
    assert 'gridmask_http_requests_total{method="HEAD",route="/api/v1/statuses",status="200"}' in told
