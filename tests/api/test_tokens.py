"""Rows in people's hands, by HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gridmask.service.selection import ElementName, RowName
from tests.grid import CMS, catch_up

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

TOKENS, STATUSES = "/api/v1/tokens", "/api/v1/statuses"
TAKE: dict[str, Any] = {"rows": [{"name": "CE2"}], "reason": "Looking at it."}


async def held(client: httpx2.AsyncClient, **query: str) -> list[tuple[str, str]]:
    answer = (await client.get(TOKENS, params=query)).json()
    return [(token["name"], token["vo"]) for token in answer["tokens"]]


async def test_a_row_is_taken_as_it_is_and_listed(client: httpx2.AsyncClient) -> None:
    said = (await client.post(TOKENS, json={**TAKE, "until": "2026-08-21T20:00Z"})).json()
    [row] = said["statuses"]
    token = {"owner": "local", "until": "2026-08-21T20:00:00Z", "agreed": False, "review_at": "2026-08-21T20:00:00Z"}
    assert (said["revision"], row["status"], row["token"]) == (3, "Active", token)
    [listed] = (await client.get(TOKENS)).json()["tokens"]
    assert listed == {
        "family": "Resource",
        "type": "ComputingElement",
        "name": "CE2",
        "status_type": "all",
        "vo": "all",
        "status": "Active",
        "opinion": "Active",
        "binding": False,
        "token": token,
    }


async def test_rows_are_taken_by_what_they_are_and_by_name_together(client: httpx2.AsyncClient) -> None:
    chosen = [{"name": "DUO", "type": "FTS"}, {"match": {"site": "A", "type": ["Web*", "Site"]}, "vo": "CMS"}]
    said = (await client.post(TOKENS, json={**TAKE, "rows": chosen})).json()
    assert {(row["name"], row["vo"]) for row in said["statuses"]} == {("DUO", "all"), ("SE1", "cms"), ("A", "cms")}
    assert len(said["statuses"]) == 6


async def test_the_list_is_filtered(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await client.post(TOKENS, json={**TAKE, "lasting": True})
    await gridmask.tokens.take(CMS, [RowName(ElementName("CE1"), vo="cms")], "ours")
    assert await held(client) == [("CE1", "cms"), ("CE2", "all")]
    assert await held(client, vo="CMS") == await held(client, owner="shifter") == [("CE1", "cms")]
    assert await held(client, before="2026-08-21T20:00Z") == []
    assert await held(client, owner="nobody") == []


async def test_an_extension_is_for_another_term_from_now(client: httpx2.AsyncClient, grid: Grid) -> None:
    await client.post(TOKENS, json=TAKE)
    grid.clock.advance(hours=3)
    said = (await client.post(f"{TOKENS}/extend", json={"rows": [{"name": "CE2"}]})).json()
    assert said["statuses"][0]["token"]["until"] == "2026-08-22T20:00:00Z"


async def test_what_is_somebody_elses_is_not_extended(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await gridmask.tokens.take(CMS, [RowName(ElementName("CE1"), vo="cms")], "ours")
    answer = await client.post(f"{TOKENS}/extend", json={"rows": [{"name": "CE1", "vo": "cms"}]})
    assert (answer.status_code, "held by shifter" in answer.json()["detail"]) == (409, True)
    free = await client.post(f"{TOKENS}/extend", json={"rows": [{"name": "CE2"}]})
    assert (free.status_code, "Nobody holds" in free.json()["detail"]) == (409, True)


async def test_a_row_is_given_back(client: httpx2.AsyncClient) -> None:
    await client.post(STATUSES, json={**TAKE, "status": "Banned"})
    said = (await client.post(f"{TOKENS}/release", json={"rows": [{"name": "CE2"}], "reason": "Repaired."})).json()
    assert [(row["status"], row["token"]) for row in said["statuses"]] == [("Probing", None)]


async def test_what_was_seen_earlier_is_not_touched(client: httpx2.AsyncClient) -> None:
    await client.post(TOKENS, json=TAKE)
    for door, body in (("", TAKE), ("/extend", {"rows": TAKE["rows"]}), ("/release", {"rows": TAKE["rows"]})):
        answer = await client.post(f"{TOKENS}{door}", json={**body, "seen": 2})
        assert (answer.status_code, answer.json()["current"]["revision"]) == (409, 3)
        assert len(await held(client)) == 1


async def test_automation_has_back_what_it_agrees_to(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    tried = {**TAKE, "rows": [{"name": "CE1"}], "status": "Active", "agreed": True}
    [row] = (await client.post(STATUSES, json=tried)).json()["statuses"]
    assert (row["token"]["agreed"], row["token"]["until"], row["opinion"]) == (True, None, "Banned")
    grid.clock.advance(hours=2)
    await catch_up(gridmask)
    [row] = (await client.get(STATUSES, params={"name": "CE1"})).json()["statuses"]
    assert (row["status"], row["token"]) == ("Active", None)


async def test_what_would_become_of_it_is_told_while_it_is_held(client: httpx2.AsyncClient) -> None:
    await client.post(STATUSES, json={**TAKE, "rows": [{"name": "CE1"}], "status": "Active", "until": "2026-08-21T18:00Z"})
    [told] = (await client.get(f"{STATUSES}/why", params={"name": "CE1"})).json()["statuses"]
    ends = {"status": "Banned", "at": "2026-08-21T18:00:00Z"}
    assert told["ways"] == [{"kind": "time", "name": "", **ends}, {"kind": "release", "name": "local", **ends}]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"until": "2026-08-21T17:00Z"}, "is over already; rows are held at some time to come"),
        ({"review_at": "2026-08-21T16:00Z"}, "is over already; rows are reviewed"),
        ({"until": "2026-08-21T19:00Z", "review_at": "2026-08-21T20:00Z"}, "nobody holds them any more"),
        ({"reason": "  "}, "A reason is needed"),
        ({"rows": [{"match": {"sitee": "A"}}]}, "did you mean 'site'"),
        ({"rows": [{"match": {}}]}, "would mean everything"),
        ({"rows": [{"match": {"vo": "cms"}}]}, "for which VO apart from the match"),
        ({"rows": [{"match": {"site": "Z"}}]}, "Nothing in the inventory that is offered to all agrees with site=Z"),
        ({"rows": [{"match": {"name": "PRIVATE"}, "vo": "atlas"}]}, "offered to atlas agrees with name=PRIVATE"),
        ({"rows": [{"name": "PRIVATE", "vo": "atlas"}]}, "is not offered to atlas"),
        ({"rows": [{"match": {"status": "Baned"}}]}, "did you mean 'Banned'"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_held(
    client: httpx2.AsyncClient, change: dict[str, Any], said: str
) -> None:
    answer = await client.post(TOKENS, json={**TAKE, **change})
    assert (answer.status_code, said in answer.json()["detail"]) == (422, True), answer.text
    assert await held(client) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rows": [{"name": "CE2", "match": {"site": "A"}}]}, "rows[0]"),
        ({"rows": [{"match": {"site": 7}}]}, "rows[0].match.site"),
        ({"rows": [{}]}, "rows[0]"),
        ({"lasting": True, "until": "2026-08-22T10:00Z"}, ""),
        ({"until": "soon"}, "until"),
        ({"agree": True}, ""),
        ({"reason": "x" * 4001}, "reason"),
    ],
)
async def test_a_wrong_field_is_named(client: httpx2.AsyncClient, change: dict[str, Any], field: str) -> None:
    answer = await client.post(TOKENS, json={**TAKE, **change})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith(field), answer.text


async def test_a_binding_row_is_held_until_it_is_released(client: httpx2.AsyncClient) -> None:
    ban = {**TAKE, "status": "Banned", "binding": True}
    answer = await client.post(STATUSES, json={**ban, "agreed": True})
    assert (answer.status_code, "until somebody releases it" in answer.json()["detail"]) == (422, True)
    [row] = (await client.post(STATUSES, json=ban)).json()["statuses"]
    assert (row["binding"], row["token"]["until"]) == (True, None)
