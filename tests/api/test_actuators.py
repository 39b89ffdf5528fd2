"""Actuators by HTTP: how they fare, what they would do, and having it done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.actuated import TOKEN, RucioDouble, listening
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.grid import Grid

ROUTE = "/api/v1/actuators"


@pytest.fixture
async def rucio() -> AsyncIterator[RucioDouble]:
    async with listening(RucioDouble()) as made:
        made.on("SE1", "SE2")
        yield made


@pytest.fixture
async def client(grid: Grid, rucio: RucioDouble) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an installation that would have SE1 written no more, and holds it: its limits are narrow."""
    token = grid.folder / "token"
    token.write_text(TOKEN)
    table = {"name": "ours", "url": rucio.url, "vo": "cms", "token_file": token, "limits": {"changes": 1}}
    grid.publish(osg.group("A", osg.resource("SE1", "WebDAV"), osg.resource("SE2", "WebDAV")))
    async with grid.open(rucio=(table,)) as made:
        await sync(made, force=True)
        for name in ("SE2", "SE1"):
            await made.dispatcher.deliver()
            await made.statuses.set(ADMIN, [RowName(ElementName(name), "WriteAccess")], Status.BANNED, "a try")
        await made.dispatcher.deliver()
        transport = httpx2.ASGITransport(app=create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield client


async def test_an_actuator_tells_how_it_fares(client: httpx2.AsyncClient) -> None:
    (one,) = (await client.get(ROUTE)).json()["actuators"]
    assert (one["name"], one["kind"], one["vo"], one["state"]) == ("ours", "rucio", "cms", "drifting")
    assert (one["things"], one["in_line"], one["held"], one["problem"]) == (2, 1, 1, None)


async def test_drift_is_told_with_what_should_be(client: httpx2.AsyncClient) -> None:
    (one,) = (await client.get(f"{ROUTE}/ours/drift")).json()["drift"]
    assert (one["thing"], one["state"], one["found"], one["wished"]) == ("SE1", "held", {"write": True}, {"write": False})


async def test_what_is_held_is_let_through_and_that_is_in_the_books(client: httpx2.AsyncClient, rucio: RucioDouble) -> None:
    held = await client.post(f"{ROUTE}/ours/run", json={"reason": "not yet"})
    assert ([one["state"] for one in held.json()["drift"]], rucio.off("SE1")) == (["held"], "")
    done = await client.post(f"{ROUTE}/ours/run", json={"all": True, "reason": "I have seen the plan"})
    assert (done.json()["drift"], rucio.off("SE1")) == ([], "write")
    told = (await client.get("/api/v1/audit", params={"action": "actuator run"})).json()["entries"]
    assert [entry["comment"] for entry in told] == ["ours: I have seen the plan", "ours: not yet"]


async def test_a_plan_of_a_system_that_is_away_is_told_as_that(client: httpx2.AsyncClient, rucio: RucioDouble) -> None:
    assert (await client.get(f"{ROUTE}/ours/plan")).json()["drift"][0]["state"] == "held"
    rucio.broken["GET"] = 500
    answer = await client.get(f"{ROUTE}/ours/plan")
    assert (answer.status_code, answer.json()["type"]) == (502, "urn:gridmask:problem:source-failed")
    assert "HTTP status 500" in answer.json()["detail"]


async def test_one_that_is_not_there_is_told(client: httpx2.AsyncClient) -> None:
    answers = [await client.get(f"{ROUTE}/our/{what}") for what in ("drift", "plan")]
    answers.append(await client.post(f"{ROUTE}/our/run", json={"reason": "x"}))
    assert [(answer.status_code, answer.json()["suggestion"]) for answer in answers] == [(404, "ours")] * 3
