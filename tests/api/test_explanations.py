from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2

from gridmask.api.app import create_app
from gridmask.source import Source
from tests.api.conftest import BASE
from tests.grid import outage, sync, toml_policies

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid

STATUSES = "/api/v1/statuses"


async def why(client: httpx2.AsyncClient, **query: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = (await client.get(f"{STATUSES}/why", params=query)).json()["statuses"]
    return told


async def test_a_ban_is_explained_by_the_downtime_behind_it(client: httpx2.AsyncClient) -> None:
    (told,) = await why(client, name="CE1", vo="cms")
    assert (told["status"], told["vo"], told["row"], told["absence"]) == ("Banned", "cms", "all", None)
    (reason,) = told["reasons"]
    assert (reason["kind"], reason["source"], reason["record"]) == ("downtime", "feed", "1@CE1")
    assert (reason["since"], reason["until"]) == ("2026-08-21T16:00:00Z", "2026-08-21T19:00:00Z")
    (verdict,) = told["verdicts"]
    assert (verdict["policy"], verdict["layer"], verdict["status"], verdict["wins"]) == (
        "declared-downtimes",
        "all",
        "Banned",
        True,
    )
    assert told["due"] == "2026-08-21T19:00:00Z"
    assert told["decided_at"] == "2026-08-21T17:00:00Z"


async def test_a_usable_row_names_the_sources_whose_silence_it_rests_on(client: httpx2.AsyncClient) -> None:
    (told,) = await why(client, name="CE2")
    assert told["status"] == "Active"
    assert told["sources"] == {"osg": "2026-08-21T17:00:00Z", "feed": "2026-08-21T17:00:00Z"}


async def test_what_automation_would_do_is_told_while_a_person_holds_the_row(client: httpx2.AsyncClient) -> None:
    held = {"rows": [{"name": "CE1", "vo": "cms"}], "status": "Active", "reason": "We know better.", "lasting": True}
    await client.post(STATUSES, json=held)
    (told,) = await why(client, name="CE1", vo="cms")
    assert (told["status"], told["opinion"], told["row"]) == ("Active", "Banned", "cms")
    assert told["token"] == {"owner": "local", "until": None, "agreed": False, "review_at": "2026-09-20T17:00:00Z"}
    assert [(v["status"], v["wins"]) for v in told["verdicts"]] == [("Banned", True)]


async def test_why_says_when_the_mask_does_not_show_the_row(client: httpx2.AsyncClient) -> None:
    (old,) = await why(client, name="OLD", vo="atlas")
    assert old["absence"] == "out of service"


async def test_of_what_is_not_offered_to_the_vo_nothing_else_is_told(client: httpx2.AsyncClient) -> None:
    answer = await client.get(f"{STATUSES}/why", params={"name": "PRIVATE", "vo": "atlas"})
    told = answer.json()
    assert (answer.status_code, told["type"], told["absence"]) == (422, "urn:gridmask:problem:not-offered", "not offered")
    assert (told["vo"], told["element"]["name"], "cms" in answer.text) == ("atlas", "PRIVATE", False)


async def test_every_aspect_is_explained_unless_one_is_named(client: httpx2.AsyncClient) -> None:
    aspects = [told["status_type"] for told in await why(client, name="SE1")]
    assert aspects == ["ReadAccess", "WriteAccess", "CheckAccess", "RemoveAccess"]
    assert len(await why(client, name="SE1", status_type="ReadAccess")) == 1


async def test_history_tells_who_changed_what(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    grid.clock.advance(hours=1)
    grid.announce()
    await sync(gridmask, "feed")
    await client.post(STATUSES, json={"rows": [{"name": "CE1"}], "status": "Banned", "reason": "Not yet."})
    changes = (await client.get(f"{STATUSES}/history", params={"name": "CE1"})).json()["changes"]
    assert [(c["actor"], c["old"], c["new"]) for c in changes[:3]] == [
        ("local", "Active", "Banned"),
        ("gridmask", "Banned", "Active"),
        ("gridmask", "Unknown", "Banned"),
    ]
    assert changes[0]["token"]["owner"] == "local"
    assert changes[0]["at"] == "2026-08-21T18:00:00Z"


async def test_history_goes_back_page_by_page(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    for hours in range(1, 4):
        grid.announce(outage(str(hours), "CE2", grid.clock(), grid.clock.advance(hours=hours)))
        await sync(gridmask, "feed")
    whole = (await client.get(f"{STATUSES}/history", params={"name": "CE2"})).json()["changes"]
    first = (await client.get(f"{STATUSES}/history", params={"name": "CE2", "limit": 2})).json()
    rest = (await client.get(f"{STATUSES}/history", params={"name": "CE2", "before": first["next"]})).json()
    assert first["changes"] + rest["changes"] == whole
    assert rest["next"] is None


async def test_a_vo_without_rows_of_its_own_has_the_history_of_all(client: httpx2.AsyncClient) -> None:
    changes = (await client.get(f"{STATUSES}/history", params={"name": "CE1", "vo": "cms"})).json()["changes"]
    assert {change["vo"] for change in changes} == {"all"}


async def test_an_element_that_is_not_known_has_no_reasons(client: httpx2.AsyncClient) -> None:
    response = await client.get(f"{STATUSES}/why", params={"name": "PRIVAT"})
    assert (response.status_code, response.json()["suggestion"]) == (404, "PRIVATE")


async def test_sources_that_measure_other_things_are_not_named(grid: Grid) -> None:
    body = '{"measurements": [{"kind": "probe", "about": {"type": "ComputingElement", "name": "CE2"}, '
    body += '"value": {"metric": "submit", "result": "CRITICAL"}, "observed_at": "2026-08-21T16:59:00Z"}]}'
    (grid.folder / "measured.json").write_text(body)
    measuring = Source(name="jobs", kind="measurements", url=(grid.folder / "measured.json").as_uri())
    toml_policies(grid.folder, '[policy.probes]\ntype = "probe"\n')
    settings: dict[str, Any] = {"source": (*grid.settings().source, measuring), "policies": grid.folder / "policies"}
    async with grid.open(**settings) as made:
        await sync(made)
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
            named = [(await why(client, name=name))[0]["sources"].keys() for name in ("CE1", "CE2")]
    assert named == [{"osg", "feed"}, {"osg", "feed", "jobs"}]
