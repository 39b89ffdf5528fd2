"""What changed in a mask since some revision, by HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from gridmask.api.telling import coding_for
from gridmask.domain.errors import StoreUnavailable
from gridmask.service.bookmark import Bookmark
from gridmask.service.deltas import Deltas
from gridmask.store.tables import audit

if TYPE_CHECKING:
    import httpx2
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.bootstrap import Installation

MASK = "/api/v1/masks/cms"
DELTA = f"{MASK}/delta"
SET = {"rows": [{"name": "CE2"}], "status": "Banned", "reason": "It eats jobs."}


async def here(client: httpx2.AsyncClient, mask: str = MASK) -> str:
    """Where a reader of the mask is."""
    headers = (await client.head(mask)).headers
    return f"{headers['Gridmask-Revision']}-{headers['Gridmask-Mark']}"


async def since(client: httpx2.AsyncClient, place: str, **headers: str) -> httpx2.Response:
    return await client.get(DELTA, params={"since": place}, headers=headers)


async def test_what_changed_is_told_with_where_it_leads(client: httpx2.AsyncClient) -> None:
    before = await here(client)
    await client.post("/api/v1/statuses", json=SET)
    told = (await since(client, before)).json()
    assert told == {
        "vo": "cms",
        "since": 2,
        "revision": 3,
        "mark": (await here(client)).partition("-")[2],
        "gone": [],
        "elements": [
            {"family": "Resource", "type": "ComputingElement", "name": "CE2", "site": "A", "status": {"all": "Banned"}}
        ],
    }
    assert (await since(client, "2")).json() == told


async def test_of_what_is_the_same_nothing_is_told(client: httpx2.AsyncClient) -> None:
    response = await since(client, await here(client))
    assert (response.json()["elements"], response.json()["gone"], response.json()["revision"]) == ([], [], 2)
    assert response.headers["Gridmask-Revision"] == "2"
    again = await since(client, await here(client), **{"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_what_changes_for_another_vo_is_no_change(client: httpx2.AsyncClient) -> None:
    before = await here(client)
    await client.post("/api/v1/statuses", json={**SET, "rows": [{"name": "CE2", "vo": "atlas"}]})
    all_of_it = await here(client, "/api/v1/masks/atlas")
    told = (await since(client, before)).json()
    assert (told["since"], told["revision"], told["elements"]) == (2, 2, [])
    told = (await since(client, all_of_it)).json()
    assert (told["since"], told["revision"], told["elements"]) == (3, 2, [])


async def test_from_a_revision_that_there_is_not_nothing_leads(client: httpx2.AsyncClient) -> None:
    response = await since(client, "99")
    assert (response.status_code, response.json()["type"]) == (410, "urn:gridmask:problem:not-resumable")
    assert (response.json()["since"], response.json()["reason"]) == (99, "ahead")


async def test_nor_from_one_of_another_past(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    assert (await since(client, "2-0123456789abcdef")).json()["reason"] == "other past"
    fresh = Deltas(gridmask.database, gridmask.board)
    await client.post("/api/v1/statuses", json=SET)
    assert (await fresh.serve("cms", Bookmark(1))).revision == 3
    assert (await since(client, "1-0123456789abcdef")).json()["reason"] == "other past"


async def test_a_database_that_was_restored_is_noticed_by_its_marks(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await client.post("/api/v1/statuses", json=SET)
    before = await client.get(MASK)
    place = await here(client)

    async def restore(connection: AsyncConnection, _: int) -> None:
        await connection.execute(update(audit).where(audit.c.revision == 3).values(comment="what happened instead"))

    await gridmask.database.change(restore)
    await client.post("/api/v1/statuses", json={**SET, "rows": [{"name": "CE2", "vo": "atlas"}]})
    assert (await since(client, place)).json()["reason"] == "other past"
    after = await client.get(MASK)
    assert (after.headers["Gridmask-Revision"], after.headers["ETag"] == before.headers["ETag"]) == ("3", False)


async def test_what_only_the_database_knows_is_not_made_up_while_it_is_away(
    client: httpx2.AsyncClient, gridmask: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.get(MASK)

    def away(*_: Any) -> None:  # noqa: ANN401 - whatever it is called with
        raise StoreUnavailable("gone")

    monkeypatch.setattr(gridmask.database, "reading", away)
    assert (await since(client, "0")).json()["reason"] == "away"
    assert (await since(client, await here(client))).status_code == 200


async def test_whoever_asks_together_is_told_what_was_made_once(
    client: httpx2.AsyncClient, gridmask: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, was = [], gridmask.board.delta

    async def delta(*asked: Any) -> Any:  # noqa: ANN401 - likewise
        made.append(asked)
        return await was(*asked)

    monkeypatch.setattr(gridmask.board, "delta", delta)
    answers = await asyncio.gather(*(since(client, "0") for _ in range(9)))
    assert (len({answer.content for answer in answers}), len(made)) == (1, 1)


@pytest.mark.parametrize("query", ["", "?since=", "?since=x", "?since=-1", "?since=1&since=2", "?sicne=1"])
async def test_what_makes_no_sense_is_refused(client: httpx2.AsyncClient, query: str) -> None:
    assert (await client.get(DELTA + query)).status_code == 422


async def test_there_are_no_changes_of_a_vo_that_there_is_not(client: httpx2.AsyncClient) -> None:
    response = await client.get("/api/v1/masks/cmss/delta?since=1")
    assert (response.status_code, response.json()["suggestion"]) == (404, "cms")
    assert (await client.put(DELTA)).headers["Allow"] == "GET, HEAD"


async def test_it_is_packed_for_who_takes_that(client: httpx2.AsyncClient) -> None:
    for coding in ("gzip", "zstd"):
        async with client.stream("GET", DELTA, params={"since": "0"}, headers={"Accept-Encoding": coding}) as packed:
            raw = b"".join([part async for part in packed.aiter_raw()])
        assert packed.headers["Content-Encoding"] == coding
        assert len(raw) == int(packed.headers["Content-Length"])
    assert coding_for({"headers": []}) == ""
