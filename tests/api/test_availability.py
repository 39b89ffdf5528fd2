"""Availability, by HTTP."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from gridmask.api.availability import AvailabilitySaid
from tests.clocks import at
from tests.grid import catch_up, sync

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

REPORT = "/api/v1/availability/cms"
DAY = {"from": "2026-08-21", "to": "2026-08-22"}


@pytest.fixture(autouse=True)
async def _evening(grid: Grid, gridmask: Installation) -> None:
    """CE1's downtime ends, and it is the next morning."""
    for hours in (2, 17):
        grid.clock.now = at(hours=hours)
        await sync(gridmask, "feed")
        await catch_up(gridmask)


async def test_a_day_is_told_by_how_it_was_spent(client: httpx2.AsyncClient) -> None:
    answer = await client.get(REPORT, params={**DAY, "name": "CE1"})
    said = AvailabilitySaid.model_validate_json(answer.content)
    assert answer.headers["Content-Type"] == "application/json"
    [line] = said.lines
    [spent] = line.periods
    assert (spent.usable, spent.excused, spent.unexcused, spent.unknown, spent.absent) == (5 * 3600, 2 * 3600, 0, 0, 17 * 3600)
    assert (spent.availability, spent.reliability) == (round(5 / 7, 6), 1.0)
    assert (line.site, line.status_type, said.next) == ("A", None, None)


async def test_days_end_at_midnight_and_the_last_at_present(client: httpx2.AsyncClient) -> None:
    answer = (
        await client.get(REPORT, params={"from": "2026-08-21T12:00Z", "to": "2026-09-01", "by": "day", "name": "CE1"})
    ).json()
    bounds = [(period["start"], period["end"]) for period in answer["lines"][0]["periods"]]
    assert bounds == [("2026-08-21T12:00:00Z", "2026-08-22T00:00:00Z"), ("2026-08-22T00:00:00Z", "2026-08-22T10:00:00Z")]


async def test_sites_have_the_time_of_all_their_elements_together(client: httpx2.AsyncClient) -> None:
    answer = (await client.get(REPORT, params={**DAY, "per": "site"})).json()
    [first, second] = answer["lines"]
    assert (first["site"], first["name"], second["site"]) == ("A", None, "B")
    assert first["periods"][0]["excused"] == 2 * 3600
    assert first["periods"][0]["usable"] == (5 + 7 + 7) * 3600


async def test_csv_has_a_line_for_each_part_and_says_what_comes_after(client: httpx2.AsyncClient) -> None:
    answer = await client.get(REPORT, params={**DAY, "per": "status-type", "site": "A", "format": "csv", "limit": "3"})
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert int(answer.headers["Gridmask-Next"]) > 0
    [down] = [row for row in rows if row["name"] == "CE1"]
    assert (down["status_type"], down["usable"], down["excused"], down["reliability"]) == ("all", "18000", "7200", "1.0")


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({}, "from"),
        ({**DAY, "by": "week"}, "by"),
        ({**DAY, "per": "vo"}, "per"),
        ({"from": "2026-08-21 12:00"}, "from"),
    ],
)
async def test_what_cannot_be_asked_is_told(client: httpx2.AsyncClient, params: dict[str, str], told: str) -> None:
    answer = await client.get(REPORT, params=params)
    assert answer.status_code == 422
    assert told in answer.json()["detail"]


async def test_an_element_is_as_its_strictest_status_type(client: httpx2.AsyncClient, grid: Grid) -> None:
    full = {"rows": [{"name": "SE1", "status_type": "WriteAccess"}], "status": "Banned", "reason": "It is full."}
    assert (await client.post("/api/v1/statuses", json=full)).status_code == 200
    grid.clock.advance(hours=3)
    params = {"from": "2026-08-22T09:00Z", "name": "SE1"}
    whole = (await client.get(REPORT, params=params)).json()["lines"]
    each = (await client.get(REPORT, params={**params, "per": "status-type"})).json()["lines"]
    reading = (await client.get(REPORT, params={**params, "status_type": "ReadAccess"})).json()["lines"]
    usable = {line["status_type"]: line["periods"][0]["usable"] / 3600 for line in each}
    assert usable == {"CheckAccess": 4, "ReadAccess": 4, "RemoveAccess": 4, "WriteAccess": 1}
    assert [(line["periods"][0]["usable"], line["periods"][0]["unexcused"]) for line in whole] == [(3600, 3 * 3600)]
    assert reading[0]["periods"][0]["availability"] == 1.0
