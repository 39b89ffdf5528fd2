"""What masks of the past should have been, by HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.clocks import at
from tests.grid import outage

if TYPE_CHECKING:
    import httpx2

    from tests.grid import Grid

URL = "/api/v1/masks/cms/hindsight"
THEN = {"at": "2026-08-21T17:00Z"}
CE1 = {"family": "Resource", "type": "ComputingElement", "name": "CE1", "site": "A", "status_type": "all"}


@pytest.fixture
async def later(client: httpx2.AsyncClient, grid: Grid) -> None:
    """Ten minutes later, another downtime is announced in place of that of CE1: of CE2, for an hour already."""
    grid.clock.advance(minutes=10)
    grid.announce(outage("7", "CE2", at(hours=-1), at(hours=2)))
    assert (await client.post("/api/v1/sources/feed/sync", params={"force": True})).status_code == 200


@pytest.mark.usefixtures("later")
async def test_what_was_missed_and_what_was_lost_is_told_with_its_reasons(client: httpx2.AsyncClient) -> None:
    told = (await client.get(URL, params={**THEN, "differences": True})).json()
    assert (told["vo"], told["at"], told["known"]) == ("cms", "2026-08-21T17:00:00Z", "2026-08-21T17:10:00Z")
    assert (told["missed"], told["lost"], told["other"], told["unsure"]) == (1, 1, 0, [])
    lost, missed = told["rows"]
    assert lost["reasons"][0].pop("text") == "No downtime is announced for now."
    assert {key: value for key, value in lost.items() if key != "reasons"} == {
        **CE1,
        "served": "Banned",
        "status": "Active",
        "asked": "Active",
        "by": ["declared-downtimes"],
        "owner": None,
        "divergence": "lost",
        "why": "taken-back",
        "learnt_at": "2026-08-21T17:10:00Z",
    }
    assert (missed["name"], missed["why"], missed["reasons"][0]["record"]) == ("CE2", "late", "7@CE2")


@pytest.mark.usefixtures("later")
async def test_every_row_of_the_mask_is_judged(client: httpx2.AsyncClient) -> None:
    mask = (await client.get("/api/v1/masks/cms", params=THEN)).json()
    told = (await client.get(URL, params=THEN)).json()
    served = [(e["name"], aspect, status) for e in mask["elements"] for aspect, status in e["status"].items()]
    assert [(row["name"], row["status_type"], row["served"]) for row in told["rows"]] == served
    assert told["revision"] == mask["revision"]


@pytest.mark.usefixtures("later")
async def test_by_what_was_known_then_nothing_differs(client: httpx2.AsyncClient) -> None:
    told = (await client.get(URL, params={**THEN, "known": THEN["at"], "differences": True})).json()
    assert (told["rows"], told["missed"], told["lost"]) == ([], 0, 0)


async def test_whose_a_row_was_is_told(client: httpx2.AsyncClient, grid: Grid) -> None:
    asked = {"rows": [{"name": "CE1"}], "status": "Active", "reason": "It is needed."}
    assert (await client.post("/api/v1/statuses", json=asked)).status_code == 200
    grid.clock.advance(minutes=10)
    told = (await client.get(URL, params=THEN)).json()
    (row,) = (row for row in told["rows"] if row["name"] == "CE1")
    assert (row["owner"], row["status"], row["asked"], row["divergence"]) == ("local", "Active", "Banned", None)


@pytest.mark.parametrize(
    ("asked", "status", "detail"),
    [
        ({}, 422, "at"),
        ({"at": "2026-08-21T18:00Z"}, 422, "still to come"),
        ({**THEN, "known": "2026-08-21T18:00Z"}, 422, "still to come"),
        ({**THEN, "known": "2026-08-21T16:00Z"}, 422, "Name a later moment"),
        ({"at": "2026-08-20T17:00Z"}, 404, "is known since 2026-08-21T17:00:00Z"),
        ({**THEN, "policies": "later"}, 422, "policies"),
        ({**THEN, "diferences": "1"}, 422, "did you mean 'differences'?"),
    ],
)
async def test_what_cannot_be_judged_is_refused(
    client: httpx2.AsyncClient, asked: dict[str, str], status: int, detail: str
) -> None:
    response = await client.get(URL, params=asked)
    assert response.status_code == status
    assert detail in response.json()["detail"]
