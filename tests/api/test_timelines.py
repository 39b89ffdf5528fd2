"""Timelines, by HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.errors import NotKnown
from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.clocks import at
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

TIMELINES = "/api/v1/timelines/cms"
SET = {"rows": [{"name": "CE2", "vo": "cms"}], "status": "Banned", "reason": "It eats jobs."}


@pytest.fixture
async def banned(client: httpx2.AsyncClient, grid: Grid, gridmask: Installation) -> None:
    """An hour passes, CE2 is banned for cms, another hour passes."""
    del gridmask
    grid.clock.advance(hours=1)
    assert (await client.post("/api/v1/statuses", json=SET)).status_code == 200
    grid.clock.advance(hours=1)


@pytest.mark.usefixtures("banned")
async def test_a_timeline_tells_from_when_to_when_a_row_was_what_and_why(client: httpx2.AsyncClient) -> None:
    answer = (await client.get(TIMELINES, params={"name": "CE2", "from": "2026-08-21T17:30Z"})).json()
    assert (answer["vo"], answer["start"], answer["end"]) == ("cms", "2026-08-21T17:30:00Z", "2026-08-21T19:00:00Z")
    [line] = answer["timelines"]
    before, after = line["stretches"]
    assert (line["type"], line["name"], line["status_type"]) == ("ComputingElement", "CE2", "all")
    assert (before["start"], before["end"], before["status"], before["row"]) == (
        "2026-08-21T17:30:00Z",
        "2026-08-21T18:00:00Z",
        "Active",
        "all",
    )
    assert (after["status"], after["row"], after["owner"], after["kind"], after["absence"]) == (
        "Banned",
        "cms",
        "local",
        "opened",
        None,
    )
    assert [reason["text"] for reason in after["reasons"]] == ["It eats jobs."]


@pytest.mark.usefixtures("banned")
async def test_without_a_time_the_last_seven_days_are_told_and_what_was_not_there_is_left_out(
    client: httpx2.AsyncClient,
) -> None:
    answer = (await client.get(TIMELINES)).json()
    assert answer["start"] == "2026-08-14T19:00:00Z"
    names = {line["name"] for line in answer["timelines"]}
    assert names >= {"CE1", "PRIVATE", "DUO", "SE1"}
    assert "OLD" not in names
    assert answer["timelines"][0]["stretches"][0]["absence"] == "not known"
    assert answer["next"] is None


@pytest.mark.usefixtures("banned")
async def test_timelines_come_in_pages(client: httpx2.AsyncClient) -> None:
    whole = (await client.get(TIMELINES)).json()["timelines"]
    found: list[Any] = []
    params = {"limit": "2"}
    while True:
        page = (await client.get(TIMELINES, params=params)).json()
        found += page["timelines"]
        if page["next"] is None:
            break
        params["cursor"] = str(page["next"])
    assert found == whole


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"from": "2026-08-22"}, "is still to come"),
        ({"from": "2026-08-20", "to": "2026-08-19"}, "before it begins"),
        ({"from": "2000-01-01"}, "more than ten years"),
        ({"from": "yesterday"}, "not a moment in time"),
        ({"since": "2026-08-20"}, "There is no parameter 'since'"),
        ({"limit": "0"}, "greater than or equal to 1"),
    ],
)
async def test_what_cannot_be_asked_is_told(client: httpx2.AsyncClient, params: dict[str, str], told: str) -> None:
    answer = await client.get(TIMELINES, params=params)
    assert told in answer.json()["detail"]
    assert answer.status_code == 422


async def test_of_a_vo_that_never_was_nothing_is_told(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/v1/timelines/cmss")
    assert (answer.status_code, answer.json()["suggestion"]) == (404, "cms")


async def test_one_element_is_found_by_name_also_when_it_is_gone(grid: Grid, gridmask: Installation) -> None:
    grid.clock.advance(hours=1)
    grid.publish(osg.group("A", osg.resource("CE2", "CE")))
    await sync(gridmask, "osg", force=True)
    grid.clock.advance(hours=1)
    [gone] = (await gridmask.timelines.of(RowName(ElementName("CE1"), vo="cms"), at(hours=-1), at(hours=3))).timelines
    assert [stretch.absence for stretch in gone.stretches] == ["not known", None, "not known"]
    for name, aspect, told in (("CE22", None, "Did you mean 'CE2'"), ("CE2", "ReadAccess", "ReadAccess")):
        with pytest.raises(NotKnown, match=told):
            await gridmask.timelines.of(RowName(ElementName(name), aspect), at(), at(hours=1))


async def test_of_a_vo_that_left_the_time_is_told_for_which_it_was_there(
    client: httpx2.AsyncClient, grid: Grid, gridmask: Installation
) -> None:
    for hours in (1, 3, 3):
        grid.clock.advance(hours=hours)
        if hours == 1:
            await gridmask.vos.add(ADMIN, "lhcb")
        elif "lhcb" in (await gridmask.vos.roll()).masks:
            await gridmask.vos.retire(ADMIN, "lhcb", "over")
    answer = await client.get("/api/v1/timelines/LHCb", params={"name": "CE2", "from": "2026-08-21T17:00Z"})
    [line] = answer.json()["timelines"]
    assert [(s["start"], s["absence"]) for s in line["stretches"]] == [
        ("2026-08-21T17:00:00Z", "not known"),
        ("2026-08-21T18:00:00Z", None),
        ("2026-08-21T21:00:00Z", "not known"),
    ]


async def test_a_time_at_the_beginning_of_the_calendar_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.get(TIMELINES, params={"to": "0001-01-01"})
    assert answer.status_code == 422
