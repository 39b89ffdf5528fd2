"""How far automation goes, by HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api.app import create_app
from tests.api.conftest import BASE
from tests.grid import catch_up, toml_policies

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid

AUTOMATION, STATUSES = "/api/v1/automation", "/api/v1/statuses"
OFF: dict[str, Any] = {"elements": [{"name": "CE1"}], "mode": "observe-only", "reason": "New fans."}


async def status(client: httpx2.AsyncClient, name: str, vo: str = "all") -> str:
    [row] = (await client.get(STATUSES, params={"name": name, "vo": vo})).json()["statuses"]
    return str(row["status"])


@pytest.mark.parametrize("mode", ["full", "exclude-only", "observe-only", "off"])
async def test_a_mode_is_decided_by_its_name(client: httpx2.AsyncClient, mode: str) -> None:
    asked = {"elements": [{"name": "CE2"}], "vo": "cms", "mode": mode, "reason": "We look first."}
    assert (await client.post(AUTOMATION, json=asked)).json()["elements"] == 1
    [told] = (await client.get(f"{STATUSES}/why", params={"name": "CE2", "vo": "cms"})).json()["statuses"]
    assert (told["automation"], told["ruling"]["reason"]) == (mode, "We look first.")


async def test_a_match_decides_for_all_that_agree(client: httpx2.AsyncClient) -> None:
    await client.post(AUTOMATION, json={"match": {"site": "B"}, "mode": "off", "reason": "Testbed."})
    rulings = (await client.get(AUTOMATION)).json()["rulings"]
    assert {ruling["mode"] for ruling in rulings} == {"off"}
    assert "B" in {ruling["name"] for ruling in rulings}


async def test_no_mode_ends_what_was_decided(client: httpx2.AsyncClient) -> None:
    for mode in ("off", None):
        await client.post(AUTOMATION, json={"elements": [{"name": "CE2"}], "mode": mode, "reason": "So."})
    assert (await client.get(AUTOMATION)).json() == {"layers": {}, "rulings": []}


async def test_what_was_decided_is_listed(client: httpx2.AsyncClient) -> None:
    answer = await client.post(AUTOMATION, json=OFF)
    assert (answer.status_code, answer.json()) == (200, {"elements": 1, "revision": None, "changed": 0})
    told = (await client.get(AUTOMATION)).json()
    assert told == {
        "layers": {},
        "rulings": [
            {
                "family": "Resource",
                "type": "ComputingElement",
                "name": "CE1",
                "vo": "all",
                "mode": "observe-only",
                "by": "local",
                "reason": "New fans.",
                "at": "2026-08-21T17:00:00Z",
            }
        ],
    }


async def test_what_may_not_change_does_not_until_it_may(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    await client.post(AUTOMATION, json=OFF)
    grid.clock.advance(hours=3)
    await catch_up(gridmask)
    assert await status(client, "CE1") == "Banned"
    [told] = (await client.get(f"{STATUSES}/why", params={"name": "CE1"})).json()["statuses"]
    assert (told["opinion"], told["automation"], told["ruling"]["reason"]) == ("Active", "observe-only", "New fans.")
    assert told["ways"] == [{"kind": "automation", "status": "Active", "name": "observe-only", "at": None}]
    cleared = await client.post(AUTOMATION, json={**OFF, "mode": None})
    assert (cleared.json()["changed"], await status(client, "CE1")) == (1, "Active")


async def test_a_decision_for_a_vo_opens_its_row(client: httpx2.AsyncClient) -> None:
    made = await client.post(AUTOMATION, json={**OFF, "elements": [], "match": {"site": "A"}, "vo": "CMS"})
    assert made.json() == {"elements": 4, "revision": 3, "changed": 7}
    assert len((await client.get(AUTOMATION, params={"vo": "cms"})).json()["rulings"]) == 4
    assert (await client.get(AUTOMATION, params={"vo": "atlas"})).json()["rulings"] == []


async def test_the_layers_of_the_policies_are_told(grid: Grid) -> None:
    policies = toml_policies(grid.folder, "[automation]\nmode = 'exclude-only'\n", cms="[automation]\nmode = 'off'\n")
    async with grid.open(policies=policies) as made:
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
            assert (await client.get(AUTOMATION)).json()["layers"] == {"all": "exclude-only", "cms": "off"}


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"elements": []}, 422, "Name the elements, or say what they match"),
        ({"elements": [{"name": "CE9"}]}, 404, "no element called 'CE9'"),
        ({"elements": [{"name": "DUO"}]}, 422, "could be any of"),
        ({"vo": "cmss"}, 404, "Did you mean 'cms'"),
        ({"reason": " "}, 422, "A reason is needed"),
        ({"match": {"status": "Banned"}}, 422, "'status' says nothing of an element as such"),
        ({"match": {"status_type": "x"}}, 422, "says nothing of an element as such"),
        ({"match": {"site": "Z"}}, 422, "Nothing in the inventory agrees with site=Z"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_decided(
    client: httpx2.AsyncClient, change: dict[str, Any], code: int, said: str
) -> None:
    answer = await client.post(AUTOMATION, json={**OFF, **change})
    assert (answer.status_code, said in answer.json()["detail"]) == (code, True), answer.text
    assert (await client.get(AUTOMATION)).json()["rulings"] == []


async def test_a_mode_that_there_is_not_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post(AUTOMATION, json={**OFF, "mode": "of"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "mode")


@pytest.mark.parametrize("change", [{"mode": "on"}, {"elements": [{"nme": "x"}]}, {"match": {"site": 1}}, {"moed": None}])
async def test_a_wrong_field_is_refused(client: httpx2.AsyncClient, change: dict[str, Any]) -> None:
    assert (await client.post(AUTOMATION, json={**OFF, **change})).status_code == 422


async def test_a_mode_must_be_said_even_if_it_is_none(client: httpx2.AsyncClient) -> None:
    answer = await client.post(AUTOMATION, json={key: value for key, value in OFF.items() if key != "mode"})
    assert answer.json()["errors"][0]["field"] == "mode"
