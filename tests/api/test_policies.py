"""The policies of VOs that keep them by the API, by HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api import dependencies
from gridmask.api.app import create_app
from tests.grid import CMS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

POLICIES = "/api/v1/policies/cms"
CLOSED = '[policy.closed]\ntype = "always"\nmatch.name = "CE2"\narguments = { status = "Banned" }\n'
WRONG = '[policy.a]\ntype = "alwys"\n[policy.b]\ntype = "downtime"\nmatch.nam = "x"\n'


@pytest.fixture
async def gridmask(grid: Grid) -> AsyncIterator[Installation]:
    """An installation in which cms keeps its policies by the API."""
    async with grid.open(vo={"cms": {"policies": "api", "aliases": ["uscms"]}, "atlas": {}}) as made:
        yield made


@pytest.fixture
def app(gridmask: Installation) -> FastAPI:
    return create_app(gridmask)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1:8000") as client:
        yield client


async def put(client: httpx2.AsyncClient, text: str = CLOSED, vo: str = "cms", **headers: str) -> httpx2.Response:
    asked = {"text": text, "reason": "as agreed"}
    return await client.put(f"/api/v1/policies/{vo}", json=asked, headers={k.replace("_", "-"): v for k, v in headers.items()})


async def status(client: httpx2.AsyncClient, vo: str) -> Any:  # noqa: ANN401 - JSON
    answer = await client.get(f"/api/v1/masks/{vo}", params={"name": "CE2"})
    return answer.json()["elements"][0]["status"]["all"]


async def test_what_is_put_is_in_force(client: httpx2.AsyncClient) -> None:
    answer = await put(client, vo="USCMS")
    assert (answer.status_code, answer.json()["changed"]) == (200, 1)
    assert (await status(client, "cms"), await status(client, "atlas")) == ("Banned", "Active")
    told = (await client.get(POLICIES)).json()
    assert told == answer.json()["layer"]
    assert (told["vo"], told["version"], told["author"], told["reason"], told["text"]) == (
        "cms",
        1,
        "local",
        "as agreed",
        CLOSED,
    )


async def test_what_a_reader_has_already_is_not_sent_again(client: httpx2.AsyncClient) -> None:
    put_tag = (await put(client)).headers["etag"]
    read = await client.get(POLICIES)
    assert read.headers["etag"] == put_tag
    again = await client.get(POLICIES, headers={"If-None-Match": put_tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", put_tag)
    await put(client, "")
    await put(client)
    assert (await client.get(POLICIES)).headers["etag"] != put_tag


async def test_a_change_of_what_is_not_there_any_more_is_refused(client: httpx2.AsyncClient) -> None:
    none = (await client.get(POLICIES)).headers["etag"]
    first = await put(client, if_match=none)
    stale = await put(client, "", if_match=none)
    assert (stale.status_code, stale.json()["type"]) == (412, "urn:gridmask:problem:stale-layer")
    revision = first.json()["layer"]["revision"]
    assert stale.json()["current"] == {"vo": "cms", "revision": revision, "author": "local"}
    assert (await put(client, "", if_match=f"W/{first.headers['etag']}")).status_code == 412
    assert (await put(client, "# 1", if_match=f'"x", "{revision}"')).status_code == 200
    assert (await put(client, "", if_match="*")).status_code == 200


async def test_everything_that_is_wrong_is_told_and_nothing_is_changed(client: httpx2.AsyncClient) -> None:
    refused = await put(client, WRONG)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:gridmask:problem:layer-refused")
    assert [(p["line"], p["key"]) for p in refused.json()["problems"]] == [(2, "policy.a.type"), (5, "policy.b.match.nam")]
    assert "did you mean 'always'?" in refused.json()["problems"][0]["text"]
    assert (await client.get(POLICIES)).json()["version"] == 0
    assert await status(client, "cms") == "Active"


async def test_a_check_tells_the_same_and_puts_nothing(client: httpx2.AsyncClient) -> None:
    checked = (await client.post(f"{POLICIES}/check", json={"text": WRONG})).json()
    assert (checked["ok"], checked["revision"]) == (False, None)
    assert checked["errors"] == (await put(client, WRONG)).json()["problems"]
    fine = (await client.post(f"{POLICIES}/check", json={"text": CLOSED.replace("CE2", "CE-2")})).json()
    assert (fine["ok"], [warning["key"] for warning in fine["warnings"]]) == (True, ["policy.closed.match.name"])
    assert (await client.get(POLICIES)).json()["version"] == 0
    checked = (await client.post(f"{POLICIES}/check", json={"text": CLOSED})).json()
    assert checked["revision"] == (await put(client)).json()["layer"]["revision"]


async def test_all_versions_can_be_listed_and_read(client: httpx2.AsyncClient) -> None:
    for text in ("# one", "# two", "# three"):
        await put(client, text)
    page = (await client.get(f"{POLICIES}/versions", params={"limit": 2})).json()
    assert ([one["version"] for one in page["versions"]], page["next"]) == ([3, 2], 2)
    page = (await client.get(f"{POLICIES}/versions", params={"before": page["next"]})).json()
    assert ([one["version"] for one in page["versions"]], page["next"]) == ([1], None)
    first = await client.get(POLICIES, params={"version": 1})
    assert (first.json()["text"], first.json()["revision"]) == ("# one", page["versions"][0]["revision"])
    assert (await client.get(POLICIES, params={"version": 4})).status_code == 404


async def test_who_operates_one_vo_cannot_put_another_ones(app: FastAPI, client: httpx2.AsyncClient) -> None:
    app.dependency_overrides[dependencies.actor] = lambda: CMS
    assert (await put(client, vo="atlas")).status_code == 403
    assert (await put(client, vo="all")).status_code == 403
    assert (await client.post("/api/v1/policies/atlas/check", json={"text": ""})).status_code == 403
    assert (await put(client)).json()["layer"]["author"] == "shifter"


@pytest.mark.parametrize("vo", ["atlas", "all"])
async def test_what_is_kept_in_a_file_is_refused(client: httpx2.AsyncClient, vo: str) -> None:
    for answer in (await put(client, vo=vo), await client.get(f"/api/v1/policies/{vo}")):
        assert (answer.status_code, "kept in a file" in answer.json()["detail"]) == (409, True)
    assert (await client.get(f"/api/v1/policies/{vo}/versions")).json() == {"versions": [], "next": None}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": "é" * 2**17 + "a", "reason": "x"}, 422),
        ({"text": "a" * (2**18 + 1), "reason": "x"}, 422),
        ({"text": "a" * 2**20, "reason": "x"}, 413),
        ({"text": "", "reason": " "}, 422),
        ({"text": ""}, 422),
        ({"text": "\ud800", "reason": "x"}, 422),
        ({"txt": "", "reason": "x"}, 422),
    ],
)
async def test_what_is_too_long_or_incomplete_is_refused(client: httpx2.AsyncClient, body: dict[str, str], code: int) -> None:
    answer = await client.put(POLICIES, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == code


async def test_nobody_is_no_vo(client: httpx2.AsyncClient) -> None:
    assert (await put(client, vo="cmss")).json()["suggestion"] == "cms"
