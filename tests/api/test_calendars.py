"""Downtimes as a calendar."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest
from icalendar import Calendar

from gridmask.domain.errors import StoreUnavailable
from gridmask.store.database import Database
from tests import osg
from tests.clocks import at
from tests.grid import outage, sync

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid


def away(_: Database) -> None:
    raise StoreUnavailable("The database is away.")


CALENDAR = "/api/v1/downtimes/cms.ics"
DECLARED = {"elements": [{"name": "CE2"}], "description": "Move", "end": "2026-08-21T20:00Z"}
FIRST = outage("1", "CE1", at(hours=-1), at(hours=2), Description="New fans")


async def events(client: httpx2.AsyncClient, vo: str = "cms", **query: str) -> list[Any]:
    response = await client.get(f"/api/v1/downtimes/{vo}.ics", params=query)
    assert response.status_code == 200
    return list(Calendar.from_ical(response.content).events)


async def declare(client: httpx2.AsyncClient, name: str = "CE2", **more: object) -> str:
    response = await client.post("/api/v1/downtimes", json={**DECLARED, "elements": [{"name": name}], **more})
    record: str = response.json()["downtime"]["record"]
    return record


async def test_a_downtime_is_an_event_of_those_whom_it_concerns(client: httpx2.AsyncClient) -> None:
    [event] = await events(client)
    assert (event["summary"], event["dtstart"].dt, event["dtend"].dt) == ("Outage at A: CE1", at(hours=-1), at(hours=2))
    assert (event["status"], event["sequence"], event["dtstamp"].dt) == ("CONFIRMED", 0, at())
    assert "New fans" in event["description"]


async def test_a_calendar_has_what_is_offered_to_its_vo_alone(client: httpx2.AsyncClient) -> None:
    await declare(client, "PRIVATE")
    assert [len(await events(client, vo)) for vo in ("cms", "atlas", "all")] == [2, 1, 2]


async def test_a_downtime_for_one_vo_is_in_its_calendar_alone(client: httpx2.AsyncClient) -> None:
    await declare(client, vo="cms")
    assert [len(await events(client, vo)) for vo in ("cms", "atlas", "all")] == [2, 1, 1]


async def test_a_calendar_of_a_site_has_what_concerns_it(client: httpx2.AsyncClient) -> None:
    assert [event["location"] for event in await events(client, site="A")] == ["A"]
    assert await events(client, site="B") == []
    await client.post("/api/v1/downtimes", json={**DECLARED, "elements": [], "sites": ["A", "B"]})
    [event] = await events(client, site="B")
    assert event["location"] == "B"
    assert "CE1" not in event["description"]


async def test_what_is_edited_stays_the_same_event_with_the_next_number(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    [before] = await events(client)
    for hours in (3, 4):
        grid.clock.advance(minutes=10)
        grid.announce(outage("1", "CE1", at(hours=-1), at(hours=hours), Description="New fans"))
        await sync(gridmask, "feed")
    [after] = await events(client)
    assert (after["uid"], after["sequence"], after["dtend"].dt) == (before["uid"], 2, at(hours=4))
    assert after["dtstamp"].dt == at(hours=1 / 3)


async def test_what_is_withdrawn_is_cancelled_and_comes_back_with_a_higher_number(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    told = []
    for announced in ((), (FIRST,)):
        grid.clock.advance(minutes=10)
        grid.announce(*announced)
        await sync(gridmask, "feed", force=True)
        [event] = await events(client)
        told.append((event["status"], event["sequence"], event["dtstamp"].dt == grid.clock.now))
    assert told == [("CANCELLED", 1, True), ("CONFIRMED", 2, True)]


async def test_a_downtime_stays_for_a_month_after_it_was_over_or_withdrawn(client: httpx2.AsyncClient, grid: Grid) -> None:
    record = await declare(client, end="2030-01-01T00:00Z")
    await client.delete(f"/api/v1/downtimes/{record}", params={"reason": "No."})
    assert {event["status"] for event in await events(client)} == {"CANCELLED", "CONFIRMED"}
    grid.clock.advance(days=30)
    assert [event["status"] for event in await events(client)] == ["CONFIRMED"]
    grid.clock.advance(hours=2)
    assert await events(client) == []


async def test_a_reader_who_has_the_calendar_is_told_so_until_it_changes(client: httpx2.AsyncClient) -> None:
    first = await client.get(CALENDAR)
    assert (first.headers["Content-Type"], first.headers["Cache-Control"]) == ("text/calendar; charset=utf-8", "no-cache")
    known = {"If-None-Match": first.headers["ETag"]}
    again = await client.get(CALENDAR, headers=known)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    await declare(client)
    assert (await client.get(CALENDAR, headers=known)).status_code == 200


async def test_a_calendar_is_made_anew_when_something_changed_or_a_minute_passed(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    first = await gridmask.calendars.serve("cms")
    assert await gridmask.calendars.serve("CMS") is first
    record = await declare(client)
    second = await gridmask.calendars.serve("cms")
    await client.delete(f"/api/v1/downtimes/{record}", params={"reason": "No."})
    third = await gridmask.calendars.serve("cms")
    assert len({first.body, second.body, third.body}) == 3
    grid.clock.advance(minutes=1)
    assert await gridmask.calendars.serve("cms") is not third


async def test_a_calendar_comes_packed_for_who_takes_that(client: httpx2.AsyncClient) -> None:
    plain = await client.get(CALENDAR)
    async with client.stream("GET", CALENDAR, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join([part async for part in packed.aiter_raw()])
    assert gzip.decompress(raw) == plain.content
    assert packed.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("cmz.ics", 404),
        ("cms.ics?site=C", 404),
        ("cms.ics?site=", 422),
        ("cms.ics?sites=A", 422),
        ("CMS.ics", 200),
        ("cms", 405),
    ],
)
async def test_what_there_is_not_is_told(client: httpx2.AsyncClient, path: str, status: int) -> None:
    assert (await client.get(f"/api/v1/downtimes/{path}")).status_code == status


async def test_while_the_database_is_away_a_calendar_is_given_as_it_was(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await client.get(CALENDAR)
    monkeypatch.setattr(Database, "reading", away)
    assert (await client.get(CALENDAR)).content == before.content
    assert (await client.get(CALENDAR, params={"site": "A"})).status_code == 503


async def test_text_cannot_end_its_line(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    name = "CE,;\\1"
    grid.publish(osg.group('A"&;', osg.resource(name, "CE")))
    await sync(gridmask, "osg", force=True)
    await declare(client, name, description="a\nEND:VEVENT\nb;,\\n")
    [event] = await events(client)
    assert event["summary"] == f'OUTAGE at A"&;: {name}'
    assert event["description"].startswith("a\nEND:VEVENT\nb;,\\n\n\nConcerns")
