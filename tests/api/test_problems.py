from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from gridmask.api import problems
from gridmask.domain.errors import (
    Conflict,
    Forbidden,
    GridmaskError,
    InvalidConfiguration,
    StoreBusy,
    StoreUnavailable,
    TimedOut,
)

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (Forbidden("local", "set statuses for cms", "an operator of cms"), 403, "forbidden"),
        (Conflict("Somebody else does that already."), 409, "conflict"),
        (TimedOut("https://example.org/", "no answer within 5 s"), 502, "source-failed"),
        (StoreUnavailable("The database is away."), 503, "store-unavailable"),
        (StoreBusy("The database is busy."), 503, "store-unavailable"),
        (InvalidConfiguration("gridmask.toml", "is not there"), 500, "invalid-configuration"),
        (GridmaskError("Something else."), 500, "fault"),
    ],
)
async def test_every_error_has_its_status_and_its_name(error: GridmaskError, status: int, name: str) -> None:
    response = problems.told(error)
    assert (response.status_code, response.media_type) == (status, "application/problem+json")
    assert f'"type": "urn:gridmask:problem:{name}"' in bytes(response.body).decode()
    assert str(error) in bytes(response.body).decode()
    assert ("Retry-After" in response.headers) == (status == 503)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/api/v1/statuses/", 404), ("PATCH", "/api/v1/statuses", 405), ("POST", "/", 405)],
)
async def test_what_the_framework_refuses_is_a_problem_too(
    client: httpx2.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path)
    assert (response.status_code, response.json()["status"]) == (status, status)
    assert response.headers["Content-Type"] == "application/problem+json"


async def test_a_method_that_there_is_not_is_answered_with_those_that_there_are(client: httpx2.AsyncClient) -> None:
    assert (await client.put("/api/v1/statuses", json={})).headers["Allow"] == "GET, POST"
    # the path could be of two routes
    assert (await client.put("/api/v1/downtimes/cms.ics", json={})).headers["Allow"] == "DELETE, GET"


async def test_a_body_that_is_no_json_is_told_where(client: httpx2.AsyncClient) -> None:
    response = await client.post("/api/v1/statuses", content='{"rows": ]', headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json()["detail"] == "The body is not JSON: Expecting value, at character 9."


async def test_a_fault_of_our_own_shows_nothing_of_its_innards(
    client: httpx2.AsyncClient, gridmask: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> None:  # noqa: ANN401
        raise RuntimeError("the secret of the innards")

    monkeypatch.setattr(type(gridmask.sources), "health", fails)
    with capture_logs() as logged:
        response = await client.get("/api/v1/sources")
    assert (response.status_code, response.json()["status"]) == (500, 500)
    assert "secret" not in response.text
    assert "Content-Security-Policy" in response.headers
    assert [(entry["log_level"], entry["path"]) for entry in logged] == [("error", "/api/v1/sources")]


async def test_people_are_told_of_a_fault_by_a_page(
    client: httpx2.AsyncClient, gridmask: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> None:  # noqa: ANN401
        raise RuntimeError("the secret of the innards")

    monkeypatch.setattr(type(gridmask.sources), "health", fails)
    with capture_logs():
        response = await client.get("/sources", headers={"Accept": "text/html"})
    assert response.status_code == 500
    assert "<h1>Gridmask met a fault of its own</h1>" in response.text
    assert "secret" not in response.text
