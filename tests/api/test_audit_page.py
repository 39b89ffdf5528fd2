"""The page of the audit."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.status import Status
from gridmask.portal.audit import page as module
from gridmask.service.selection import ElementName, RowName
from tests.api.test_rights import guarded
from tests.grid import ADMIN, CMS
from tests.pages import read

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

BANNED = "=HYPERLINK(1)"


@pytest.fixture(autouse=True)
async def done(gridmask: Installation, grid: Grid) -> None:
    """What two people did, an hour apart."""
    await gridmask.statuses.set(CMS, [RowName(ElementName("CE2"), vo="cms")], Status.BANNED, BANNED)
    grid.clock.advance(hours=1)
    await gridmask.statuses.set(ADMIN, [RowName(ElementName("SE1"))], Status.DEGRADED, "slow")


async def page(client: httpx2.AsyncClient, path: str) -> str:
    answer = await client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, read(answer.text)
    return read(answer.text)


async def test_what_was_done_is_told_the_last_first(client: httpx2.AsyncClient) -> None:
    told = await page(client, "/audit")
    assert told.startswith("Audit of everything")
    assert told.index("admin a person set Degraded 4 changes") < told.index("shifter a person set Banned CE2")
    assert "2026-08-21 17:00:00 UTC revision 3 shifter a person set Banned CE2" in told
    assert f"for cms no row → Banned {BANNED} cms" in told


async def test_what_was_changed_leads_to_the_row(client: httpx2.AsyncClient) -> None:
    body = (await client.get("/audit?vo=cms")).text
    assert 'href="/elements/Resource/ComputingElement/CE2?vo=cms#status-all"' in body


FIRST = {
    "vo=cms": "shifter",
    "actor=shifter": "shifter",
    "action=set+Degraded": "admin",
    "kind=automation": "gridmask",
    "until=2026-08-21T17:30": "shifter",
    "since=2026-08-21T17:30": "admin",
}
"""Who did the last of what is asked for."""


async def test_only_what_is_asked_for_is_told(client: httpx2.AsyncClient) -> None:
    for query, first in FIRST.items():
        sheet = list(csv.DictReader((await client.get(f"/audit?format=csv&{query}")).text.splitlines()))
        assert (query, sheet[0]["actor"]) == (query, first)
        told = await page(client, f"/audit?{query}")
        assert (query, "set Degraded 4 changes" in told) == (query, first == "admin")


async def test_a_page_leads_to_what_is_earlier(client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    first = await client.get("/audit?kind=person")
    assert "shifter" not in read(first.text)
    link = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    told = await page(client, link)
    assert "shifter a person set Banned" in told
    assert "The last ones" in told


async def test_a_comment_is_no_formula_in_a_spreadsheet(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/audit?format=csv&actor=shifter")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''audit-everything.csv"
    [line] = csv.DictReader(answer.text.splitlines())
    assert (line["comment"], line["vos"], line["at"]) == (f"'{BANNED}", "cms", "2026-08-21T17:00:00Z")


async def test_where_nothing_is_so_it_is_said(client: httpx2.AsyncClient) -> None:
    assert "Nothing in the books is so. Show everything" in await page(client, "/audit?actor=nobody")


async def test_what_makes_no_sense_is_refused(client: httpx2.AsyncClient) -> None:
    wrong = {"since=never": 422, "kind=robot": 422, "vo=nope": 404, "before=0": 422}
    told = {query: (await client.get(f"/audit?{query}", headers={"Accept": "text/html"})).status_code for query in wrong}
    assert told == wrong


async def test_who_operates_a_vo_reads_what_concerns_it_alone(grid: Grid) -> None:
    async with guarded(grid, "vo") as asking:
        assert await asking.status("GET", "/audit?vo=cms", "/cms") == 403
        assert await asking.status("GET", "/audit?vo=cms", "/cms/ops") == 200
        assert await asking.status("GET", "/audit", "/cms/ops") == 403
        body = (await asking.client.get("/audit?vo=cms", headers=asking.bearer("/cms/ops"))).text
    assert 'href="/audit?vo=cms"' in body
    assert 'href="/audit?vo=all"' not in body
