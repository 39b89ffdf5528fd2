"""What clients of DIRAC look at and write is the same on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.settings import DiracRpc
from tests.dirac_calls import Services
from tests.grid import sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.grid import Grid


@pytest.fixture
async def services(grid: Grid) -> AsyncIterator[Services]:
    async with grid.open(dirac_rpc=DiracRpc(enabled=True, declare_unknown=True)) as gridmask:
        await sync(gridmask)
        transport = httpx2.ASGITransport(create_app(gridmask))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield Services(client)


async def test_rows_logs_and_downtimes_come_and_go(services: Services) -> None:
    row = {"Name": "T1", "StatusType": "aspect", "ElementType": "thing", "VO": "all"}
    assert (await services.call("ResourceStatus", "insert", "ResourceStatus", {**row, "Status": "Active"}))["OK"]
    for status in ("Banned", "Degraded"):
        assert (await services.modify("ResourceStatus", **row, Status=status, Reason="é", TokenOwner="anna"))["OK"]
    assert await services.columns("ResourceStatus", "Status", "Reason", "TokenOwner", Name=["T1"]) == [
        ["Degraded", "é", "anna"]
    ]
    assert await services.columns("ResourceLog", "Status", Name="T1", VO="all") == [["Banned"], ["Degraded"]]
    last = (await services.select("ResourceLog"))[-1][0]
    assert await services.value("ResourceStatus", "delete", "ResourceLog", {"Meta": {"older": ["ID", last]}}) > 0
    assert await services.columns("ResourceLog", "Status") == [["Degraded"]]
    assert await services.value("ResourceStatus", "delete", "ResourceStatus", {"Name": "T1"}) == 1
    assert await services.columns("ResourceStatus", "Name", "Reason", VO="cms", Name="t1") == []
    downtimes = await services.value("ResourceManagement", "select", "DowntimeCache", {"Name": "CE1"})
    assert [downtime[:3] for downtime in downtimes] == [["1@CE1", "CE1", "Resource"]]
