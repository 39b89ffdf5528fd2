from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx2

AUTOMATION = "/api/v1/automation"


async def why(client: httpx2.AsyncClient, name: str, vo: str) -> dict[str, Any]:
    (told,) = (await client.get("/api/v1/statuses/why", params={"name": name, "vo": vo})).json()["statuses"]
    explanation: dict[str, Any] = told
    return explanation


@pytest.mark.parametrize("mode", ["full", "exclude-only", "observe-only", "off"])
async def test_a_mode_is_decided_by_its_name(client: httpx2.AsyncClient, mode: str) -> None:
    asked = {"elements": [{"name": "CE2"}], "vo": "cms", "mode": mode, "reason": "We look first."}
    assert (await client.post(AUTOMATION, json=asked)).json()["elements"] == 1
    told = await why(client, "CE2", "cms")
    assert (told["automation"], told["ruling"]["reason"]) == (mode, "We look first.")


async def test_a_match_decides_for_all_that_agree(client: httpx2.AsyncClient) -> None:
    await client.post(AUTOMATION, json={"match": {"site": "B"}, "mode": "off", "reason": "Testbed."})
    (rulings,) = [(await client.get(AUTOMATION)).json()["rulings"]]
    assert {ruling["mode"] for ruling in rulings} == {"off"}
    assert "B" in {ruling["name"] for ruling in rulings}


async def test_no_mode_ends_what_was_decided(client: httpx2.AsyncClient) -> None:
    for mode in ("off", None):
        await client.post(AUTOMATION, json={"elements": [{"name": "CE2"}], "mode": mode, "reason": "So."})
    assert (await client.get(AUTOMATION)).json() == {"layers": {}, "rulings": []}


async def test_a_mode_that_there_is_not_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post(AUTOMATION, json={"elements": [{"name": "CE2"}], "mode": "of", "reason": "So."})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "mode")
