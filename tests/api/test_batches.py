"""What is held, by HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api.app import create_app
from tests.clocks import at
from tests.grid import outage, sync, toml_policies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.grid import Grid

BATCHES = "/api/v1/batches"
TIGHT = "[guard]\ndeclared_share = 0.4\ndeclared_number = 0\n"


@pytest.fixture
async def client(grid: Grid) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an installation that holds a batch: CE2, DUO and PRIVATE are announced to be down, and CE1 was before."""
    async with grid.open(policies=toml_policies(grid.folder, TIGHT)) as made:
        await sync(made)
        names = ("CE1", "CE2", "DUO", "PRIVATE")
        grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=5)) for n, name in enumerate(names)))
        await sync(made, "feed")
        transport = httpx2.ASGITransport(app=create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield client


async def batch(client: httpx2.AsyncClient) -> dict[str, Any]:
    [found] = (await client.get(BATCHES)).json()["batches"]
    return dict(found)


async def test_what_waits_is_listed_with_its_cause(client: httpx2.AsyncClient) -> None:
    told = await batch(client)
    assert (told["cause"], told["state"], told["rows"], told["vos"]) == ("source feed", "held", 3, ["all", "atlas", "cms"])
    assert (told["opened_at"], told["decided_at"]) == ("2026-08-21T17:00:00Z", None)


async def test_a_batch_tells_its_rows(client: httpx2.AsyncClient) -> None:
    told = (await client.get(f"{BATCHES}/{(await batch(client))['id']}")).json()["held"]
    assert [(row["name"], row["status"], row["opinion"]) for row in told] == [
        (name, "Active", "Banned") for name in ("CE2", "DUO", "PRIVATE")
    ]


async def test_why_tells_that_a_row_is_held(client: httpx2.AsyncClient) -> None:
    [told] = (await client.get("/api/v1/statuses/why", params={"name": "CE2"})).json()["statuses"]
    assert told["hold"] == {"batch": (await batch(client))["id"], "until": "2026-08-22T17:00:00Z", "dropped": False}


@pytest.mark.parametrize(("decision", "status"), [("confirm", "Banned"), ("drop", "Active")])
async def test_a_decision_is_carried_out(client: httpx2.AsyncClient, decision: str, status: str) -> None:
    name = (await batch(client))["id"]
    answer = await client.post(f"{BATCHES}/{name}/{decision}", json={"reason": "Seen."})
    assert (answer.status_code, answer.json()["changed"]) == (200, 3)
    [row] = (await client.get("/api/v1/statuses/why", params={"name": "CE2"})).json()["statuses"]
    assert row["status"] == status
    assert (await client.get(BATCHES)).json() == {"batches": []}
    [decided] = (await client.get(BATCHES, params={"waiting": "false"})).json()["batches"]
    assert (decided["decided_by"], decided["comment"]) == ("local", "Seen.")


async def test_what_does_not_wait_cannot_be_decided(client: httpx2.AsyncClient) -> None:
    answer = await client.post(f"{BATCHES}/nothing/confirm", json={"reason": "Seen."})
    assert (answer.status_code, "no batch called 'nothing'" in answer.json()["detail"]) == (404, True)
    refused = await client.post(f"{BATCHES}/{(await batch(client))['id']}/drop", json={"reason": " "})
    assert refused.status_code == 422


async def test_the_first_page_says_what_is_held(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/")).text
    assert "3 rows</b> would be taken from all, atlas, cms because of source feed" in page
