from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

import pytest

from gridmask.service.board import Board
from gridmask.service.masks import FORMATS

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation

MASK = "/api/v1/masks/cms"
SET = {"rows": [{"name": "CE2"}], "status": "Banned", "reason": "It eats jobs."}


async def test_the_masks_are_listed_with_their_revisions(client: httpx2.AsyncClient) -> None:
    said = (await client.get("/api/v1/masks")).json()
    assert said == {
        "masks": [{"vo": vo, "revision": 2} for vo in ("all", "atlas", "cms")],
        "checked_at": "2026-08-21T17:00:00Z",
    }


async def test_a_mask_is_the_bytes_that_the_use_case_gives(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    response = await client.get(MASK)
    served = await gridmask.masks.serve("cms")
    assert (response.status_code, response.content) == (200, served.body)
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["ETag"] == served.etag
    assert response.headers["Gridmask-Revision"] == "2"
    assert response.headers["Gridmask-Checked-At"] == "2026-08-21T17:00:00Z"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["Vary"] == "Accept-Encoding"


async def test_a_vo_may_be_called_in_any_case(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/api/v1/masks/CMS")).content == (await client.get(MASK)).content


async def test_a_mask_comes_as_text_too(client: httpx2.AsyncClient) -> None:
    response = await client.get(MASK, params={"format": "text"})
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Resource\tComputingElement\tCE1\tall\tBanned\n" in response.text


@pytest.mark.parametrize("encoding", FORMATS)
async def test_every_format_has_its_media_type(client: httpx2.AsyncClient, encoding: str) -> None:
    assert (await client.get(MASK, params={"format": encoding})).headers["Content-Type"]


async def test_a_reader_who_has_the_mask_is_told_so(client: httpx2.AsyncClient) -> None:
    etag = (await client.get(MASK)).headers["ETag"]
    response = await client.get(MASK, headers={"If-None-Match": f'"other", W/{etag}'})
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == etag


async def test_a_reader_of_a_mask_that_changed_gets_it(client: httpx2.AsyncClient) -> None:
    etag = (await client.get(MASK)).headers["ETag"]
    await client.post("/api/v1/statuses", json=SET)
    response = await client.get(MASK, headers={"If-None-Match": etag})
    assert response.status_code == 200
    assert response.headers["ETag"] != etag


async def test_what_changes_for_another_vo_leaves_the_validator_as_it_was(client: httpx2.AsyncClient) -> None:
    etag = (await client.get(MASK)).headers["ETag"]
    await client.post("/api/v1/statuses", json={**SET, "rows": [{"name": "CE2", "vo": "atlas"}]})
    assert (await client.get(MASK, headers={"If-None-Match": etag})).status_code == 304


async def test_head_tells_all_but_the_mask(client: httpx2.AsyncClient) -> None:
    whole, head = await client.get(MASK), await client.head(MASK)
    assert (head.status_code, head.content) == (200, b"")
    assert {**head.headers, "x-request-id": ""} == {**whole.headers, "x-request-id": ""}


async def test_a_reader_who_takes_gzip_gets_it_with_a_validator_of_its_own(client: httpx2.AsyncClient) -> None:
    plain = await client.get(MASK)
    async with client.stream("GET", MASK, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join([part async for part in packed.aiter_raw()])
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert packed.headers["ETag"] != plain.headers["ETag"]


async def test_each_way_of_packing_has_a_validator_of_its_own(client: httpx2.AsyncClient) -> None:
    tags = set()
    for coding in ("identity", "gzip", "zstd"):
        head = await client.head(MASK, headers={"Accept-Encoding": coding})
        same = await client.head(MASK, headers={"Accept-Encoding": coding, "If-None-Match": head.headers["ETag"]})
        assert (head.headers.get("Content-Encoding", "identity"), same.status_code) == (coding, 304)
        assert "Content-Length" not in same.headers
        tags.add(head.headers["ETag"])
    assert len(tags) == 3


async def test_a_revision_goes_by_the_same_mark_in_every_process(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    mask = await client.get(MASK)
    other = await Board(gridmask.database, gridmask.clock).serve("cms", "json")
    assert (other.body, other.mark) == (mask.content, mask.headers["Gridmask-Mark"])
    assert mask.json()["mark"] == other.mark


async def test_a_mask_tells_about_each_name_for_itself(client: httpx2.AsyncClient) -> None:
    names = ["CE1", "PRIVATE", "OLD", "CE9", "DUO"]
    said = (await client.get("/api/v1/masks/atlas", params={"name": names})).json()
    assert said["revision"] == 2
    assert [(e["name"], e.get("absence") or e["status"]) for e in said["elements"]] == [
        ("CE1", {"all": "Banned"}),
        ("PRIVATE", "not offered"),
        ("OLD", "out of service"),
        ("CE9", "not known"),
        ("DUO", {"all": "Active"}),
        ("DUO", {"all": "Active"}),
    ]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("?format=jason", 422, "Did you mean 'json'?"),
        ("?fromat=text", 422, "did you mean 'format'?"),
        ("?format=text&format=json", 422, "more than once"),
        ("?format=text&name=CE1", 422, "JSON only"),
        ("?purpose=tests", 422, "Did you mean 'test'?"),
        ("?purpose=", 422, "There are use, test."),
        ("?purpose=use&purpose=test", 422, "more than once"),
        ("?" + "&".join(["name=x"] * 1001), 422, "1,000 names at most"),
    ],
)
async def test_what_makes_no_sense_of_a_mask_is_refused(client: httpx2.AsyncClient, query: str, status: int, said: str) -> None:
    response = await client.get(MASK + query)
    assert response.status_code == status
    assert said in response.json()["detail"]


PROBE = {"rows": [{"name": "CE2"}], "status": "Probing", "reason": "It is to be tried."}


@pytest.mark.parametrize(("purpose", "usable"), [("use", False), ("test", True)])
async def test_what_is_probing_is_there_for_tests_alone(client: httpx2.AsyncClient, purpose: str, *, usable: bool) -> None:
    await client.post("/api/v1/statuses", json=PROBE)
    listed = (await client.get(MASK, params={"purpose": purpose})).json()["elements"]
    statuses = {(e["name"], status) for e in listed for status in e["status"].values()}
    assert (("CE2", "Probing") in statuses) is usable
    assert {status for _, status in statuses} - {"Active", "Probing"} == set()
    said = (await client.get(MASK, params={"purpose": purpose, "name": ["CE2", "CE1", "CE9"]})).json()["elements"]
    assert [e.get("absence") or e["status"] for e in said] == [{"all": "Probing"} if usable else {}, {}, "not known"]


async def test_a_mask_for_a_purpose_has_a_validator_of_its_own(client: httpx2.AsyncClient) -> None:
    whole, some = await client.get(MASK), await client.get(MASK, params={"purpose": "use"})
    assert whole.headers["ETag"] != some.headers["ETag"]
    assert (
        await client.get(MASK, params={"purpose": "use"}, headers={"If-None-Match": some.headers["ETag"]})
    ).status_code == 304
    assert (
        await client.get(MASK, params={"purpose": "use"}, headers={"If-None-Match": whole.headers["ETag"]})
    ).status_code == 200


async def test_an_unknown_vo_is_not_found_and_the_nearest_is_named(client: httpx2.AsyncClient) -> None:
    response = await client.get("/api/v1/masks/cmss")
    assert response.status_code == 404
    assert response.json()["suggestion"] == "cms"


async def test_a_mask_cannot_be_put(client: httpx2.AsyncClient) -> None:
    response = await client.put(MASK, json={})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


async def test_whoever_wrote_reads_it_though_others_are_reading_already(
    client: httpx2.AsyncClient, gridmask: Installation
) -> None:
    await client.get(MASK)
    await client.post("/api/v1/statuses", json=SET)
    others = asyncio.create_task(gridmask.board.refresh())
    await asyncio.sleep(0)  # it has begun, and has read nothing yet
    said = (await client.get(MASK, params={"name": "CE2"})).json()
    assert said["elements"][0]["status"] == {"all": "Banned"}
    await others
