"""Masks as feeds for others."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING, Any

import pytest
from defusedxml.ElementTree import fromstring

from gridmask.domain.errors import StoreUnavailable
from gridmask.service.feeds import ENCODERS
from gridmask.store.database import Database
from tests import osg
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

MASK = "/api/v1/masks/cms"
BAN = {"status": "Banned", "reason": "It eats jobs."}


def inventory(host: str = "ce1.example.org") -> tuple[str, ...]:
    private = osg.resource("PRIVATE", "CE", extra="<AllowedVOs><VO>CMS</VO></AllowedVOs>", FQDN="private.example.org")
    ces = (osg.resource("CE1", "CE", FQDN=host), osg.resource("CE2", "CE", FQDN="ce2.example.org"))
    return osg.group("A", *ces), osg.group("B", osg.resource("OLD", "CE", Active="false", FQDN="old"), private)


@pytest.fixture
async def gridmask(gridmask: Installation, grid: Grid) -> Installation:
    """An installation whose resources have hosts."""
    grid.publish(*inventory())
    await sync(gridmask, "osg", force=True)
    return gridmask


async def read(client: httpx2.AsyncClient, form: str, vo: str = "cms", **query: str) -> httpx2.Response:
    return await client.get(f"/api/v1/masks/{vo}", params={"format": form, **query})


async def services(client: httpx2.AsyncClient, vo: str = "cms", **query: str) -> list[str]:
    return [one.get("hostname", "") for one in fromstring((await read(client, "vo-feed", vo, **query)).content).iter("service")]


async def site(client: httpx2.AsyncClient, name: str, **query: str) -> dict[str, Any]:
    told: list[dict[str, Any]] = (await read(client, "usable-sites", **query)).json()
    [found] = [one for one in told if one["name"] == name]
    return found


async def ban(client: httpx2.AsyncClient, name: str, **more: str) -> None:
    response = await client.post("/api/v1/statuses", json={**BAN, "rows": [{"name": name, **more}]})
    assert response.status_code == 200


async def test_a_vo_feed_has_what_is_offered_and_in_service(client: httpx2.AsyncClient) -> None:
    assert await services(client) == ["ce1.example.org", "ce2.example.org", "private.example.org"]
    assert await services(client, "atlas") == ["ce1.example.org", "ce2.example.org"]


async def test_a_vo_feed_has_only_what_may_be_used_when_asked_so(client: httpx2.AsyncClient) -> None:
    await ban(client, "CE2", vo="cms")
    assert await services(client, purpose="use") == ["private.example.org"]  # CE1 is down
    assert await services(client, "atlas", purpose="use") == ["ce2.example.org"]
    assert len(await services(client)) == 3


async def test_a_vo_feed_tells_when_the_mask_last_changed(client: httpx2.AsyncClient, grid: Grid) -> None:
    moment = grid.clock.advance(hours=1)
    await ban(client, "CE2")
    assert fromstring((await read(client, "vo-feed")).content).findtext("last_update") == f"{moment:%FT%TZ}"


async def test_a_host_that_moves_no_mask_is_told_within_a_minute(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    assert "ce1.example.org" in await services(client)
    grid.publish(*inventory("new.example.org"))
    report = (await sync(gridmask, "osg"))["osg"]
    assert (report.failure, report.revision) == (None, None)
    grid.clock.advance(minutes=1)
    assert "new.example.org" in await services(client)


async def test_sites_are_told_with_whether_they_may_be_used(client: httpx2.AsyncClient, grid: Grid) -> None:
    assert (await site(client, "A"))["value"] == "usable"
    grid.clock.advance(hours=1)
    await ban(client, "A", type="Site")
    assert await site(client, "A") == {
        "name": "A",
        "nvalue": None,
        "color": "red",
        "value": "not_usable",
        "url": "",
        "date": int(grid.clock.now.timestamp()),
    }


async def test_no_site_is_left_out_because_it_may_not_be_used(client: httpx2.AsyncClient) -> None:
    await ban(client, "A", type="Site")
    assert (await site(client, "A", purpose="use"))["value"] == "not_usable"


async def test_sites_are_a_metric_of_the_site_status_board(client: httpx2.AsyncClient) -> None:
    await ban(client, "B", type="Site", vo="cms")
    lines = [line.split("\t")[1:4] for line in (await read(client, "ssb")).text.splitlines()[2:]]
    assert lines == [["A", "Active", "green"], ["B", "Banned", "red"]]
    assert "Banned" not in (await read(client, "ssb", "atlas")).text
    assert "\tB\t" not in (await read(client, "ssb", purpose="use")).text


@pytest.mark.parametrize("form", ENCODERS)
async def test_a_feed_is_the_bytes_that_the_use_case_gives(
    client: httpx2.AsyncClient, gridmask: Installation, form: str
) -> None:
    response, served = await read(client, form), await gridmask.masks.serve("cms", form)
    assert (response.content, response.headers["ETag"]) == (served.body, served.etag)
    assert await gridmask.masks.serve("CMS", form) is served
    assert response.headers["Gridmask-Revision"] == str(served.revision)


@pytest.mark.parametrize("form", ENCODERS)
async def test_a_reader_who_has_a_feed_is_told_so_until_it_changes(client: httpx2.AsyncClient, form: str) -> None:
    address = f"{MASK}?format={form}&purpose=use"
    known = {"If-None-Match": (await client.get(address)).headers["ETag"]}
    assert (await client.get(address, headers=known)).status_code == 304
    await ban(client, "A", type="Site")
    await ban(client, "CE2")
    assert (await client.get(address, headers=known)).status_code == 200


@pytest.mark.parametrize("form", ENCODERS)
async def test_what_changes_nothing_in_a_feed_leaves_its_validator(client: httpx2.AsyncClient, form: str) -> None:
    etag = (await read(client, form)).headers["ETag"]
    await ban(client, "CE2", vo="atlas")
    assert (await read(client, form)).headers["ETag"] == etag


@pytest.mark.parametrize("form", ENCODERS)
async def test_a_feed_comes_packed_for_who_takes_that(client: httpx2.AsyncClient, form: str) -> None:
    plain = await read(client, form)
    async with client.stream("GET", MASK, params={"format": form}, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join([part async for part in packed.aiter_raw()])
    assert gzip.decompress(raw) == plain.content
    assert packed.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("format=vo_feed", "Did you mean 'vo-feed'?"),
        ("format=ssb&name=CE1", "JSON only"),
        ("format=ssb&at=2026-08-21T17:00Z", "not as"),
    ],
)
async def test_what_makes_no_sense_of_a_feed_is_refused(client: httpx2.AsyncClient, query: str, said: str) -> None:
    response = await client.get(f"{MASK}?{query}")
    assert response.status_code == 422
    assert said in response.json()["detail"]


@pytest.mark.parametrize("form", ENCODERS)
async def test_readers_who_come_together_while_it_changes_get_one_feed_or_the_next(
    client: httpx2.AsyncClient, gridmask: Installation, form: str
) -> None:
    before = await gridmask.masks.serve("cms", form)
    asked = [asyncio.create_task(gridmask.masks.serve("cms", form, coding="gzip" * (number % 2))) for number in range(20)]
    await ban(client, "A", type="Site")
    after = await gridmask.masks.serve("cms", form)
    for number, served in enumerate(await asyncio.gather(*asked)):
        assert (gzip.decompress(served.body) if number % 2 else served.body) in {before.body, after.body}


@pytest.mark.parametrize("form", ENCODERS)
async def test_while_the_database_is_away_a_feed_is_given_as_it_was(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    before = await read(client, form)
    monkeypatch.setattr(Database, "reading", away)
    grid.clock.advance(hours=1)
    gridmask.board.notice()
    after = await read(client, form)
    assert (after.content, after.headers["Age"]) == (before.content, "3600")


def away(_: Database) -> None:
    raise StoreUnavailable("The database is away.")


async def test_a_retired_vo_has_no_feed_any_more(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await read(client, "ssb", "atlas")
    await gridmask.vos.retire(ADMIN, "atlas", "It ended.")
    assert (await read(client, "ssb", "atlas")).status_code == 404


async def test_names_with_markup_are_text(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    grid.publish(osg.group('<A&"B">', osg.resource("CE1", "CE", FQDN="ce1")))
    await sync(gridmask, "osg", force=True)
    [listed] = fromstring((await read(client, "vo-feed")).content).iter("atp_site")
    assert listed.get("name") == '<A&"B">'
