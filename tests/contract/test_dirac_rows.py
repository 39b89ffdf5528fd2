"""What clients of DIRAC look at and write is the same on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from gridmask.api.app import create_app
from gridmask.domain.errors import StoreUnavailable
from gridmask.service import dirac_writes
from gridmask.settings import DiracRpc
from tests.contract import books
from tests.dirac_calls import Services, served
from tests.grid import sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation
    from tests.grid import Grid


@pytest.fixture
async def made(grid: Grid) -> AsyncIterator[Installation]:
    async with grid.open(dirac_rpc=DiracRpc(enabled=True, declare_unknown=True)) as gridmask:
        await sync(gridmask)
        yield gridmask


@pytest.fixture
async def services(made: Installation) -> AsyncIterator[Services]:
    async with served(create_app(made)) as services:
        yield services


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


async def test_what_is_made_known_is_what_was_wished_or_is_not_there(
    made: Installation, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"Name": "T1", "StatusType": "aspect", "ElementType": "thing", "VO": "all", "Status": "Banned"}
    before = await books.read(made.database)
    with monkeypatch.context() as patched:
        patched.setattr(dirac_writes, "rows_of", _lost)
        for method in ("insert", "addIfNotThere", "addOrModify"):
            assert (await services.call("ResourceStatus", method, "ResourceStatus", row))["Errno"] == 1130
    assert await books.read(made.database) == before
    assert (await services.call("ResourceStatus", "insert", "ResourceStatus", row))["OK"]
    first, second = (await books.read(made.database))["audit"][-2:]
    assert "dirac declare" in first
    assert "dirac insert" in second


async def test_a_delete_that_cannot_be_done_whole_is_not_done(made: Installation, services: Services) -> None:
    row = {"Name": "T1", "ElementType": "thing", "VO": "all", "Status": "Banned"}
    assert (await services.call("ResourceStatus", "insert", "ResourceStatus", row))["OK"]
    assert (await services.modify("ResourceStatus", Name="T1", Status="Active", VO="cms"))["OK"]
    before = await books.read(made.database)
    told = await services.call("ResourceStatus", "delete", "ResourceStatus", {"Name": ["T1", "CE1"]})
    assert "is in the inventory 'osg'" in told["Message"]
    assert await books.read(made.database) == before
    assert await services.value("ResourceStatus", "delete", "ResourceStatus", {"Name": "T1", "VO": "cms"}) == 1
    assert await services.columns("ResourceStatus", "Status", "VO", Name="T1") == [["Banned", "all"]]


async def _lost(*_: object) -> NoReturn:
    raise StoreUnavailable("The database does not answer.")
