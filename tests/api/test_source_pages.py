"""The pages of sources, and what people decide on them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests import osg
from tests.grid import sync
from tests.pages import read

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

OURS = {"Origin": "http://127.0.0.1:8000", "Accept": "text/html"}


async def page(client: httpx2.AsyncClient, path: str) -> str:
    return read((await client.get(path)).text)


@pytest.fixture
async def digest(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> str:
    """The hash of an answer in quarantine, as the form on the page has it."""
    grid.clock.advance(minutes=10)
    grid.publish(osg.group("A", osg.resource("CE1", "CE")))
    await sync(gridmask, "osg")
    found = re.search(r'name="sha256" value="(\w{64})"', (await client.get("/sources/osg")).text)
    assert found
    return found[1]


async def decided(client: httpx2.AsyncClient, form: dict[str, str], headers: dict[str, str] = OURS) -> httpx2.Response:
    return await client.post("/sources/osg/decide", data=form, headers=headers)


async def test_all_sources_are_told_of_with_how_they_fare(client: httpx2.AsyncClient, grid: Grid) -> None:
    grid.clock.advance(minutes=4)
    told = await page(client, "/sources")
    assert "Sources What Gridmask reads, and how each fares. 2 good" in told
    assert "feed osg-downtimes good in force 1 downtime last answer 4 min ago next attempt in 6 min" in told
    assert "counts until 23:00 UTC failures in a row 0" in told


@pytest.mark.usefixtures("digest")
async def test_what_is_in_quarantine_comes_first_and_leads_to_where_it_is_decided(client: httpx2.AsyncClient) -> None:
    for path in ("/sources", "/"):
        body = (await client.get(path)).text
        assert "would take out 7 of 9 (78%), more than the 20% allowed" in body
        assert 'href="/sources/osg#quarantine"' in body
    assert (await page(client, "/sources")).startswith(
        "Sources What Gridmask reads, and how each fares. 1 quarantined 1 good osg"
    )


async def test_the_page_of_a_source_tells_what_an_answer_would_change(client: httpx2.AsyncClient, digest: str) -> None:
    told = await page(client, "/sources/osg")
    assert f"An answer in quarantine {digest[:12]} It would take out 7 of 9" in told
    assert "It would remove 7 what is" in told
    assert "ComputingElement PRIVATE at B, for cms" in told
    assert "quarantined since 17:10 UTC · 9 elements in force" in told


async def test_what_is_accepted_on_the_page_is_taken_in(client: httpx2.AsyncClient, digest: str) -> None:
    answer = await decided(client, {"sha256": digest, "reason": "They are closed.", "decision": "accept"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sources/osg")
    assert "good · 2 elements in force" in await page(client, "/sources/osg")


async def test_what_is_dropped_on_the_page_stays_to_be_seen(client: httpx2.AsyncClient, digest: str) -> None:
    assert (await decided(client, {"sha256": digest, "reason": "A mistake.", "decision": "drop"})).status_code == 303
    told = await page(client, "/sources/osg")
    assert "local dropped it 2026-08-21 17:10:00 UTC : A mistake." in told
    assert "Why?" not in told


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example.org"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", **OURS},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_a_form_from_elsewhere_decides_nothing(client: httpx2.AsyncClient, digest: str, headers: dict[str, str]) -> None:
    answer = await decided(client, {"sha256": digest, "reason": "x", "decision": "accept"}, headers)
    assert answer.status_code == 403
    assert "An answer in quarantine" in await page(client, "/sources/osg")


@pytest.mark.parametrize(
    ("form", "status"),
    [({"reason": ""}, 422), ({"decision": "burn"}, 422), ({"sha256": "0" * 64}, 409), ({"sha256": ""}, 409)],
)
async def test_a_form_that_makes_no_sense_is_told_as_a_page(
    client: httpx2.AsyncClient, digest: str, form: dict[str, str], status: int
) -> None:
    answer = await decided(client, {"sha256": digest, "reason": "x", "decision": "accept", **form})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")


async def test_a_body_that_is_no_form_is_refused(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/sources/osg/decide", json={"decision": "drop"}, headers=OURS)).status_code == 415
    headers = {**OURS, "Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"\xff\xfe=1", b"&".join(b"a=1" for _ in range(100))):
        assert (await client.post("/sources/osg/decide", content=body, headers=headers)).status_code == 400


async def test_a_source_that_there_is_not_has_no_page(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/sources/fed", headers={"Accept": "text/html"})
    assert (answer.status_code, "Go to feed" in answer.text) == (404, True)


async def test_a_failing_source_tells_since_when_and_a_good_one_what_its_last_failure_was(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    grid.clock.advance(minutes=10)
    grid.feed.write_text("<html>")
    await sync(gridmask, "feed")
    assert "failing since 17:10 UTC" in await page(client, "/sources/feed")
    grid.announce()
    grid.clock.advance(minutes=10)
    await sync(gridmask, "feed")
    assert "last failure 2026-08-21 17:10:00 UTC : feed:" in await page(client, "/sources/feed")


async def test_a_decision_that_comes_too_late_keeps_the_reason(client: httpx2.AsyncClient, digest: str) -> None:
    answer = await decided(client, {"sha256": digest[::-1], "reason": "long and thought over", "decision": "accept"})
    assert (answer.status_code, 'value="long and thought over"' in answer.text, digest in answer.text) == (409, True, True)
