"""What pages tell of rows that the guard holds, of those that are damped, and of what was measured."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.grid import ADMIN, at, catch_up, outage, sync, toml_policies
from tests.pages import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

POLICIES = """
[policy.declared-downtimes]
type = "downtime"

[policy.probes]
type = "probe"
match = { type = "ComputingElement" }

[guard]
declared_share = 0.6
declared_number = 0

[damping]
suppress = 2
reuse = 1.5
"""
CE1, CE2 = (f"/elements/Resource/ComputingElement/{name}?vo=cms" for name in ("CE1", "CE2"))


@pytest.fixture
async def gridmask(grid: Grid) -> AsyncIterator[Installation]:
    async with grid.open(policies=toml_policies(grid.folder, POLICIES)) as made:
        await sync(made)
        yield made


@asynccontextmanager
async def storm(gridmask: Installation, grid: Grid) -> AsyncIterator[str]:
    """CE2, DUO and PRIVATE are announced to be down, beside CE1, which was before; the name of the batch that holds them."""
    names = ("CE1", "CE2", "DUO", "PRIVATE")
    grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=5)) for n, name in enumerate(names)))
    await sync(gridmask, "feed")
    [batch] = await gridmask.batches.list()
    yield batch.id


async def probed(client: httpx2.AsyncClient, grid: Grid, result: str, vo: str = "all") -> None:
    probe = {"kind": "probe", "about": {"type": "ComputingElement", "name": "CE2"}, "vo": vo}
    told = {**probe, "value": {"metric": "submit", "result": result}, "observed_at": grid.clock.now.isoformat()}
    assert (await client.post("/api/v1/evidence", json={"source": "probes", "measurements": [told]})).status_code == 200


def cells(page: str, name: str) -> list[str]:
    row = page.partition(f'/{name}"')[2].partition("</tr>")[0]
    return re.findall(r'class="cell ([^"]*)"', row)


async def test_a_vo_is_told_what_of_its_own_waits_and_how_to_decide(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    async with storm(gridmask, grid) as batch:
        said = {vo: read((await client.get(f"/vos/{vo}")).text) for vo in ("cms", "atlas")}
    assert "3 rows would be taken from cms because of source feed: too many at once. They stay as they are" in said["cms"]
    assert "until 2026-08-22 17:00 UTC. Held since 17:00 UTC." in said["cms"]
    assert f"gridmask batch confirm {batch} lets them through, gridmask batch drop {batch} keeps them as" in said["cms"]
    assert "2 rows would be taken from atlas" in said["atlas"]


async def test_rows_that_are_held_are_marked_and_say_so_to_who_cannot_see_it(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    async with storm(gridmask, grid) as batch:
        page = (await client.get("/vos/cms")).text
    assert [cells(page, name) for name in ("CE1", "CE2")] == [["Banned"], ["Active held"]]
    assert "Active, held by the guard Banned is asked for" in read(page)
    assert f"Held by the guard, in batch {batch}, until 2026-08-22 17:00:00 UTC: automation asks for Banned" in page


async def test_only_what_is_held_is_shown_to_who_asks_for_it(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    async with storm(gridmask, grid):
        page = (await client.get("/vos/cms", params={"mark": "held"})).text
    assert set(re.findall(r'<tr id="[^"]*/([^"/]+)"', page)) == {"CE2", "DUO", "PRIVATE"}
    assert (await client.get("/vos/cms", params={"mark": "blue"})).status_code == 422


async def test_banner_and_marks_go_once_somebody_confirms(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    async with storm(gridmask, grid) as batch:
        await gridmask.batches.confirm(ADMIN, batch, "It is so.")
    for path in ("/", "/vos/cms"):
        assert "would be taken" not in (await client.get(path)).text
    assert cells((await client.get("/vos/cms")).text, "CE2") == ["Banned"]


async def test_an_element_tells_what_automation_asks_for_and_that_it_is_held(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    async with storm(gridmask, grid) as batch:
        said = read((await client.get(CE2)).text)
        assert "Automation asks for Banned. It is held until 2026-08-22 17:00 UTC, or until somebody decides" in said
        assert f"gridmask batch confirm {batch}" in said
        assert "2026-08-21 17:00:00 UTC all stays Active" in said.partition("History")[2]
        await gridmask.batches.drop(ADMIN, batch, "A test.")
    said = read((await client.get(CE2)).text)
    assert f"It is kept as it is until 2026-08-22 17:00 UTC : batch {batch}, in which it was held, was dropped." in said


async def test_what_flaps_is_marked_and_its_page_tells_of_its_penalty(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    for result in ("CRITICAL", "OK", "CRITICAL", "OK"):
        await probed(client, grid, result)
        grid.clock.advance(minutes=1)
        await catch_up(gridmask)
    assert cells((await client.get("/vos/cms")).text, "CE2") == ["Probing"]
    assert "Its penalty for bans of late is 1.9; at 2.0 it would be damped." in read((await client.get(CE2)).text)
    await probed(client, grid, "CRITICAL")
    assert cells((await client.get("/vos/cms")).text, "CE2") == ["Banned damped"]
    said = read((await client.get(CE2)).text)
    assert re.search(r"Damped until 2026-08-21 17:3\d:\d\d UTC : it was banned again and again", said)
    assert "Its penalty was 2.9 at 2026-08-21 17:04 UTC, beyond 2.0; it halves every 30 min, and is forgiven below 1.5." in said


async def test_a_page_tells_what_was_measured_and_for_whom(client: httpx2.AsyncClient, grid: Grid) -> None:
    assert 'id="measured"' not in (await client.get(CE2)).text
    await probed(client, grid, "WARNING", "atlas")
    await probed(client, grid, "OK")
    said = read((await client.get(CE2)).text).partition("Measurements")[2].partition("History")[0]
    counts = "until 2026-08-21 19:00 UTC"
    assert f"probe everyone submit is OK probes probe/submit 2026-08-21 17:00 UTC {counts} probe atlas" in said
    assert "probes probe/submit/atlas 2026-08-21 17:00 UTC not for cms" in said
    grid.clock.advance(hours=2)
    assert "not any more" in read((await client.get(CE2)).text)


async def test_who_follows_a_mask_is_told_when_something_is_held_and_when_it_is_not_any_more(
    gridmask: Installation, grid: Grid
) -> None:
    stream = gridmask.masks.stream("cms", None)
    assert (await anext(stream)).event == "mask"
    coming = asyncio.create_task(anext(stream))
    async with storm(gridmask, grid) as batch:
        await gridmask.board.refresh()
        news = await asyncio.wait_for(coming, 5)
        assert (news.event, news.data) == ("held", b'{"batches":["%s"]}' % batch.encode())
        coming = asyncio.create_task(anext(stream))
        await gridmask.batches.drop(ADMIN, batch, "A test.")
        await gridmask.board.refresh()
    news = await asyncio.wait_for(coming, 5)
    assert (news.event, news.data) == ("held", b'{"batches":[]}')
    await stream.aclose()


async def test_who_begins_to_follow_is_told_what_is_held(gridmask: Installation, grid: Grid) -> None:
    async with storm(gridmask, grid):
        stream = gridmask.masks.stream("cms", None)
        assert [(await anext(stream)).event for _ in range(2)] == ["mask", "held"]
        await stream.aclose()
