from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.errors import StoreUnavailable
from gridmask.service.statuses import Statuses

if TYPE_CHECKING:
    import httpx2

    from tests.grid import Grid

STATUSES = "/api/v1/statuses"
TOMORROW = "2026-08-22T17:00:00Z"
BAN = {"rows": [{"name": "CE2"}], "status": "Banned", "reason": "It eats jobs."}


async def rows(client: httpx2.AsyncClient, **query: str | int) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await client.get(STATUSES, params=query)).json()["statuses"]
    return listed


async def revision(client: httpx2.AsyncClient) -> int:
    made: int = max(mask["revision"] for mask in (await client.get("/api/v1/masks")).json()["masks"])
    return made


async def test_a_row_is_told_whole(client: httpx2.AsyncClient) -> None:
    (row,) = await rows(client, name="CE1", vo="cms")
    (reason,) = row.pop("reasons")
    assert reason["text"].endswith("New fans")
    assert row == {
        "family": "Resource",
        "type": "ComputingElement",
        "name": "CE1",
        "site": "A",
        "status_type": "all",
        "vo": "cms",
        "row": "all",
        "status": "Banned",
        "since": "2026-08-21T17:00:00Z",
        "opinion": "Banned",
        "token": None,
        "binding": False,
        "revision": 2,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "Banned"}, ["CE1"]),
        ({"status": "banned", "vo": "cms"}, ["CE1"]),
        ({"status_type": "ReadAccess"}, ["SE1"]),
        ({"type": "ComputingElement", "vo": "atlas"}, ["CE1", "CE2", "DUO"]),
        ({"type": "ComputingElement", "site": "B", "vo": "cms"}, ["DUO", "PRIVATE"]),
        ({"family": "Site"}, ["A", "B"]),
    ],
)
async def test_every_filter_must_hold(client: httpx2.AsyncClient, query: dict[str, str], found: list[str]) -> None:
    assert sorted(row["name"] for row in await rows(client, **query)) == found


async def test_pages_together_are_the_list_and_no_element_is_torn_apart(client: httpx2.AsyncClient) -> None:
    found: list[list[tuple[str, str, str]]] = []
    cursor: int | None = 0
    while cursor is not None:
        page = (await client.get(STATUSES, params={"limit": 2, "cursor": cursor})).json()
        found.append([(row["type"], row["name"], row["status_type"]) for row in page["statuses"]])
        cursor = page["next"]
    flat = [row for part in found for row in part]
    assert len(flat) == len(set(flat)) == 12
    assert any(sum(name == "SE1" for _, name, _ in part) == 4 for part in found)


async def test_setting_a_row_answers_with_what_became_of_it(client: httpx2.AsyncClient) -> None:
    said = (await client.post(STATUSES, json=BAN)).json()
    assert said["revision"] == 3
    (row,) = said["statuses"]
    assert (row["status"], row["opinion"], row["revision"]) == ("Banned", "Probing", 3)
    assert row["token"] == {"owner": "local", "until": TOMORROW, "agreed": False, "review_at": TOMORROW}
    assert row["reasons"][0]["text"] == "It eats jobs."


async def test_rows_are_set_together_or_not_at_all(client: httpx2.AsyncClient) -> None:
    wanted = {**BAN, "rows": [{"name": "CE2"}, {"name": "SE1", "status_type": "ReadAccess", "vo": "cms"}, {"name": "CE9"}]}
    before = await revision(client)
    assert (await client.post(STATUSES, json=wanted)).status_code == 404
    assert await revision(client) == before
    said = (await client.post(STATUSES, json={**wanted, "rows": wanted["rows"][:2]})).json()
    assert [(row["name"], row["row"], row["revision"]) for row in said["statuses"]] == [("CE2", "all", 3), ("SE1", "cms", 3)]


async def test_a_row_that_changed_since_it_was_seen_is_not_overwritten(client: httpx2.AsyncClient) -> None:
    await client.post(STATUSES, json=BAN)
    response = await client.post(STATUSES, json={**BAN, "status": "Active", "seen": 2})
    assert response.status_code == 409
    assert response.json()["current"] == {"row": "ComputingElement CE2 for all", "status": "Banned", "revision": 3}
    assert (await rows(client, name="CE2"))[0]["status"] == "Banned"


async def test_a_name_that_could_mean_several_is_refused_with_what_it_could_mean(client: httpx2.AsyncClient) -> None:
    response = await client.post(STATUSES, json={**BAN, "rows": [{"name": "DUO"}]})
    assert response.status_code == 422
    assert response.json()["candidates"] == ["Resource of type ComputingElement", "Resource of type FTS"]
    assert (await client.post(STATUSES, json={**BAN, "rows": [{"name": "DUO", "type": "FTS"}]})).status_code == 200


async def test_a_released_row_is_automations_again(client: httpx2.AsyncClient) -> None:
    await client.post(
        STATUSES, json={"rows": [{"name": "CE1"}], "status": "Active", "reason": "The fans are in.", "lasting": True}
    )
    said = (await client.post("/api/v1/tokens/release", json={"rows": [{"name": "CE1"}]})).json()
    assert [(row["status"], row["token"]) for row in said["statuses"]] == [("Banned", None)]


async def test_a_binding_ban_is_what_every_vo_reads(client: httpx2.AsyncClient) -> None:
    await client.post(STATUSES, json={**BAN, "rows": [{"name": "CE2", "vo": "cms"}], "status": "Active"})
    await client.post(STATUSES, json={**BAN, "binding": True, "lasting": True})
    (row,) = await rows(client, name="CE2", vo="cms")
    assert (row["status"], row["row"], row["binding"]) == ("Banned", "all", True)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"status": "Baned"}, "status", "there are Error, Banned, Probing, Degraded, Active, Unknown (found 'Baned')"),
        ({"reason": ""}, "reason", "at least 1 character"),
        ({"resaon": "x"}, "", "there is no field 'resaon'; did you mean 'reason'?"),
        ({"rows": []}, "rows", "at least 1 item"),
        ({"rows": [{"nme": "x"}]}, "rows[0]", "did you mean 'name'?"),
        ({"rows": [{"name": "x", "vo": 7}]}, "rows[0].vo", "valid string (found 7)"),
        ({"until": "tomorrow"}, "until", "write it as in 2026-08-21T17:00Z"),
        ({"until": 1700000000}, "until", "not a moment in time"),
        ({"until": "2026-08-22T10:00"}, "until", "timezone"),
        ({"until": "0001-01-01T00:00+01:00"}, "until", "not a moment in time"),
        ({"until": "2026-08-22T10:00Z", "lasting": True}, "", "exclude each other"),
        ({"lasting": "yes"}, "lasting", "valid boolean"),
        ({"seen": -1}, "seen", "greater than or equal to 0"),
    ],
)
async def test_a_wrong_field_is_named_with_what_is_allowed(
    client: httpx2.AsyncClient, change: dict[str, Any], field: str, said: str
) -> None:
    response = await client.post(STATUSES, json={**BAN, **change})
    assert response.status_code == 422
    (error,) = response.json()["errors"]
    assert (error["in"], error["field"]) == ("body", field)
    assert said in error["problem"]


async def test_half_a_character_is_no_text(client: httpx2.AsyncClient) -> None:
    body = json.dumps({**BAN, "reason": "\ud800"}).encode()
    response = await client.post(STATUSES, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422


async def test_a_null_character_is_in_no_text(client: httpx2.AsyncClient) -> None:
    response = await client.post(STATUSES, json={**BAN, "reason": "be\0ware"})
    assert (response.status_code, response.json()["type"].endswith("invalid-request")) == (422, True)
    assert "'be\\x00ware' is no text: what is at character 3 is a null character." in response.json()["detail"]


async def test_a_status_cannot_be_set_until_some_time_in_the_past(client: httpx2.AsyncClient, grid: Grid) -> None:
    response = await client.post(STATUSES, json={**BAN, "until": grid.clock().isoformat()})
    assert (response.status_code, "is over already" in response.json()["detail"]) == (422, True)


async def test_what_was_done_is_told_even_if_nobody_can_look_at_it_any_more(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise StoreUnavailable("The database is away.")

    monkeypatch.setattr(Statuses, "rows", lost)
    answer = await client.post(STATUSES, json=BAN)
    assert (answer.status_code, answer.json()) == (200, {"revision": 3, "statuses": []})


@pytest.mark.parametrize(
    ("if_match", "status"), [('"0"', 200), ('"3", "0"', 200), ("*", 200), ('"9"', 412), ('W/"0"', 412), ("0", 412)]
)
async def test_a_row_is_set_if_it_is_the_one_that_was_seen(client: httpx2.AsyncClient, if_match: str, status: int) -> None:
    (row,) = await rows(client, name="CE2")
    named = if_match.replace("0", str(row["revision"]))
    answer = await client.post(STATUSES, json=BAN, headers={"If-Match": named})
    assert answer.status_code == status
    if status == 412:
        assert answer.json()["type"] == "urn:gridmask:problem:stale-row"
        assert answer.json()["current"] == {
            "row": "ComputingElement CE2 for all",
            "status": "Active",
            "revision": row["revision"],
        }


async def test_what_a_row_must_be_is_said_of_one_row_in_one_way(client: httpx2.AsyncClient) -> None:
    (seen,) = {row["revision"] for row in await rows(client, name="SE1")}
    tag = {"If-Match": f'"{seen}"'}
    assert (await client.post(STATUSES, json={**BAN, "rows": [{"name": "SE1"}]}, headers=tag)).status_code == 422
    assert (await client.post(STATUSES, json={**BAN, "seen": seen}, headers=tag)).status_code == 422
    one = [{"name": "SE1", "status_type": "ReadAccess"}]
    assert (await client.post("/api/v1/tokens", json={"rows": one, "reason": "mine"}, headers=tag)).status_code == 200
    for verb in ("extend", "release"):
        assert (await client.post(f"/api/v1/tokens/{verb}", json={"rows": one}, headers=tag)).status_code == 412


async def test_of_each_row_it_is_told_whether_it_is_another(client: httpx2.AsyncClient) -> None:
    await client.post("/api/v1/tokens", json={"rows": [{"name": "CE1", "vo": "cms"}], "reason": "mine"})
    both = {"rows": [{"name": "CE1", "vo": "cms"}, {"name": "CE2", "vo": "cms"}]}
    said = (await client.post("/api/v1/tokens/release", json=both)).json()
    assert [(row["name"], row["changed"], row["token"]) for row in said["statuses"]] == [
        ("CE1", True, None),
        ("CE2", False, None),
    ]
    said = (await client.post("/api/v1/tokens/release", json=both)).json()
    assert (said["revision"], [row["changed"] for row in said["statuses"]]) == (None, [False, False])
