from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

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
    assert (refused.status_code, "gridmask source quarantine osg" in refused.json()["detail"]) == (502, True)
    forced = await client.post(f"{SOURCES}/osg/sync", params={"force": True})
    assert (forced.status_code, forced.json()["removed"]) == (200, 7)


async def test_a_source_that_is_not_configured_cannot_be_read(client: httpx2.AsyncClient) -> None:
    response = await client.post(f"{SOURCES}/fed/sync")
    assert (response.status_code, response.json()["suggestion"]) == (404, "feed")


# --- Quarantine

FEW_LEFT = osg.group("A", osg.resource("CE1", "CE"))


async def held(client: httpx2.AsyncClient, grid: Grid, *groups: str) -> str:
    """Have the inventory say this, and the answer refused. Returns its hash."""
    grid.publish(*groups or (FEW_LEFT,))
    assert (await client.post(f"{SOURCES}/osg/sync")).status_code == 502
    told = (await source(client, "osg"))["quarantine"]
    return str(told["sha256"])


async def test_an_answer_that_takes_out_too_much_is_in_quarantine(client: httpx2.AsyncClient, grid: Grid) -> None:
    before = await source(client, "osg")
    grid.clock.advance(minutes=10)
    digest = await held(client, grid)
    told = await source(client, "osg")
    assert (told["state"], told["failures"], told["in_force"], told["sha256"]) == ("quarantined", 1, 9, before["sha256"])
    assert (told["failing_since"], told["next_at"]) == ("2026-08-21T17:10:00Z", "2026-08-21T17:20:00Z")
    seen = told["quarantine"]
    assert (seen["state"], seen["since"], seen["times"]) == ("held", "2026-08-21T17:10:00Z", 1)
    assert (seen["removed"], seen["changed"], seen["added"]) == (7, 0, 0)
    assert seen["problem"] == "take out 7 of 9 (78%), more than the 20% allowed"
    assert (digest, seen["size"]) == (sha256(grid.inventory.read_bytes()).hexdigest(), grid.inventory.stat().st_size)


async def test_what_it_would_change_is_told_by_name(client: httpx2.AsyncClient, grid: Grid) -> None:
    await held(client, grid)
    told = (await client.get(f"{SOURCES}/osg/quarantine")).json()
    assert (told["source"], told["untold"], len(told["items"])) == ("osg", 0, 7)
    named = {item["name"]: (item["deed"], item["before"], item["after"]) for item in told["items"]}
    assert named["ComputingElement PRIVATE"] == ("remove", "at B, for cms", None)
    assert named["ComputingElement OLD"] == ("remove", "at B, out of service", None)


async def test_where_nothing_is_in_quarantine_that_is_said(client: httpx2.AsyncClient) -> None:
    response = await client.get(f"{SOURCES}/osg/quarantine")
    assert (response.status_code, response.json()["kind"]) == (404, "answer in quarantine")
    assert (await client.get(f"{SOURCES}/fed/quarantine")).json()["suggestion"] == "feed"


async def test_what_is_accepted_is_what_was_seen(client: httpx2.AsyncClient, grid: Grid) -> None:
    asked = {"sha256": await held(client, grid), "reason": "They are closed."}
    grid.publish()
    told = await client.post(f"{SOURCES}/osg/quarantine/accept", json=asked)
    assert (told.status_code, told.json()["removed"], told.json()["records"]) == (200, 7, 2)
    now = await source(client, "osg")
    assert (now["state"], now["quarantine"], now["in_force"], now["sha256"]) == ("good", None, 2, asked["sha256"])


@pytest.mark.parametrize("verb", ["accept", "drop"])
async def test_nothing_else_than_what_is_there_is_decided_about(client: httpx2.AsyncClient, grid: Grid, verb: str) -> None:
    digest = await held(client, grid)
    for other in ("0" * 64, digest[:11] + "g", digest[:11]):
        response = await client.post(f"{SOURCES}/osg/quarantine/{verb}", json={"sha256": other, "reason": "x"})
        assert response.status_code in {409, 422}
    assert (await source(client, "osg"))["quarantine"]["state"] == "held"


async def test_what_is_dropped_waits_for_nobody(client: httpx2.AsyncClient, grid: Grid) -> None:
    asked = {"sha256": (await held(client, grid))[:12], "reason": "Their database is broken."}
    told = (await client.post(f"{SOURCES}/osg/quarantine/drop", json=asked)).json()
    assert (told["state"], told["reason"], told["decided_by"]) == ("dropped", "Their database is broken.", "local")
    again = await client.post(f"{SOURCES}/osg/sync")
    assert "Their database is broken." in again.json()["detail"]
    assert (await source(client, "osg"))["state"] == "failing"
    assert (await client.post(f"{SOURCES}/osg/quarantine/accept", json=asked)).status_code == 409


async def test_metrics_tell_how_sources_fare(client: httpx2.AsyncClient, grid: Grid) -> None:
    grid.clock.advance(minutes=5)
    await held(client, grid)
    lines = (await client.get("/metrics")).text.splitlines()
    assert {
        'gridmask_source_failures{source="osg"} 1.0',
        'gridmask_source_records{source="osg"} 9.0',
        'gridmask_source_quarantined{source="osg"} 1.0',
        'gridmask_source_quarantined{source="feed"} 0.0',
        'gridmask_source_age_seconds{source="osg"} 300.0',
    } <= set(lines)
