from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.clocks import at
from tests.grid import outage, sync

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

DOWNTIMES = "/api/v1/downtimes"
DECLARED = {"elements": [{"name": "CE2"}], "description": "Move", "end": "2026-08-21T20:00Z"}


async def records(client: httpx2.AsyncClient, **query: str | int) -> list[str]:
    return [downtime["record"] for downtime in (await client.get(DOWNTIMES, params=query)).json()["downtimes"]]


async def status(client: httpx2.AsyncClient, name: str, vo: str = "all") -> str:
    told: str = (await client.get("/api/v1/statuses", params={"name": name, "vo": vo})).json()["statuses"][0]["status"]
    return told


async def test_a_downtime_is_told_whole(client: httpx2.AsyncClient) -> None:
    (downtime,) = (await client.get(DOWNTIMES)).json()["downtimes"]
    assert downtime == {
        "source": "feed",
        "record": "1@CE1",
        "elements": [{"family": "Resource", "type": "ComputingElement", "name": "CE1"}],
        "hosts": [],
        "start": "2026-08-21T16:00:00Z",
        "end": "2026-08-21T19:00:00Z",
        "severity": "Outage",
        "scheduling": "SCHEDULED",
        "description": "New fans",
        "vo": "all",
        "owner": None,
        "url": None,
        "created_at": "2026-08-01T12:00:00Z",
        "known_from": "2026-08-21T17:00:00Z",
        "known_to": None,
        "ended_by": None,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["1@CE1", "2@CE2"]),
        ({"when": "ongoing"}, ["1@CE1"]),
        ({"when": "future"}, ["2@CE2"]),
        ({"when": "past"}, ["3@SE1"]),
        ({"when": "all", "name": "SE1"}, ["3@SE1"]),
        ({"when": "all", "source": "manual"}, []),
    ],
)
async def test_downtimes_are_listed_by_when_and_where(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid, query: dict[str, str], found: list[str]
) -> None:
    first = outage("1", "CE1", at(hours=-1), at(hours=2), Description="New fans")
    second, third = outage("2", "CE2", at(hours=1), at(hours=2)), outage("3", "SE1", at(hours=-2), at(hours=-1), "WebDAV")
    grid.announce(first, second, third)
    await sync(gridmask, "feed")
    assert await records(client, **query) == found


async def test_what_was_edited_is_listed_when_asked_for(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=5), Description="New fans"))
    await sync(gridmask, "feed")
    versions = (await client.get(DOWNTIMES, params={"versions": True})).json()["downtimes"]
    assert [(v["end"], v["ended_by"]) for v in versions] == [("2026-08-21T19:00:00Z", "edit"), ("2026-08-21T22:00:00Z", None)]


async def test_pages_together_are_the_list(client: httpx2.AsyncClient) -> None:
    for _ in range(3):
        await client.post(DOWNTIMES, json=DECLARED)
    first = (await client.get(DOWNTIMES, params={"limit": 3})).json()
    rest = (await client.get(DOWNTIMES, params={"limit": 3, "cursor": first["next"]})).json()
    assert [d["record"] for d in first["downtimes"] + rest["downtimes"]] == await records(client)
    assert rest["next"] is None


async def test_a_declared_downtime_bans_at_once_and_its_cancellation_frees(client: httpx2.AsyncClient) -> None:
    response = await client.post(DOWNTIMES, json=DECLARED)
    assert response.status_code == 201
    made = response.json()["downtime"]
    assert (made["source"], made["owner"], made["start"]) == ("manual", "local", "2026-08-21T17:00:00Z")
    assert await status(client, "CE2") == "Banned"
    cancelled = await client.delete(response.headers["Location"], params={"reason": "It rains."})
    assert (cancelled.status_code, cancelled.json()["downtime"]["record"]) == (200, made["record"])
    assert await status(client, "CE2") == "Active"


async def test_a_site_is_down_with_all_that_is_there(client: httpx2.AsyncClient) -> None:
    declared = {"sites": ["B"], "description": "No power", "vo": "CMS", "severity": "WARNING"}
    made = (await client.post(DOWNTIMES, json=declared)).json()["downtime"]
    assert sorted({element["name"] for element in made["elements"]}) == ["B", "DUO", "OLD", "PRIVATE"]
    assert [await status(client, "DUO", vo) for vo in ("cms", "atlas")] == ["Degraded", "Active"]


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"elements": []}, 422, "at least one element or site"),
        ({"elements": [{"name": "CE9"}]}, 404, "no element called 'CE9'"),
        ({"sites": ["C"]}, 404, "no site called 'C'"),
        ({"end": "2026-08-21T10:00Z"}, 422, "ends before it begins"),
        ({"start": "2026-08-20T10:00Z", "end": "2026-08-20T11:00Z"}, 422, "is over already"),
        ({"severity": "Severe"}, 422, "'OUTAGE' or 'WARNING'"),
        ({"description": " "}, 422, "description is needed"),
        ({"ende": "2026-08-21T10:00Z"}, 422, "did you mean 'end'?"),
    ],
)
async def test_a_downtime_that_makes_no_sense_is_refused(
    client: httpx2.AsyncClient, change: dict[str, Any], code: int, said: str
) -> None:
    response = await client.post(DOWNTIMES, json={**DECLARED, **change})
    assert response.status_code == code
    assert said in response.json()["detail"]


async def test_only_what_was_declared_here_can_be_cancelled_and_only_with_a_reason(client: httpx2.AsyncClient) -> None:
    assert (await client.delete(f"{DOWNTIMES}/1@CE1", params={"reason": "x"})).status_code == 404
    response = await client.delete(f"{DOWNTIMES}/1@CE1")
    assert response.status_code == 422
    assert response.json()["errors"] == [{"in": "query", "field": "reason", "problem": "Field required"}]
