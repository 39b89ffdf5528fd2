from __future__ import annotations

import re
from html import unescape
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.actor import Actor
from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.transition import Standing
from gridmask.portal.matrix.asked import Asked
from gridmask.portal.matrix.groups import FEW, show
from gridmask.portal.matrix.page import draw
from gridmask.service.matrix import Line, Matrix
from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.clocks import NOW, at
from tests.grid import ADMIN, CMS, outage, sync
from tests.pages import read

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

HOSTILE = "<script>alert('x')</script>\"&"


def cells(page: str) -> dict[str, list[str]]:
    """The classes of the cells of each line, by element name."""
    rows = re.findall(r'<tr id="[^"]*/([^"/]+)"(.*?)</tr>', page, re.DOTALL)
    return {name: re.findall(r'class="cell ([^"]*)"', row) for name, row in rows}


async def test_the_matrix_shows_each_element_of_the_mask_at_its_site(client: httpx2.AsyncClient) -> None:
    said = read((await client.get("/vos/cms/matrix")).text)
    assert said.startswith("cms may use 10 of 11, revision 2")
    assert "Active: A 6 of 7 1 Banned 1 downtime What cms may use: A" in said.replace(" 6 Active 1 Banned", "")
    assert "CE1 ComputingElement Banned until 19:00 UTC · New fans" in said
    assert "Element Type Read Write Check Remove Since, and why" in said
    assert "SE1 WebDAV Active Active Active Active" in said


async def test_a_vo_sees_only_what_is_offered_to_it_and_in_service(client: httpx2.AsyncClient) -> None:
    for vo, sees in (("cms", True), ("atlas", False), ("all", True)):
        shown = cells((await client.get(f"/vos/{vo}/matrix")).text)
        assert ("PRIVATE" in shown, "OLD" in shown) == (sees, False)


async def test_rows_of_the_vo_itself_are_marked_and_so_are_those_that_are_held(
    client: httpx2.AsyncClient, gridmask: Installation
) -> None:
    await gridmask.statuses.set(CMS, [RowName(ElementName("CE2"), vo="cms")], Status.ACTIVE, "tried it")
    assert cells((await client.get("/vos/cms/matrix")).text)["CE2"] == ["Active own taken"]
    assert cells((await client.get("/vos/atlas/matrix")).text)["CE2"] == ["Active"]


async def test_a_cell_tells_since_when_and_why_and_leads_to_its_element(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/vos/cms/matrix")).text
    (hint, address) = re.findall(r'class="cell Banned"[^>]* title="([^"]*)" href="([^"]*)"', page)[0]
    assert hint.startswith("Banned since 2026-08-21 17:00 UTC\nIn downtime 1@CE1")
    assert address == "/elements/Resource/ComputingElement/CE1?vo=cms#status-all"
    assert (await client.get(address.partition("#")[0])).status_code == 200


async def test_downtimes_to_come_are_counted_by_site(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    running = outage("1", "CE1", at(hours=-1), at(hours=2))
    grid.announce(running, outage("2", "CE2", at(2), at(3)), outage("3", "DUO", at(2), at(3)))
    await sync(gridmask, "feed")
    page = (await client.get("/vos/cms/matrix")).text
    announced = [" ".join(said.split()) for said in re.findall(r'<span class="announced">(.*?)</span>', page, re.DOTALL)]
    assert announced == ["1 downtime, 1 to come", "1 to come"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=ce1", {"CE1"}),
        ("q=CE1", {"CE1"}),
        ("type=WebDAV", {"SE1"}),
        ("status=Banned", {"CE1"}),
        ("unusable=yes", {"CE1"}),
        ("q=b&type=FTS", {"DUO"}),
        ("q=nothing", set()),
        ("q=&type=&status=&unusable=", {"A", "B", "CE1", "CE2", "SE1", "DUO", "PRIVATE"}),
    ],
)
async def test_what_is_shown_can_be_filtered(client: httpx2.AsyncClient, query: str, names: set[str]) -> None:
    page = (await client.get(f"/vos/cms/matrix?{query}")).text
    assert set(cells(page)) == names
    assert ("Nothing of cms" in page) == (not names)


async def test_a_site_is_counted_whole_however_little_of_it_is_shown(client: httpx2.AsyncClient) -> None:
    said = read((await client.get("/vos/cms/matrix?unusable=yes")).text)
    assert "1 of 8 elements at 1 site" in said
    assert "Active: A 6 of 7 1 Banned" in said.replace(" 6 Active 1 Banned", "")


async def test_what_is_probing_counts_as_usable_for_tests(client: httpx2.AsyncClient) -> None:
    await client.post("/api/v1/statuses", json={"rows": [{"name": "CE2"}], "status": "Probing", "reason": "Tried."})
    pages = [(await client.get(f"/vos/cms/matrix?unusable=yes&purpose={purpose}")).text for purpose in ("", "use", "test")]
    assert [set(cells(page)) for page in pages] == [{"CE1", "CE2"}, {"CE1", "CE2"}, {"CE1"}]
    to_use, _, to_test = (int(re.findall(r"may use(?: for tests)? <b>(\d+)</b>", page)[0]) for page in pages)
    assert to_test == to_use + 1


async def test_filters_stay_as_they_are_and_go_along_to_another_vo(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/vos/cms/matrix?q=c%26e&status=Banned")).text
    assert 'value="c&amp;e"' in page
    assert '<option value="Banned" selected>Banned</option>' in page
    assert '<a href="/vos/atlas/matrix?q=c%26e&amp;status=Banned">' in page


@pytest.mark.parametrize("query", ["stauts=Banned", "status=Burnt", "q=a&q=b", "unusable=perhaps"])
async def test_a_filter_that_cannot_be_is_refused_by_a_page(client: httpx2.AsyncClient, query: str) -> None:
    response = await client.get(f"/vos/cms/matrix?{query}")
    assert (response.status_code, response.headers["Content-Type"]) == (422, "text/html; charset=utf-8")


async def test_a_vo_that_is_not_known_gets_a_page_with_the_nearest_one(client: httpx2.AsyncClient) -> None:
    response = await client.get("/vos/cmss/matrix?status=Banned")
    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert '<a class="button" href="/vos/cms/matrix?status=Banned">Go to cms</a>' in response.text
    assert "script-src" in response.headers["Content-Security-Policy"]


async def test_a_vo_goes_by_its_other_spellings(client: httpx2.AsyncClient) -> None:
    assert 'data-vo="cms"' in (await client.get("/vos/CMS/matrix")).text


async def test_names_and_reasons_are_shown_and_never_run(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    grid.publish(osg.group(HOSTILE, osg.resource(HOSTILE, "CE")))
    await sync(gridmask, "osg", force=True)
    await gridmask.statuses.set(
        Actor(HOSTILE, grants=ADMIN.grants), [RowName(ElementName(HOSTILE, "ComputingElement"))], Status.BANNED, HOSTILE
    )
    page = (await client.get("/vos/cms/matrix", params={"q": HOSTILE})).text
    assert re.findall(r"<script(?! type=\"module\" src=\"/static/)", page) == []
    assert unescape(page).count(HOSTILE) >= 6


async def test_the_page_takes_nothing_from_elsewhere_and_runs_nothing_of_its_own(client: httpx2.AsyncClient) -> None:
    response = await client.get("/vos/cms/matrix")
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'; connect-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert re.findall(r'style="|<style|<script(?! type="module" src="/static/)|\son\w+=|https?://', response.text) == []


async def test_it_says_where_the_stream_goes_on(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/vos/cms/matrix")).text
    assert 'data-vo="cms" data-revision="2"' in page
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page


async def test_who_has_the_page_is_not_sent_it_again(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    first = await client.get("/vos/cms/matrix")
    known = {"If-None-Match": first.headers["ETag"]}
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = await client.get("/vos/cms/matrix", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    await gridmask.statuses.set(CMS, [RowName(ElementName("CE2"), vo="cms")], Status.BANNED, "tried it")
    assert (await client.get("/vos/cms/matrix", headers=known)).status_code == 200


async def test_the_page_is_packed_for_who_can_unpack_it(client: httpx2.AsyncClient) -> None:
    packed = await client.get("/vos/cms/matrix", headers={"Accept-Encoding": "gzip"})
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding, Cookie, Authorization")
    assert packed.text == (await client.get("/vos/cms/matrix")).text


async def test_head_says_what_get_would(client: httpx2.AsyncClient) -> None:
    head, get = await client.head("/vos/cms/matrix"), await client.get("/vos/cms/matrix")
    assert (head.status_code, head.headers["ETag"]) == (200, get.headers["ETag"])


def grown(sites: int, each: int) -> Matrix:
    """A matrix of ``sites`` sites with so many storage elements; at every tenth, one row is banned."""
    lines = []
    for site in range(sites):
        for number in range(each):
            key = ElementKey("Resource", "StorageElement", f"SE-{site}-{number}")
            status = Status.BANNED if (site % 10, number) == (9, 0) else Status.ACTIVE
            rows = (Row(RowKey(key, aspect, "all"), Standing(status, NOW)) for aspect in "RWCD")
            lines.append(Line(Element(key, f"SITE-{site}"), tuple(rows)))
    return Matrix("cms", 1, tuple(lines), {})


def test_of_many_sites_those_in_trouble_come_first_and_open() -> None:
    blocks = show(grown(sites=FEW, each=2).lines, Asked()).blocks
    assert [block.summary.name for block in blocks[:2]] == ["SITE-19", "SITE-29"]
    assert [block.opened for block in blocks] == [True] * (FEW // 10) + [False] * (FEW - FEW // 10)


def test_few_elements_are_shown_whole_in_the_order_of_their_sites() -> None:
    blocks = show(grown(sites=20, each=1).lines, Asked()).blocks
    assert all(block.opened for block in blocks)
    assert [block.summary.name for block in blocks] == sorted(block.summary.name for block in blocks)


def test_a_thousand_storage_elements_are_drawn_in_no_time() -> None:
    started = perf_counter()
    page = draw(grown(sites=100, each=10), Asked(), NOW).grid.groups
    assert page.count('class="cell ') == 4000
    assert perf_counter() - started < 1
