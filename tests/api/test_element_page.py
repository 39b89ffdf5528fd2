from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from msgspec import Raw
from msgspec.json import encode

from gridmask.domain.element import ElementKey
from gridmask.domain.status import Status
from gridmask.portal.element import page as page_of_element
from gridmask.portal.element.window import Span
from gridmask.portal.frame import addresses
from gridmask.service import timelines
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
    assert "CE1 ComputingElement at A (Active), seen by cms" in said
    assert "Banned not usable, since 2026-08-21 17:00:00 UTC, just now In downtime 1@CE1" in said
    assert "source feed record 1@CE1 since 2026-08-21 16:00 UTC until 2026-08-21 19:00 UTC" in said
    assert "cms has no row of its own here: this is the row of all." in said
    assert "declared-downtimes all Banned decides as above" in said
    assert "Policies look again at 2026-08-21 19:00 UTC, or when something is learnt" in said
    assert "feed answered 2026-08-21 17:00 UTC; osg answered 2026-08-21 17:00 UTC." in said


async def test_rows_about_which_the_same_is_to_be_said_stand_together(client: httpx2.AsyncClient) -> None:
    page = (await client.get(SE1)).text
    assert page.count('<section class="why') == 1
    assert all(f'id="status-{aspect}Access"' in page for aspect in ("Read", "Write", "Check", "Remove"))


async def test_every_vo_is_beside_the_others(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await gridmask.statuses.set(CMS, [RowName(ElementName("CE2"), vo="cms")], Status.BANNED, "no space")
    said = read((await client.get(CE2, params={"vo": "cms"})).text)
    assert (
        "all Active cms Banned in a person's hands has rows of its own held by shifter 1 other VO Active as all: atlas" in said
    )
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
    [("PRIVATE", "atlas", "It is not offered to atlas"), ("OLD", "cms", "Its inventory says that it is out of")],
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


async def test_at_the_top_stands_who_decided_until_when_and_who_can_change_it(client: httpx2.AsyncClient) -> None:
    said = read((await client.get(CE1, params={"vo": "cms"})).text)
    assert "Decided by policy declared-downtimes of all Until 2026-08-21 19:00 UTC, in 2 h: then Active" in said
    assert "Who can set it for cms: you, an operator of cms end the downtime in feed: whoever announced it" in said


async def test_each_stretch_of_the_timeline_leads_to_what_began_it(client: httpx2.AsyncClient, grid: Grid) -> None:
    grid.clock.advance(minutes=10)
    page = (await client.get(CE1, params={"vo": "cms"})).text
    (number,) = set(re.findall(r'<a class="piece"[^>]* href="#change-(\d+)"', page))
    assert f'<tr id="change-{number}"' in page
    assert "Banned from 2026-08-21 17:00:00 UTC to 2026-08-21 17:10:00 UTC (10 min)" in unescape(page)


async def test_a_stretch_that_began_before_the_newest_changes_leads_to_older_ones(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_of_element, "MOST_CHANGES", 3)
    for number in range(6):
        grid.clock.advance(minutes=10)
        await gridmask.statuses.set(ADMIN, [RowName(ElementName("CE2"))], Status(number % 2 + 1), f"reason {number}")
    page = (await client.get(CE2)).text
    (address,) = set(re.findall(r'href="([^"]*change=\d+)#change-\d+"', page)[:1])
    older = (await client.get(unescape(address))).text
    assert f'<tr id="change-{address.rpartition("=")[2]}"' in older
    (following,) = re.findall(r'href="([^"]*before=\d+)#history"', page)
    newest, others = (read(text).rpartition("History")[2] for text in (page, (await client.get(unescape(following))).text))
    assert ("reason 5 " in newest, "reason 1 " in newest) == (True, False)
    assert ("reason 5 " in others, "reason 1 " in others) == (False, True)


async def test_no_two_things_on_the_page_have_the_same_name(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await gridmask.statuses.set(CMS, [RowName(ElementName("SE1"), "WriteAccess", "cms")], Status.BANNED, "no space")
    page = (await client.get(SE1, params={"vo": "cms"})).text
    names = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(set(names)) == sorted(names)


async def test_decisions_of_people_are_marked_on_the_timeline(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await gridmask.statuses.set(CMS, [RowName(ElementName("CE2"), vo="cms")], Status.BANNED, "no space")
    page = unescape((await client.get(CE2, params={"vo": "cms"})).text)
    assert "2026-08-21 17:00:00 UTC: shifter made it Banned, for cms: no space" in page


async def test_a_downtime_that_was_extended_is_drawn_with_how_it_was(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    grid.clock.advance(minutes=30)
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=5), Description="New fans"))
    await sync(gridmask, "feed", force=True)
    page = unescape((await client.get(CE1)).text)
    assert "extended at 2026-08-21 17:30:00 UTC: it was to end at 2026-08-21 19:00 UTC" in page
    assert "extended at 2026-08-21 17:30 UTC, before to 2026-08-21 19:00 UTC" in read(page)


async def test_it_can_be_looked_at_over_any_span_and_back(client: httpx2.AsyncClient) -> None:
    for span in Span:
        page = await client.get(CE1, params={"vo": "cms", "span": span})
        assert f'span={span}" aria-current="true">{span}</a>' in page.text
        before = await client.get(CE1, params={"vo": "cms", "span": span, "until": "2020-01-01T00:00Z"})
        assert before.status_code == 200


STRANGE = {
    ("span", "decade"): 422,
    ("until", "yesterday"): 422,
    ("until", "0001-01-01"): 200,
    ("until", "9999-12-31T23:59:59-12:00"): 200,
    ("before", "0"): 422,
    ("before", "999999999"): 200,
    ("change", "12345"): 200,
    ("aspect", "Smell"): 404,
    ("aspect", "all"): 200,
}


async def test_what_cannot_be_looked_at_is_refused_and_what_is_far_away_is_empty(client: httpx2.AsyncClient) -> None:
    found = {asked: (await client.get(CE1, params=dict([asked]))).status_code for asked in STRANGE}
    assert found == STRANGE


async def test_history_can_be_of_one_status_type(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await gridmask.statuses.set(ADMIN, [RowName(ElementName("SE1"), "WriteAccess")], Status.BANNED, "full")
    shown = {
        aspect: read((await client.get(SE1, params={"aspect": aspect})).text).rpartition("History")[2].partition("Facts")[0]
        for aspect in ("ReadAccess", "WriteAccess")
    }
    assert ("full" in shown["ReadAccess"], "full" in shown["WriteAccess"]) == (False, True)


async def test_what_else_is_at_its_site_stands_beside_it_the_worst_first(client: httpx2.AsyncClient) -> None:
    said = read((await client.get(CE2, params={"vo": "cms"})).text).partition("Where it stands")[2]
    assert said.index("CE2 ComputingElement, this one") < said.index("CE1 ComputingElement : Banned") < said.index("SE1 WebDAV")


async def test_what_was_measured_is_shown_as_a_number(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    told = {"kind": "space", "about": {"type": "WebDAV", "name": "SE1"}, "value": {"total": 1e15, "free": 3e12}}
    await gridmask.evidence.report(ADMIN, "script", [Raw(encode({**told, "observed_at": "2026-08-21T16:00:00Z"}))])
    said = read((await client.get(SE1, params={"vo": "cms"})).text).partition("Evidence")[2]
    assert said.startswith(" free space 3 TB script")
    assert "No policy has a threshold for it here." in said


async def test_what_was_measured_before_is_drawn_over_the_same_time(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    about = {"kind": "space", "about": {"type": "WebDAV", "name": "SE1"}, "record": "all"}
    for free in (3e12, 2e12):
        told = {**about, "value": {"total": 1e15, "free": free}, "observed_at": f"{grid.clock():%FT%TZ}"}
        await gridmask.evidence.report(ADMIN, "script", [Raw(encode(told))])
        grid.clock.advance(hours=1)
    (path,) = re.findall(r'<path class="run" d="([^"]+)"', (await client.get(SE1, params={"vo": "cms"})).text)
    assert re.fullmatch(r"M[\d.]+,[\d.]+H[\d.]+V[\d.]+H[\d.]+", path)


async def test_what_only_looks_at_another_time_keeps_the_vo_and_the_rest(client: httpx2.AsyncClient) -> None:
    page = unescape((await client.get(SE1, params={"vo": "cms", "span": "week", "aspect": "ReadAccess"})).text)
    assert f'href="{SE1}?vo=atlas&span=week&aspect=ReadAccess"' in page
    assert re.search(rf'href="{SE1}\?vo=cms&span=week&until=[^"&]+&aspect=ReadAccess" rel="prev"', page)


async def test_where_too_much_happened_to_be_drawn_the_page_says_so_and_tells_the_rest(
    client: httpx2.AsyncClient, grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timelines, "MOST_STRETCHES", 0)
    grid.clock.advance(minutes=10)
    said = read((await client.get(CE1, params={"vo": "cms"})).text)
    assert "changed more than 0 times: ask for a shorter time." in said
    assert "In downtime 1@CE1" in said
