from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from gridmask.domain.element import ElementKey
from gridmask.domain.status import Status
from gridmask.portal.frame import addresses
from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.clocks import at
from tests.grid import ADMIN, CMS, outage, sync
from tests.pages import read

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

CE1 = "/elements/Resource/ComputingElement/CE1"
CE2 = "/elements/Resource/ComputingElement/CE2"
SE1 = "/elements/Resource/WebDAV/SE1"


async def test_it_tells_what_a_row_is_and_why(client: httpx2.AsyncClient) -> None:
    said = read((await client.get(CE1, params={"vo": "cms"})).text)
    assert "CE1 ComputingElement at A, seen by cms" in said
    assert "Banned not usable, since 2026-08-21 17:00 UTC, just now In downtime 1@CE1" in said
    assert "source feed record 1@CE1 since 2026-08-21 16:00 UTC until 2026-08-21 19:00 UTC" in said
    assert "cms has no row of its own here: this is the row of all." in said
    assert "declared-downtimes all Banned decides as above" in said
    assert "Next look at 2026-08-21 19:00 UTC, or when something is learnt." in said
    assert "feed answered 2026-08-21 17:00 UTC; osg answered 2026-08-21 17:00 UTC." in said


async def test_rows_about_which_the_same_is_to_be_said_stand_together(client: httpx2.AsyncClient) -> None:
    page = (await client.get(SE1)).text
    assert page.count('<section class="why') == 1
    assert all(f'id="status-{aspect}Access"' in page for aspect in ("Read", "Write", "Check", "Remove"))


async def test_every_vo_is_beside_the_others(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await gridmask.statuses.set(CMS, [RowName(ElementName("CE2"), vo="cms")], Status.BANNED, "no space")
    said = read((await client.get(CE2, params={"vo": "cms"})).text)
    assert "all Active cms Banned has rows of its own 1 other VO Active as all: atlas" in said
    assert "no space set by shifter" in said
    assert "Held by shifter until 2026-08-22 17:00 UTC. Automation would make it Probing." in said


async def test_downtimes_that_concern_it_are_listed(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    over = outage("3", "CE1", at(-3), at(-2), Description="Old fans")
    running = outage("1", "CE1", at(hours=-1), at(hours=2), Description="New fans")
    grid.announce(running, outage("2", "CE1", at(2), at(3), Description="Newer fans"), over)
    await sync(gridmask, "feed")
    said = read((await client.get(CE1)).text)
    times = "running 2026-08-21 16:00 UTC 2026-08-21 19:00 UTC Outage"
    assert re.search(rf"{times} \w+ New fans feed 1@CE1 in 2 d .* Newer fans feed 2@CE1 over .* Old fans", said)


async def test_history_is_told_newest_first(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await gridmask.statuses.set(ADMIN, [RowName(ElementName("CE2"))], Status.BANNED, "rack moves")
    await gridmask.tokens.release(ADMIN, [RowName(ElementName("CE2"))])
    said = read((await client.get(CE2)).text).partition("History")[2]
    assert said.index("Banned → to Probing") < said.index("Active → to Banned")
    assert "rack moves held by admin until 2026-08-22 17:00 UTC admin" in said


async def test_facts_of_the_inventory_are_shown(client: httpx2.AsyncClient) -> None:
    said = read((await client.get("/elements/Resource/ComputingElement/PRIVATE")).text).partition("Facts")[2]
    assert "Site B Type ComputingElement Resource, computing Offered to cms In service yes Source osg" in said


@pytest.mark.parametrize(
    ("name", "vo", "notice"),
    [("PRIVATE", "atlas", "It is not offered to atlas, only to cms"), ("OLD", "cms", "Its inventory says that it is out of")],
)
async def test_what_is_in_no_mask_says_why(client: httpx2.AsyncClient, name: str, vo: str, notice: str) -> None:
    page = (await client.get(f"/elements/Resource/ComputingElement/{name}", params={"vo": vo})).text
    assert notice in page


async def test_it_leads_back_to_its_place_in_the_matrix(client: httpx2.AsyncClient) -> None:
    page = (await client.get(CE1, params={"vo": "cms"})).text
    (anchor,) = re.findall(r'href="/vos/cms/matrix#([^"]+)"', page)
    assert f'<tr id="{anchor}"' in (await client.get("/vos/cms/matrix")).text


@pytest.mark.parametrize("name", ["a/b", "/a//", "a b", "se@x", "näme", "a?b#c", "a%2Fb", "a&b=c", "<script>", "'\"", "..a"])
async def test_any_name_has_an_address(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid, name: str) -> None:
    grid.publish(osg.group("S", osg.resource(name, "CE")))
    await sync(gridmask, "osg", force=True)
    address = addresses.element(ElementKey("Resource", "ComputingElement", name), "cms")
    response = await client.get(address)
    assert (response.status_code, f"<h1>{name}</h1>" in unescape(response.text)) == (200, True)
    assert f'href="{address}#status-all"' in (await client.get("/vos/cms/matrix")).text


async def test_what_people_write_is_shown_and_never_run(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=2), Description=hostile))
    await sync(gridmask, "feed")
    page = (await client.get(CE1)).text
    assert "<script>" not in page
    assert "<img src=x" not in page
    assert unescape(page).count(hostile) >= 2


@pytest.mark.parametrize(("url", "linked"), [("https://goc.example.org/1", True), ("javascript:alert(1)", False)])
def test_only_web_addresses_of_others_are_linked_to(url: str, linked: bool) -> None:  # noqa: FBT001 - a parameter
    assert addresses.web(url) == (url if linked else None)


async def test_an_element_that_is_not_known_gets_a_page_with_the_nearest_one(client: httpx2.AsyncClient) -> None:
    response = await client.get("/elements/Resource/ComputingElement/CE11", params={"vo": "cms"})
    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert re.search(r'<a class="button" href="/elements/Resource/ComputingElement/CE\d\?vo=cms">Go to CE\d</a>', response.text)
    assert '<a href="/vos/all/matrix?q=CE11">' in response.text


async def test_a_vo_that_is_not_known_gets_a_page_about_the_same_element(client: httpx2.AsyncClient) -> None:
    response = await client.get(CE1, params={"vo": "atlass"})
    assert response.status_code == 404
    assert f'<a class="button" href="{CE1}?vo=atlas">Go to atlas</a>' in response.text


async def test_a_hostile_name_in_an_address_is_shown_and_never_run(client: httpx2.AsyncClient) -> None:
    response = await client.get("/elements/Resource/CE/" + quote("<script>alert(1)</script>"))
    assert response.status_code == 404
    assert "<script>" not in response.text


async def test_who_strays_is_told_so_by_a_page_and_programs_by_a_problem(client: httpx2.AsyncClient) -> None:
    page = await client.get("/nowhere", headers={"Accept": "text/html,*/*"})
    assert (page.status_code, "<h1>Not Found</h1>" in page.text) == (404, True)
    for path, accepted in (("/nowhere", "*/*"), ("/api/v1/nowhere", "text/html")):
        problem = await client.get(path, headers={"Accept": accepted})
        assert problem.headers["Content-Type"] == "application/problem+json"


async def test_it_can_be_asked_conditionally_and_for_its_head_alone(client: httpx2.AsyncClient) -> None:
    head = await client.head(CE1)
    assert (head.status_code, head.headers["Cache-Control"]) == (200, "private, no-cache")
    assert (await client.get(CE1, headers={"If-None-Match": head.headers["ETag"]})).status_code == 304


async def test_it_may_use_our_own_style_and_script_and_nothing_else(client: httpx2.AsyncClient) -> None:
    response = await client.get(CE1, params={"vo": "cms"})
    assert "script-src 'self'; connect-src 'self'" in response.headers["Content-Security-Policy"]
    assert re.findall(r'style="|<style|<script(?! type="module" src="/static/)|\son\w+=|https?://', response.text) == []


async def test_changes_of_several_status_types_at_once_are_told_once(
    client: httpx2.AsyncClient, gridmask: Installation
) -> None:
    await gridmask.statuses.set(ADMIN, [RowName(ElementName("SE1"))], Status.BANNED, "full")
    said = read((await client.get(SE1)).text).partition("History")[2]
    assert said.count("full") == 1
    assert "all Read, Write, Check, Remove Active → to Banned full held by admin" in said
