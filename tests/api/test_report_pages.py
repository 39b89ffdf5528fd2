"""The pages of reports."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from gridmask.portal.reports import beside
from tests.api.test_rights import guarded
from tests.grid import catch_up, sync
from tests.pages import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid


@pytest.fixture(autouse=True)
async def months(gridmask: Installation, grid: Grid) -> None:
    """It is the 12th of September; CE1 was down for two hours of August, since 17:00 on the 21st."""
    grid.clock.advance(hours=2)
    await sync(gridmask, "feed")
    await catch_up(gridmask)
    grid.clock.advance(days=22)


async def page(client: httpx2.AsyncClient, path: str) -> str:
    answer = await client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, read(answer.text)
    return read(answer.text)


async def sheet(client: httpx2.AsyncClient, path: str) -> Mapping[tuple[str, str], dict[str, str]]:
    """The lines of the CSV at ``path``, by name and when they begin."""
    found = csv.DictReader((await client.get(path)).text.splitlines())
    return {(line["name"], line["from"][:10]): line for line in found}


async def test_sites_stand_against_months(client: httpx2.AsyncClient) -> None:
    told = await page(client, "/reports?vo=cms")
    assert told.startswith("Of cms Availability for cms")
    assert "Site 2026-04 2026-05 2026-06 2026-07 2026-08 2026-09 All of it" in told
    assert "All together 6 services" in told
    assert told.index("A 3 services · now") < told.index("B 3 services · now")


async def test_the_figures_are_those_of_the_api(client: httpx2.AsyncClient) -> None:
    lines = await sheet(client, "/reports?vo=cms&format=csv")
    path = "/api/v1/availability/cms?from=2026-04-01&by=month&per=site&site=A"
    [said] = (await client.get(path)).json()["lines"]
    august = lines["A", "2026-08-01"]
    assert float(august["availability"]) == round(said["periods"][4]["availability"], 6) < 1
    assert float(august["unexcused_h"]) == said["periods"][4]["unexcused"] / 3600
    assert lines["all", "2026-08-01"]["elements"] == "6"


async def test_a_site_leads_to_its_elements_and_these_to_their_pages(client: httpx2.AsyncClient) -> None:
    assert 'href="/reports?vo=cms&amp;per=element&amp;site=A"' in (await client.get("/reports?vo=cms")).text
    body = (await client.get("/reports?vo=cms&per=element&site=A")).text
    assert 'href="/elements/Resource/ComputingElement/CE1?vo=cms"' in body
    assert "DUO" not in read(body)


async def test_what_was_least_available_comes_first(client: httpx2.AsyncClient) -> None:
    told = await page(client, "/reports?vo=cms&per=element&sort=worst")
    assert told.index("CE1 ComputingElement at A") < told.index("CE2 ComputingElement at A")


async def test_types_and_countries_are_told_too(client: httpx2.AsyncClient) -> None:
    assert "WebDAV 1 service" in await page(client, "/reports?vo=cms&per=type")
    assert "no country is known 6 services" in await page(client, "/reports?vo=cms&per=country")


async def test_days_of_a_month_stand_beside_each_other(client: httpx2.AsyncClient) -> None:
    told = await page(client, "/reports?vo=cms&by=day&from=2026-08-20&to=2026-08-23")
    assert "Site 08-20 08-21 08-22 All of it" in told


NONSENSE = (
    "from=2027-01-01",
    "from=2026-08-21&to=2026-08-20",
    "from=1990-01-01",
    "by=day&from=2025-01-01",
    "from=soon",
    "per=planet",
    "dais=2",
)


async def test_what_makes_no_sense_is_refused(client: httpx2.AsyncClient) -> None:
    addresses = [f"/reports?vo=cms&{query}" for query in NONSENSE]
    addresses += [f"/reports/vos?month={month}" for month in ("2026-13", "2026-10", "x", "2026-001")]
    told = {address: (await client.get(address, headers={"Accept": "text/html"})).status_code for address in addresses}
    assert told == dict.fromkeys(addresses, 422)


async def test_where_nothing_is_known_it_is_said(client: httpx2.AsyncClient) -> None:
    assert "Nothing that is so was offered to cms" in await page(client, "/reports?vo=cms&site=nowhere")
    assert "Nothing is known of that month" in await page(client, "/reports/vos?month=2026-01")


async def test_all_vos_stand_side_by_side_for_a_month(client: httpx2.AsyncClient) -> None:
    told = await page(client, "/reports/vos?month=2026-08")
    assert told.startswith("Reports All VOs side by side in August 2026")
    assert 'href="/reports/vos?month=2026-07&amp;per=site"' in (await client.get("/reports/vos?month=2026-08")).text
    assert "Site all atlas cms All together" in told
    assert "2026-10" not in await page(client, "/reports/vos")
    lines = list(csv.DictReader((await client.get("/reports/vos?month=2026-08&format=csv")).text.splitlines()))
    assert [(line["site"], line["vo"]) for line in lines][:4] == [("A", "all"), ("A", "atlas"), ("A", "cms"), ("B", "all")]


async def test_nobody_is_kept_waiting_for_very_many_vos(client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "PATIENCE", 0.0)
    assert "1 of 3 VOs are summed up; the others follow." in await page(client, "/reports/vos")
    assert "2 of 3 VOs" in await page(client, "/reports/vos")
    await page(client, "/reports/vos")
    assert "the others follow" not in await page(client, "/reports/vos")


async def test_only_vos_that_one_may_read_stand_side_by_side(grid: Grid) -> None:
    async with guarded(grid, "vo") as asking:
        body = (await asking.client.get("/reports/vos", headers=asking.bearer("/cms"))).text
        assert await asking.status("GET", "/reports?vo=atlas", "/cms") == 403
    assert ('href="/reports?vo=cms"' in body, 'href="/reports?vo=atlas"' in body) == (True, False)
