"""How a VO fares, at a glance; and the way to what somebody names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import osg
from tests.clocks import at
from tests.grid import outage, sync
from tests.pages import read

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid


async def told(client: httpx2.AsyncClient, query: str = "") -> str:
    answer = await client.get(f"/vos/cms{query}")
    assert answer.status_code == 200
    return read(answer.text)


async def test_it_tells_what_a_vo_may_use_and_what_not_by_type(client: httpx2.AsyncClient) -> None:
    page = await told(client)
    assert "cms may use 10 of 11, at 2 sites" in page
    assert "By type ComputingElement" in page


async def test_what_happened_at_once_for_one_reason_is_told_together(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    grid.clock.advance(minutes=10)
    grid.announce(outage("9", "SE1", at(), at(hours=2), "WebDAV"))
    await sync(gridmask, "feed", force=True)
    page = await told(client, "?span=1h")
    assert "Banned SE1 Read, Write, Check, Remove was Active, A 17:10 UTC, gridmask: In downtime 9" in page


async def test_what_is_longer_ago_than_asked_for_is_not_told(client: httpx2.AsyncClient, grid: Grid) -> None:
    grid.clock.advance(hours=9)
    assert "Nothing has changed." in await told(client)
    assert "Nothing has changed." not in await told(client, "?span=24h")


async def test_what_wants_somebody_is_told(client: httpx2.AsyncClient, grid: Grid) -> None:
    assert "Nothing. No token ends within a day" in await told(client)
    grid.clock.advance(days=3)  # nothing was read since
    assert "Wants somebody feed stale Downtimes" in await told(client)  # the inventory is believed for longer


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("ce1", "/elements/Resource/ComputingElement/CE1?vo=cms"),
        ("CE", "/vos/cms/matrix?q=CE"),
        ("no such", "/vos/cms/matrix?q=no+such"),
    ],
)
async def test_a_name_leads_to_the_element_or_to_those_that_it_may_mean(
    client: httpx2.AsyncClient, name: str, address: str
) -> None:
    assert (await client.get("/search", params={"vo": "cms", "q": name})).headers["Location"] == address


async def test_an_inventory_that_grows_is_one_happening(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    grid.clock.advance(minutes=10)
    more = [osg.resource(f"NEW{number}", "CE") for number in range(5)]
    grid.inventory.write_bytes(
        grid.inventory.read_bytes().replace(b"</Resources>", "".join(more).encode() + b"</Resources>", 1)
    )
    await sync(gridmask, "osg", force=True)
    assert "NEW0, NEW1, NEW2 and 2 more new, A" in await told(client, "?span=1h")
