"""Bans to look at, by HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmask.service.review import Doubt
from tests.grid import catch_up

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

REVIEW, STATUSES = "/api/v1/statuses/review", "/api/v1/statuses"
BAN = {"rows": [{"name": "CE2"}], "status": "Banned", "reason": "Smoke.", "lasting": True, "review_at": "2026-08-22T17:00Z"}


async def bans(client: httpx2.AsyncClient, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(REVIEW, params=query)).json()["bans"]
    return found


async def test_a_ban_that_nothing_is_wrong_with_is_told_only_with_all(client: httpx2.AsyncClient) -> None:
    assert await bans(client) == []
    [ban] = await bans(client, all="true")
    assert ban["reasons"][0]["text"].endswith("New fans")
    assert (ban["name"], ban["owner"], ban["review_at"], ban["doubts"]) == (
        "CE1",
        "declared-downtimes of all",
        "2026-08-21T19:00:00Z",
        [],
    )


async def test_a_ban_that_nothing_asks_for_is_told_with_its_owner_and_when_it_is_due(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    await client.post(STATUSES, json=BAN)
    [ban] = await bans(client)
    assert (ban["owner"], ban["opinion"], ban["doubts"]) == ("local", "Probing", [Doubt.UNSUPPORTED])
    grid.clock.advance(days=1)
    await catch_up(gridmask)
    [doubts] = [ban["doubts"] for ban in await bans(client) if ban["name"] == "CE2"]
    assert doubts == [Doubt.UNSUPPORTED, Doubt.OVERDUE]


async def test_what_automation_agrees_to_is_nobodys_to_review(client: httpx2.AsyncClient) -> None:
    await client.post(STATUSES, json={**BAN, "rows": [{"name": "CE1"}], "agreed": True})
    assert await bans(client) == []


async def test_a_vo_is_told_of_its_own_and_of_those_of_all(client: httpx2.AsyncClient) -> None:
    await client.post(STATUSES, json={**BAN, "rows": [{"name": "SE1", "vo": "cms", "status_type": "ReadAccess"}]})
    assert [(ban["name"], ban["vo"]) for ban in await bans(client, all="true", vo="CMS")] == [("CE1", "all"), ("SE1", "cms")]
    assert [ban["vo"] for ban in await bans(client, all="true", vo="atlas")] == ["all"]


async def test_restrictions_by_people_are_reviewed_too_and_releases_are_not(client: httpx2.AsyncClient) -> None:
    await client.post(STATUSES, json={**BAN, "status": "Degraded"})
    assert [ban["status"] for ban in await bans(client)] == ["Degraded"]
    await client.post(STATUSES, json={**BAN, "status": "Active"})
    assert await bans(client) == []


async def test_a_vo_that_there_is_not_is_told(client: httpx2.AsyncClient) -> None:
    assert (await client.get(REVIEW, params={"vo": "cmss"})).status_code == 404
    assert (await client.get(REVIEW, params={"every": "true"})).status_code == 422
