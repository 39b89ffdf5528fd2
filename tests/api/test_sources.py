from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests import osg
from tests.grid import sync

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

SOURCES = "/api/v1/sources"


async def source(client: httpx2.AsyncClient, name: str) -> dict[str, Any]:
    listed: list[dict[str, Any]] = (await client.get(SOURCES)).json()["sources"]
    return next(each for each in listed if each["name"] == name)


async def test_a_good_source_tells_when_it_answered_and_until_when_that_counts(client: httpx2.AsyncClient, grid: Grid) -> None:
    grid.clock.advance(minutes=5)
    told = await source(client, "feed")
    assert (told["state"], told["kind"], told["evidence"]) == ("good", "osg-downtimes", "downtime")
    assert (told["answered_at"], told["valid_until"]) == ("2026-08-21T17:00:00Z", "2026-08-21T23:00:00Z")
    assert (told["age"], told["records"], told["failures"], told["failure"]) == (300.0, 1, 0, None)
    assert told["size"] == grid.feed.stat().st_size


async def test_a_failing_source_tells_why_and_grows_stale(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    grid.feed.write_text("<html>")
    await sync(gridmask, "feed")
    told = await source(client, "feed")
    assert (told["state"], told["failures"]) == ("failing", 1)
    assert told["failure"].startswith("feed: ")
    grid.clock.advance(hours=6)
    assert (await source(client, "feed"))["state"] == "stale"


async def test_flaws_of_an_answer_are_told(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    grid.announce(osg.downtime("1", "CE1", EndTime="soon"))
    await sync(gridmask, "feed")
    (problem,) = (await source(client, "feed"))["problems"]
    assert "EndTime" in problem


async def test_a_source_is_read_when_asked_for(client: httpx2.AsyncClient, grid: Grid) -> None:
    grid.announce()
    told = (await client.post(f"{SOURCES}/feed/sync")).json()
    assert told == {
        "source": "feed",
        "unchanged": False,
        "records": 0,
        "added": 0,
        "edited": 0,
        "removed": 1,
        "problems": [],
        "revision": 3,
    }
    assert (await client.post(f"{SOURCES}/feed/sync")).json()["unchanged"]


async def test_a_source_that_fails_when_asked_for_is_a_bad_gateway(client: httpx2.AsyncClient, grid: Grid) -> None:
    grid.feed.unlink()
    response = await client.post(f"{SOURCES}/feed/sync")
    assert response.status_code == 502
    assert response.json()["source"] == "feed"
    assert "No such file" in response.json()["detail"]


async def test_taking_out_too_much_has_to_be_forced(client: httpx2.AsyncClient, grid: Grid) -> None:
    grid.publish(osg.group("A", osg.resource("CE1", "CE")))
    refused = await client.post(f"{SOURCES}/osg/sync")
    assert (refused.status_code, "--force" in refused.json()["detail"]) == (502, True)
    forced = await client.post(f"{SOURCES}/osg/sync", params={"force": True})
    assert (forced.status_code, forced.json()["removed"]) == (200, 7)


async def test_a_source_that_is_not_configured_cannot_be_read(client: httpx2.AsyncClient) -> None:
    response = await client.post(f"{SOURCES}/fed/sync")
    assert (response.status_code, response.json()["suggestion"]) == (404, "feed")
