"""How far actions are, and what they could not tell, by HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests.grid import ADMIN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.grid import Grid

ACTIONS = "/api/v1/actions"
NOBODY = {"name": "nobody", "url": "http://127.0.0.1:1/"}


@pytest.fixture
async def client(grid: Grid) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an installation whose webhook is not there, and was to be told of two revisions."""
    async with grid.open(webhook=(NOBODY,)) as made:
        for status in (Status.BANNED, Status.ACTIVE):
            await made.statuses.set(ADMIN, [RowName(ElementName("CE2"))], status, "a try")
        await made.dispatcher.deliver()
        transport = httpx2.ASGITransport(app=create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield client


async def test_an_action_tells_how_far_it_is_and_why_no_further(client: httpx2.AsyncClient) -> None:
    (action,) = (await client.get(ACTIONS)).json()["actions"]
    assert (action["name"], action["kind"], action["state"], action["waiting"]) == ("nobody", "webhook", "failing", 2)
    assert action["failing"].startswith("http://127.0.0.1:1/: no connection")
    assert (action["attempts"], action["dead"]) == (1, 0)


async def test_what_it_waits_for_is_listed_retried_and_dropped(client: httpx2.AsyncClient) -> None:
    (failure,) = (await client.get(f"{ACTIONS}/failed", params={"action": "nobody"})).json()["failures"]
    assert (failure["key"], failure["about"], failure["state"]) == ("revision-3", "revision 3", "waiting")
    for verb in ("retry", "drop"):
        answer = await client.post(f"{ACTIONS}/{verb}", json={"action": "nobody", "keys": ["revision-3"], "reason": "a try"})
        assert answer.json() == {"keys": ["revision-3"]}
    assert (await client.get(f"{ACTIONS}/failed")).json() == {"failures": []}
    (action,) = (await client.get(ACTIONS)).json()["actions"]
    assert (action["state"], action["waiting"]) == ("good", 1)


async def test_what_is_not_there_is_told(client: httpx2.AsyncClient) -> None:
    gone = {"action": "nobdy", "reason": "a try"}
    answer = await client.post(f"{ACTIONS}/retry", json=gone)
    assert (answer.status_code, answer.json()["suggestion"]) == (404, "nobody")
    none = await client.post(f"{ACTIONS}/drop", json={"action": "nobody", "keys": [], "reason": "a try"})
    assert (none.status_code, "or say that all of it is meant" in none.text) == (422, True)
