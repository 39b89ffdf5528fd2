"""Masks of the past, by HTTP."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from gridmask.service.bookmark import Bookmark
from gridmask.store.tables import element_versions, elements
from gridmask.store.versions import GUESS
from tests.clocks import at

if TYPE_CHECKING:
    import httpx2
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

MASK = "/api/v1/masks/cms"
SET = {"rows": [{"name": "CE2"}], "status": "Banned", "reason": "It eats jobs."}
THEN = {"at": "2026-08-21T17:00Z"}


@pytest.fixture
async def before(client: httpx2.AsyncClient, grid: Grid, gridmask: Installation) -> httpx2.Response:
    """The mask that was served at 17:00, before it became another."""
    del gridmask
    served = await client.get(MASK)
    grid.clock.advance(minutes=5)
    assert (await client.post("/api/v1/statuses", json=SET)).status_code == 200
    return served


async def test_a_mask_of_the_past_says_what_was_served(client: httpx2.AsyncClient, before: httpx2.Response) -> None:
    past = await client.get(MASK, params=THEN)
    assert past.headers["Gridmask-Revision"] == "2"
    served = {**before.json(), "at": "2026-08-21T17:00:00Z", "unsure": []}
    assert past.headers["Gridmask-Mark"] == served.pop("mark")
    assert past.json() == served
    now = await client.get(MASK, params={"at": "2026-08-21T17:05:00Z"})
    assert now.json()["elements"] == (await client.get(MASK)).json()["elements"] != past.json()["elements"]


async def test_what_was_edited_since_is_told_as_it_was(client: httpx2.AsyncClient, before: httpx2.Response, grid: Grid) -> None:
    text = grid.inventory.read_text()
    grid.inventory.write_text(text.replace("<Name>CE2</Name><Active>true", "<Name>CE2</Name><Active>false"))
    await client.post("/api/v1/sources/osg/sync")
    past = (await client.get(MASK, params=THEN)).json()
    assert (past["elements"], past["unsure"]) == (before.json()["elements"], [])


@pytest.mark.usefixtures("before")
async def test_what_nobody_kept_is_told_to_be_unsure(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await gridmask.database.change(_forget_ce2)
    response = await client.get(MASK, params=THEN)
    assert response.headers["Cache-Control"] == "no-cache"
    past = response.json()
    assert past["unsure"] == [{"family": "Resource", "type": "ComputingElement", "name": "CE2"}]
    assert b"\n# unsure\tResource\tComputingElement\tCE2\n" in (await gridmask.past_masks.serve("cms", at(), "text")).body


async def _forget_ce2(connection: AsyncConnection, _: int) -> None:
    """As after an upgrade, of what was edited before it."""
    ce2 = select(elements.c.id).where(elements.c.name == "CE2")
    await connection.execute(update(element_versions).where(element_versions.c.element_id.in_(ce2)).values(basis=GUESS))


@pytest.mark.usefixtures("before")
async def test_a_mask_of_the_past_comes_as_text_too(client: httpx2.AsyncClient) -> None:
    response = await client.get(MASK, params={**THEN, "format": "text", "purpose": "use"})
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text.startswith(
        "# vo=cms revision=2 at=2026-08-21T17:00:00Z\nResource\tComputingElement\tCE2\tall\tActive\n"
    )


@pytest.mark.usefixtures("before")
async def test_a_reader_who_has_the_mask_of_the_past_is_told_so(client: httpx2.AsyncClient) -> None:
    whole = await client.get(MASK, params=THEN)
    again = await client.get(MASK, params=THEN, headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "Gridmask-Checked-At" not in whole.headers


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize(
    ("asked", "keep"), [(THEN["at"], True), ("2", True), ("2026-08-21T17:04:00Z", True), ("2026-08-21T17:04:30Z", False)]
)
async def test_what_will_never_be_told_otherwise_may_be_kept(client: httpx2.AsyncClient, asked: str, keep: bool) -> None:  # noqa: FBT001
    whole = await client.get(MASK, params={"at": asked})
    assert whole.headers["Cache-Control"] == ("public, max-age=86400, immutable" if keep else "no-cache")
    assert (await client.get(MASK, params={"at": asked})).content == whole.content


@pytest.mark.usefixtures("before")
async def test_the_past_is_told_by_revision_too(client: httpx2.AsyncClient) -> None:
    then = await client.get(MASK, params=THEN)
    for place in ("2", f"2-{then.headers['Gridmask-Mark']}"):
        assert (await client.get(MASK, params={"at": place})).content == then.content
    last = await client.get(MASK, params={"at": "3", "purpose": "use"})
    assert (last.json()["at"], last.json()["revision"]) == ("2026-08-21T17:05:00Z", 3)
    assert last.headers["Cache-Control"] == "public, max-age=86400, immutable"


@pytest.mark.usefixtures("before")
async def test_what_is_asked_for_again_is_not_made_again(gridmask: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await gridmask.past_masks.serve("cms", Bookmark(2), coding="zstd")
    monkeypatch.setattr(gridmask.past_masks, "_told", None)
    assert await gridmask.past_masks.serve("cms", Bookmark(2), coding="zstd") is first


@pytest.mark.usefixtures("before")
async def test_a_mask_of_the_past_is_packed_for_those_who_take_it(gridmask: Installation) -> None:
    plain = await gridmask.past_masks.serve("cms", at())
    packed = await gridmask.past_masks.serve("cms", at(), coding="gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.etag != plain.etag


@pytest.mark.parametrize(
    ("asked", "status", "detail"),
    [
        ({"at": "2026-08-21T18:00Z"}, 422, "still to come"),
        ({"at": "2026-08-20T17:00Z"}, 404, "is known since 2026-08-21T17:00:00Z"),
        ({"at": "2026-08-21T17:00"}, 422, "timezone"),
        ({"at": "2026-08-21T19:00 02:00"}, 422, "write %2B"),
        ({"at": "99"}, 404, "no revision called '99'"),
        ({"at": "2-0123456789abcdef"}, 404, "no revision called '2-0123456789abcdef'"),
        ({"at": "yesterday"}, 422, "write it as in 2026-08-21T17:00Z"),
        ({**THEN, "name": "CE1"}, 422, "leave out `name`"),
        ({**THEN, "format": "jsn"}, 422, "Did you mean 'json'?"),
    ],
)
async def test_what_cannot_be_told_of_the_past_is_refused(
    client: httpx2.AsyncClient, asked: dict[str, str], status: int, detail: str
) -> None:
    response = await client.get(MASK, params=asked)
    assert response.status_code == status
    assert detail in response.json()["detail"]
