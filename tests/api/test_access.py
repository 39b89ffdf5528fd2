"""Service tokens and the audit, by HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.test_rights import BANNED, Asking, guarded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.grid import Grid

TOKENS = "/api/v1/access/tokens"
WANTED = {"name": "probes of cms", "grants": [{"role": "operator", "vo": "CMS"}], "days": 30, "reason": "nightly probes"}


@pytest.fixture
async def asking(grid: Grid) -> AsyncIterator[Asking]:
    async with guarded(grid, "vo") as asking:
        yield asking


async def issued(asking: Asking, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    answer = await asking.client.post(TOKENS, json={**WANTED, **other}, headers=asking.bearer("/experts"))
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def showing(token: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token['token']}"}


async def test_a_service_token_lets_in_to_what_it_grants_and_to_nothing_else(asking: Asking) -> None:
    token = await issued(asking)
    assert (await asking.client.post("/api/v1/statuses", json=BANNED, headers=showing(token))).status_code == 200
    assert (await asking.client.get("/api/v1/masks/cms", headers=showing(token))).status_code == 200
    assert (await asking.client.get("/api/v1/masks/atlas", headers=showing(token))).status_code == 403
    assert (await asking.client.get(TOKENS, headers=showing(token))).status_code == 403


async def test_who_shows_a_token_is_told_for_whom_they_are_taken(asking: Asking) -> None:
    told = (await asking.client.get("/api/v1/access", headers=showing(await issued(asking)))).json()
    grants = [{"role": "operator", "vo": "cms"}]
    assert told == {"name": "probes of cms@gridmask", "kind": "service", "issuer": "gridmask", "grants": grants}


async def test_a_revoked_token_opens_nothing_after_five_seconds(asking: Asking, grid: Grid) -> None:
    token = await issued(asking)
    assert (await asking.client.get("/api/v1/masks/cms", headers=showing(token))).status_code == 200
    ended = await asking.client.post(f"{TOKENS}/{token['id']}/revoke", json={"reason": "x"}, headers=asking.bearer("/experts"))
    assert ended.status_code == 200
    grid.clock.advance(seconds=6)
    assert (await asking.client.get("/api/v1/masks/cms", headers=showing(token))).status_code == 401


@pytest.mark.parametrize("shown", ["gridmask_", "gridmask_aaaaaaaaaaaa_" + "x" * 43, "gridmask_" + "x" * 5000])
async def test_an_invented_token_opens_nothing(asking: Asking, shown: str) -> None:
    assert (await asking.client.get("/api/v1/masks/cms", headers={"Authorization": f"Bearer {shown}"})).status_code == 401


async def test_the_secret_is_told_once_and_kept_nowhere(asking: Asking) -> None:
    token = await issued(asking)
    secret = token["token"].rpartition("_")[2]
    listed = await asking.client.get(TOKENS, headers=asking.bearer("/experts"))
    audited = await asking.client.get("/api/v1/audit", headers=asking.bearer("/experts"))
    assert secret not in listed.text + audited.text


@pytest.mark.parametrize("groups", [("/cms/ops", "/cms/authors"), ("/cms",)])
async def test_only_administrators_issue_list_and_revoke_tokens(asking: Asking, groups: tuple[str, ...]) -> None:
    assert await asking.status("POST", TOKENS, *groups, json=WANTED) == 403
    assert await asking.status("GET", TOKENS, *groups) == 403
    assert await asking.status("POST", f"{TOKENS}/x/revoke", *groups, json={"reason": "x"}) == 403


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        ({"grants": [{"role": "operator", "vo": "all"}]}, "Nobody can be operator of all"),
        ({"grants": [{"role": "administrator", "vo": "cms"}]}, "Nobody can be administrator of cms"),
        ({"grants": [{"role": "operator", "vo": "cms", "admin": True}]}, "there is no field 'admin'"),
        ({"name": "1234@iam"}, "cannot name a service"),
        ({"days": 367}, "less than or equal to 366"),
        ({"issued_by": "somebody else"}, "there is no field 'issued_by'"),
        ({"reason": " "}, "reason"),
    ],
)
async def test_a_token_that_makes_no_sense_is_not_issued(asking: Asking, other: dict[str, Any], problem: str) -> None:
    answer = await asking.client.post(TOKENS, json={**WANTED, **other}, headers=asking.bearer("/experts"))
    assert answer.status_code == 422
    assert problem in answer.json()["detail"]


async def test_the_audit_tells_who_did_what_whence_and_why(asking: Asking) -> None:
    done = await asking.client.post("/api/v1/statuses", json=BANNED, headers=asking.bearer("/cms/ops"))
    [entry] = (await asking.client.get("/api/v1/audit?vo=cms&limit=1", headers=asking.bearer("/cms/ops"))).json()["entries"]
    who = {name: entry[name] for name in ("actor", "actor_kind", "issuer", "address", "request")}
    assert who == {
        "actor": "1234@iam",
        "actor_kind": "person",
        "issuer": "https://iam.example.org/",
        "address": "127.0.0.1",
        "request": done.headers["X-Request-Id"],
    }
    assert (entry["action"], entry["comment"], entry["vos"]) == ("set Banned", "a try", ["cms"])
    assert [(change["name"], change["new"]) for change in entry["changes"]] == [("CE1", "Banned")]


async def test_an_operator_reads_what_concerned_the_vo_and_nothing_else(asking: Asking) -> None:
    await issued(asking, grants=[{"role": "reader", "vo": "atlas"}])
    assert await asking.status("GET", "/api/v1/audit?vo=atlas", "/cms/ops") == 403
    assert await asking.status("GET", "/api/v1/audit", "/cms/ops") == 403
    assert await asking.status("GET", "/api/v1/audit?vo=cms", "/cms") == 403
    told = (await asking.client.get("/api/v1/audit?vo=atlas", headers=asking.bearer("/atlas/ops"))).json()
    assert [entry["action"] for entry in told["entries"]] == ["service token issued"]
    assert told["entries"][0]["details"]["after"]["grants"] == ["reader of atlas"]


async def test_pages_of_the_audit_together_are_all_of_it(asking: Asking) -> None:
    for number in range(5):
        await issued(asking, name=f"probe {number}")
    asked, headers, seen = "/api/v1/audit?vo=cms&limit=2", asking.bearer("/experts"), []
    after: int | None = 2**40
    while after is not None:
        told = (await asking.client.get(f"{asked}&before={after}", headers=headers)).json()
        seen += [entry["id"] for entry in told["entries"]]
        after = told["next"]
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)
