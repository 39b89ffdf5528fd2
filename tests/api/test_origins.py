"""Pages from elsewhere: they read where they are let, and change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.test_rights import guarded

if TYPE_CHECKING:
    import httpx2

    from tests.grid import Grid

MONITOR = "https://monitor.example.org"
MASK = "/api/v1/masks/cms"
ASKS = {"Origin": MONITOR, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}


def allowed(response: httpx2.Response) -> str | None:
    said: str | None = response.headers.get("Access-Control-Allow-Origin")
    return said


async def test_by_default_no_page_from_elsewhere_reads(client: httpx2.AsyncClient, grid: Grid) -> None:
    assert allowed(await client.get(MASK, headers={"Origin": MONITOR})) is None
    async with guarded(grid, "public") as asking:
        answer = await asking.client.get(MASK, headers={"Origin": MONITOR})
        assert (answer.status_code, allowed(answer), "Origin" in answer.headers.get("Vary", "")) == (200, None, False)
        assert (await asking.client.options(MASK, headers=ASKS)).status_code == 405


async def test_a_page_that_may_reads_and_is_shown_validators(grid: Grid) -> None:
    async with guarded(grid, "public", origins=[MONITOR]) as asking:
        answer = await asking.client.get(MASK, headers={"Origin": MONITOR})
        assert (allowed(answer), "Access-Control-Allow-Credentials" in answer.headers) == (MONITOR, False)
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
        assert "Origin" in answer.headers["Vary"]
        again = await asking.client.get(MASK, headers={"Origin": MONITOR, "If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, allowed(again)) == (304, MONITOR)


@pytest.mark.parametrize(
    "origin", ["https://evil.example.org", "http://monitor.example.org", f"{MONITOR}.evil.example.org", "null"]
)
async def test_no_other_page_reads(grid: Grid, origin: str) -> None:
    async with guarded(grid, "public", origins=[MONITOR]) as asking:
        answer = await asking.client.get(MASK, headers={"Origin": origin})
        assert (allowed(answer), "Origin" in answer.headers["Vary"]) == (None, True)
        assert (await asking.client.options(MASK, headers={**ASKS, "Origin": origin})).status_code == 405


async def test_a_page_asks_before_it_shows_a_token(grid: Grid) -> None:
    async with guarded(grid, "vo", origins=[MONITOR]) as asking:
        answer = await asking.client.options(MASK, headers=ASKS)
        assert (answer.status_code, allowed(answer)) == (204, MONITOR)
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        assert allowed(await asking.client.get(MASK, headers={"Origin": MONITOR})) == MONITOR  # a 401, told to the page


async def test_what_changes_something_is_for_no_page_from_elsewhere(grid: Grid) -> None:
    async with guarded(grid, "public", origins=[MONITOR]) as asking:
        asked = {**ASKS, "Access-Control-Request-Method": "POST"}
        answer = await asking.client.options("/api/v1/statuses", headers=asked)
        assert "Access-Control-Allow-Methods" not in answer.headers
        posted = await asking.client.post("/api/v1/statuses", json={}, headers={"Origin": MONITOR})
        assert (posted.status_code, allowed(posted)) == (403, None)


async def test_pages_for_people_are_read_by_people_alone(grid: Grid) -> None:
    async with guarded(grid, "public", origins=["*"]) as asking:
        assert allowed(await asking.client.get("/", headers={"Origin": MONITOR})) is None
        assert allowed(await asking.client.get(MASK, headers={"Origin": MONITOR})) == "*"
