"""What clients of DIRAC keep in its caches: in every process, for as long as it counts, and no more than there is room for."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.api.app import create_app
from gridmask.dirac_rpc.encoding import naive
from gridmask.domain.errors import InvalidRequest
from gridmask.inspection.housekeeping import Housekeeping
from gridmask.service import dirac_records
from gridmask.service.dirac_records import DiracRecords, Edit
from gridmask.settings import DiracRpc, Recording, Retention
from gridmask.store.dirac_records import Record, Wanted
from tests.contract import books
from tests.dirac_calls import Services, served
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

CHANNEL = {"SourceName": "A", "DestinationName": "B", "Metric": "Quality"}
PILOTS = {"Site": "é ☂", "CE": "CE1", "VO": "cms"}


@asynccontextmanager
async def opened(grid: Grid) -> AsyncIterator[tuple[Installation, Services]]:
    async with grid.open(dirac_rpc=DiracRpc(enabled=True)) as made, served(create_app(made)) as services:
        yield made, services


async def manage(services: Services, method: str, table: str, **params: object) -> Any:  # noqa: ANN401 - what it gives
    return await services.value("ResourceManagement", method, table, params)


async def test_what_is_kept_is_told_by_every_process_and_after_a_restart(grid: Grid) -> None:
    async with opened(grid) as (made, one), opened(grid) as (_, other):
        await sync(made)
        await manage(one, "addOrModify", "TransferCache", **CHANNEL, Value=1.0)
        await manage(other, "addOrModify", "TransferCache", **CHANNEL, Value=2.0)
        await manage(one, "insert", "PilotCache", **PILOTS, PilotJobEff=50.5)
    async with opened(grid) as (_, later):
        meta = {"columns": ["Value"]}
        assert await manage(later, "select", "TransferCache", SourceName=["A", "X"], Meta=meta) == [[2.0]]
        assert [row[:4] for row in await manage(later, "select", "PilotCache", Site="é ☂")] == [["é ☂", "CE1", "", 50.5]]
        assert await manage(later, "delete", "PilotCache", Site="é ☂") == 1
        assert await manage(later, "select", "PilotCache") == []


async def test_of_those_who_insert_the_same_record_at_once_one_does(grid: Grid) -> None:
    async with opened(grid) as (_, one), opened(grid) as (_, other):
        calls = (who.call("ResourceManagement", "insert", "TransferCache", CHANNEL) for who in (one, other, one, other))
        assert sorted(told.get("Errno", 0) for told in await asyncio.gather(*calls)) == [0, 17, 17, 17]


async def test_a_record_that_cannot_be_evidence_is_not_kept_either(grid: Grid) -> None:
    async with opened(grid) as (made, services):
        said = {"Token": "SE1", "Total": 1.0, "Free": 1.0}
        later = {**said, "LastCheckTime": naive(grid.clock() + timedelta(days=1))}
        assert not (await services.call("ResourceManagement", "addOrModify", "SpaceTokenOccupancyCache", later))["OK"]
        assert await books.counts(made.database, "dirac_records", "evidence") == {"dirac_records": 0, "evidence": 0}
        await manage(services, "addOrModify", "SpaceTokenOccupancyCache", **said)
        assert await books.counts(made.database, "dirac_records", "evidence") == {"dirac_records": 1, "evidence": 1}


async def test_the_mail_queue_gives_each_of_its_records_a_number(grid: Grid) -> None:
    async with opened(grid) as (_, services):
        for name in ("CE1", "CE1", "CE2"):
            await services.value("ResourceStatus", "insert", "ResourceStatusCache", {"ResourceName": name, "ID": 7})
        first, *others = await services.columns("ResourceStatusCache", "ID", "ResourceName")
        assert await services.value("ResourceStatus", "delete", "ResourceStatusCache", {"ID": first[0]}) == 1
        assert await services.columns("ResourceStatusCache", "ID", "ResourceName") == others


async def test_what_nobody_wrote_again_is_swept_away(grid: Grid) -> None:
    async with opened(grid) as (made, services):
        for site in ("A", "B"):
            await manage(services, "addOrModify", "TransferCache", **{**CHANNEL, "SourceName": site})
        grid.clock.advance(days=20)
        await manage(services, "addOrModify", "TransferCache", **CHANNEL, Value=3.0)
        grid.clock.advance(days=11)
        done = await Housekeeping(made.database, grid.clock, Retention(), Recording()).tidy()
        assert done.dropped["dirac_records"] == 1
        assert [row[0] for row in await manage(services, "select", "TransferCache")] == ["A"]


@pytest.mark.parametrize(("limit", "most"), [("MOST", 2), ("MOST_CHARACTERS", 12), ("LONGEST", 5)])
async def test_there_is_room_for_so_much_and_no_more(
    grid: Grid, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(dirac_records, limit, most)
    async with opened(grid) as (made, _):
        kept, wanted = DiracRecords(made.inspector, made.vos), Wanted("TransferCache")

        async def keep(key: str, text: str) -> None:
            await kept.edit(ADMIN, wanted, lambda _: Edit((Record(key, key, text),)))

        for key in "abab":
            await keep(key, "{   }")
        with pytest.raises(InvalidRequest, match=r"too much|at most"):
            await keep("c", "{    }")
        assert [record.key for record in await kept.some(wanted)] == ["a", "b"]
