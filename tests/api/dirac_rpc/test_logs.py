from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.gate import Gate
from gridmask.api.openapi import Api
from gridmask.dirac_rpc.door import DiracDoor
from gridmask.dirac_rpc.encoding import naive
from gridmask.domain.actor import Actor
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests.clocks import NOW
from tests.dirac_calls import Services, alone
from tests.grid import ADMIN, CMS

if TYPE_CHECKING:
    from starlette.types import Scope

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

ROW = ("Name", "StatusType", "Status", "VO")


async def set_for_cms(gridmask: Installation, name: str, status: Status) -> None:
    await gridmask.statuses.set(CMS, [RowName(ElementName(name), vo="cms")], status, "For us.")


async def test_the_log_tells_each_thing_that_was_done_to_a_row(grid: Grid, services: Services) -> None:
    for status in ("Banned", "Active"):
        grid.clock.advance(minutes=1)
        await services.modify("ResourceStatus", Name="CE2", Status=status, Reason="Smoke.", VO="all")
    grid.clock.advance(minutes=1)
    await services.modify("ResourceStatus", Name="CE2", Status="Active", Reason="A new reason.", VO="all")
    log = await services.columns("ResourceLog", "Status", "Reason", Name="CE2")
    assert log[-3:] == [["Banned", "Smoke."], ["Active", "Smoke."], ["Active", "A new reason."]]
    past = await services.columns("ResourceHistory", "Status", Name="CE2")
    assert past[-2:] == [["Banned"], ["Active"]]


async def test_what_is_deleted_of_a_log_is_hidden_and_stays_in_the_history(gridmask: Installation, services: Services) -> None:
    await services.modify("ResourceStatus", Name="CE2", Status="Banned", VO="all")
    kept = await gridmask.statuses.history(RowName(ElementName("CE2")))
    assert await services.value("ResourceStatus", "delete", "ResourceLog", {"Name": "CE2"}) > 0
    assert await services.select("ResourceLog", Name="CE2") == []
    assert await services.select("ResourceLog", Name="CE1") != []
    assert await services.select("ResourceHistory", Name="CE2") != []
    assert await gridmask.statuses.history(RowName(ElementName("CE2"))) == kept
    await services.modify("ResourceStatus", Name="CE2", Status="Degraded", VO="all")
    assert await services.columns("ResourceLog", "Status", Name="CE2") == [["Degraded"]]


async def test_what_was_hidden_stays_hidden_for_whoever_comes_later(gridmask: Installation, services: Services) -> None:
    last = max(row[0] for row in await services.select("ResourceLog"))
    for number in (last, last + 1):
        await services.value("ResourceStatus", "delete", "ResourceLog", {"Meta": {"older": ["ID", number]}})

    async def anybody(_: Scope) -> Actor:
        return ADMIN

    later = Api(Gate(gridmask))
    later.set_beside(DiracDoor(gridmask, anybody, alone), b"application/x-www-form-urlencoded")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(later), base_url="http://127.0.0.1:8000") as client:
        assert await Services(client).select("ResourceLog") == []


async def test_a_log_is_told_since_a_time_and_hidden_for_a_vo(grid: Grid, gridmask: Installation, services: Services) -> None:
    grid.clock.advance(minutes=1)
    await set_for_cms(gridmask, "CE2", Status.BANNED)
    since = {"Meta": {"newer": ["DateEffective", naive(NOW)], "columns": ["Name", "VO"]}}
    assert await services.select("ResourceLog", **since) == [["CE2", "cms"]]
    assert await services.select("ResourceLog", VO="CMS", **since) == [["CE2", "cms"]]
    assert await services.value("ResourceStatus", "delete", "ResourceLog", {"vo": "CMS"}) == 1
    assert await services.select("ResourceLog", VO="cms") == []
    assert await services.select("ResourceLog", VO="all") != []


@pytest.mark.parametrize(
    ("table", "where", "told"),
    [
        ("ResourceStatus", {"Name": "CE2", "VO": "all"}, "in the inventory 'osg'"),
        ("ResourceStatus", {}, "would delete all"),
        ("ResourceStatus", {"Meta": {"limit": 1}}, "would delete all"),
        ("ResourceStatus", {"Name": ""}, "would mean every row"),
        ("ResourceLog", {}, "would delete all"),
    ],
)
async def test_too_much_is_not_deleted(untouched: Services, table: str, where: dict[str, object], told: str) -> None:
    before = await untouched.select(table)
    answer = await untouched.call("ResourceStatus", "delete", table, where)
    assert told in answer["Message"]
    assert await untouched.select(table) == before


async def test_an_empty_list_deletes_nothing(untouched: Services) -> None:
    assert await untouched.value("ResourceStatus", "delete", "ResourceStatus", {"Name": [], "VO": "all"}) == 0


async def test_the_row_of_a_vo_ends_by_being_deleted(gridmask: Installation, services: Services) -> None:
    await set_for_cms(gridmask, "CE2", Status.DEGRADED)
    for vo in ("atlas", "nobody"):
        assert await services.value("ResourceStatus", "delete", "ResourceStatus", {"Name": "CE2", "VO": vo}) == 0
    assert await services.value("ResourceStatus", "delete", "ResourceStatus", {"Name": "CE2", "VO": "CMS"}) == 1
    assert await services.columns("ResourceStatus", *ROW, Name="CE2") == [["CE2", "all", "Active", "all"]]
