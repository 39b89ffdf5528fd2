"""The matrix by site alone, side by side for several VOs, and as data."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.actor import Actor
from gridmask.domain.rights import Grant, Role
from gridmask.domain.status import Status
from gridmask.portal.frame.reader import Reader
from gridmask.portal.matrix.compare import readable
from gridmask.service.selection import ElementName, RowName
from tests.grid import CMS
from tests.pages import read

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation


async def ban(gridmask: Installation, name: str) -> None:
    await gridmask.statuses.set(CMS, [RowName(ElementName(name), vo="cms")], Status.BANNED, "no space")


async def test_a_site_in_one_line_leads_to_what_is_there(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/vos/cms/matrix?level=site&status=Banned")).text
    assert "A 1 element 0/1" in read(page)
    assert '<a href="/vos/cms/matrix?q=A&amp;status=Banned">A</a>' in page
    assert "data-since" not in page


@pytest.mark.parametrize("group", ["country", "type", "none"])
async def test_all_groups_show_the_same_elements(client: httpx2.AsyncClient, group: str) -> None:
    pages = [(await client.get(f"/vos/cms/matrix?group={one}")).text for one in ("", group)]
    by_site, grouped = (sorted(re.findall(r'<tr id="([^"]+)"', page)) for page in pages)
    assert by_site == grouped != []


async def test_an_element_is_seen_as_each_vo_sees_it(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await ban(gridmask, "CE2")
    page = (await client.get("/compare")).text
    [line] = re.findall(r'<tr id="[^"]*/CE2".*?</tr>', page, re.DOTALL)
    heads = re.findall(r"<th[^>]*>([^<]*)</th>", page.partition("</thead>")[0])[2:]
    assert dict(zip(heads, re.findall(r'class="cell (\w+)', line), strict=True)) == {
        "all": "Active",
        "atlas": "Active",
        "cms": "Banned",
    }
    assert re.findall(r'<tr id="[^"]*/([^"]+)"', (await client.get("/compare?differs=yes")).text) == ["CE2"]


async def test_what_is_not_offered_to_a_vo_has_no_cell_in_its_column(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/compare?q=PRIVATE")).text
    [line] = re.findall(r'<tr id="[^"]*/PRIVATE".*?</tr>', page, re.DOTALL)
    assert re.findall(r'<td><a class="cell (\w+)|<td class="(no)"', line) == [("Active", ""), ("", "no"), ("Active", "")]


async def test_of_other_vos_a_reader_of_one_sees_nothing(gridmask: Installation) -> None:
    reader = Reader(Actor("jo", grants=frozenset({Grant(Role.READER, "atlas")})))
    vos = await readable(gridmask, reader)
    found = await gridmask.matrices.across(vos)
    assert (vos, "PRIVATE" in {line.element.key.name for line in found.lines}) == (("atlas",), False)


async def test_a_comparison_keeps_lines_that_stay(gridmask: Installation) -> None:
    before = {line.element.key.name: line for line in (await gridmask.matrices.across(["all", "cms"])).lines}
    await ban(gridmask, "CE2")
    after = {line.element.key.name: line for line in (await gridmask.matrices.across(["all", "cms"])).lines}
    assert [name for name, line in after.items() if line is not before[name]] == ["CE2"]


async def test_what_is_shown_is_had_as_data(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await ban(gridmask, "CE2")
    told = await client.get("/vos/cms/matrix.csv?unusable=yes&type=ComputingElement")
    assert told.headers["Content-Disposition"] == 'attachment; filename="matrix-cms.csv"'
    records = list(csv.DictReader(io.StringIO(told.text)))
    assert [(one["name"], one["status"], one["row"], one["owner"]) for one in records] == [
        ("CE1", "Banned", "all", ""),
        ("CE2", "Banned", "cms", CMS.name),
    ]
    same = (await client.get("/vos/cms/matrix.json?unusable=yes&type=ComputingElement")).json()
    assert ([one["name"] for one in same["rows"]], same["vo"]) == (["CE1", "CE2"], "cms")
    assert same["asked"] == {"unusable": "yes", "type": "ComputingElement"}


async def test_a_comparison_is_had_as_data(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    await ban(gridmask, "CE2")
    told = (await client.get("/compare.json?differs=yes")).json()
    assert {one["vo"]: one["status"] for one in told["rows"]} == {"all": "Active", "atlas": "Active", "cms": "Banned"}
    assert (await client.get("/compare.csv?differs=yes")).text.count("\r\n") == 4


@pytest.mark.parametrize("address", ["/vos/cms/matrix.xml", "/compare?vo=nobody", "/compare?group=moon"])
async def test_what_is_not_there_is_told_as_a_page(client: httpx2.AsyncClient, address: str) -> None:
    response = await client.get(address)
    assert response.status_code in {404, 422}
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
