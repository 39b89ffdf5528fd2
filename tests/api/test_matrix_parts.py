"""What a page asks for again that says what its reader has seen: what became another, and no more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.clocks import at
from tests.grid import ADMIN, CMS, outage, sync

if TYPE_CHECKING:
    import httpx2

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

MATRIX = "/vos/cms/matrix"
PART = "data-part"


def seen(page: str) -> str:
    [said] = re.findall(r'data-since="([^"]+)"', page)
    return str(said)


def lines(page: str) -> set[str]:
    return set(re.findall(r'<tr id="[^"]*/([^"/]+)"', page))


async def again(client: httpx2.AsyncClient, page: str, address: str = MATRIX) -> str:
    return (await client.get(address, params={"since": seen(page)})).text


async def ban(gridmask: Installation, name: str, vo: str = "cms") -> None:
    by = CMS if vo == "cms" else ADMIN
    await gridmask.statuses.set(by, [RowName(ElementName(name), vo=vo)], Status.BANNED, "no space")


async def test_without_news_no_line_is_told_again(client: httpx2.AsyncClient) -> None:
    page = (await client.get(MATRIX)).text
    part = await again(client, page)
    assert (PART in page, PART in part, lines(part)) == (False, True, set())


async def test_a_change_is_told_with_its_line_and_its_group_alone(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    page = (await client.get(MATRIX)).text
    await ban(gridmask, "CE2")
    part = await again(client, page)
    assert lines(part) == {"CE2"}
    assert re.findall(r'<summary id="([^"]+)"', part) == ["in/site/A"]
    assert "may use <b>9</b> of 11" in part
    assert lines(await again(client, part)) == set()


async def test_what_another_vo_alone_has_is_not_told(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    page = (await client.get("/vos/atlas/matrix")).text
    await ban(gridmask, "PRIVATE")
    part = await again(client, page, "/vos/atlas/matrix")
    assert (PART in part, lines(part), "PRIVATE" in part) == (True, set(), False)


async def test_a_line_that_is_not_asked_for_any_more_is_told_as_such(
    client: httpx2.AsyncClient, gridmask: Installation
) -> None:
    page = (await client.get(f"{MATRIX}?status=Active")).text
    await ban(gridmask, "CE2")
    part = (await client.get(MATRIX, params={"status": "Active", "since": seen(page)})).text
    assert re.findall(r'<tr id="[^"]*/CE2" class="([^"]*)"', part) == ["one left"]


async def test_ages_are_told_again_when_they_are_others(client: httpx2.AsyncClient, gridmask: Installation, grid: Grid) -> None:
    await ban(gridmask, "CE2")
    page = (await client.get(MATRIX)).text
    grid.clock.advance(seconds=30)
    assert lines(await again(client, page)) == set()
    grid.clock.advance(minutes=2)
    part = await again(client, page)
    assert "CE2" in lines(part)
    assert "2 min · held by" in part


async def test_other_elements_and_other_downtimes_have_all_told(
    client: httpx2.AsyncClient, gridmask: Installation, grid: Grid
) -> None:
    page = (await client.get(MATRIX)).text
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=2)), outage("2", "DUO", at(2), at(3)))
    await sync(gridmask, "feed")
    announced = await again(client, page)
    grid.publish(osg.group("A", osg.resource("CE9", "CE")))
    await sync(gridmask, "osg", force=True)
    assert (PART in announced, PART in await again(client, announced)) == (False, False)


async def test_what_nobody_was_told_has_all_told(client: httpx2.AsyncClient) -> None:
    for said in ("x", "999999-999999-999999-00000000-1"):
        assert PART not in (await client.get(MATRIX, params={"since": said})).text


async def test_where_vos_are_compared_a_change_is_told_alone_too(client: httpx2.AsyncClient, gridmask: Installation) -> None:
    page = (await client.get("/compare")).text
    await ban(gridmask, "CE2")
    assert lines(await again(client, page, "/compare")) == {"CE2"}
