"""What clients of DIRAC write that nobody would write is kept or refused, on every database, and never a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmask.api.app import create_app
from gridmask.settings import DiracRpc
from tests.api.dirac_rpc.test_attacked import FORM, ODD, moment, written
from tests.dirac_calls import Services, served
from tests.grid import sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.grid import Grid

NOW = moment("2026-08-21 12:00:00")
ROWS: dict[str, dict[str, Any]] = {
    "ResourceStatus": {
        "Name": "T1",
        "StatusType": "one",
        "Status": "Banned",
        "ElementType": "thing",
        "Reason": "x",
        "VO": "all",
        "TokenOwner": "anna",
        "TokenExpiration": moment("2026-09-01 00:00:00"),
    },
    "SiteStatus": {"Name": "S1", "Status": "Banned", "ElementType": "LCG", "VO": "cms"},
    "ResourceStatusCache": {"SiteName": "A", "Status": "Banned", "Time": NOW, "ID": 1},
    "DowntimeCache": {
        "DowntimeID": "D1",
        "Name": "CE1",
        "Element": "Resource",
        "Severity": "OUTAGE",
        "GOCDBServiceType": "CE",
        "StartDate": NOW,
        "EndDate": NOW,
        "Description": "x",
        "Link": "y",
        "DateEffective": NOW,
    },
    "SpaceTokenOccupancyCache": {"Token": "SE1", "Total": 2.0, "Free": 1.0, "Endpoint": "", "LastCheckTime": NOW},
    "GGUSTicketsCache": {"GocSite": "A", "OpenTickets": 1, "Link": "x", "LastCheckTime": NOW},
    "PilotCache": {"Site": "A", "CE": "CE1", "VO": "cms", "PilotJobEff": 1.0, "LastCheckTime": NOW},
    "JobCache": {"Site": "A", "Efficiency": 1.0, "LastCheckTime": NOW},
    "TransferCache": {"SourceName": "A", "DestinationName": "B", "Metric": "M", "Value": 1.0},
    "PolicyResult": {"PolicyName": "P", "StatusType": "all", "Element": "Site", "Name": "A", "VO": "cms", "DateEffective": NOW},
}
WRITES = st.sampled_from([(table, column) for table, row in ROWS.items() for column in row]).flatmap(
    lambda place: st.tuples(st.just(place), st.sampled_from(ODD))
)


@pytest.fixture
async def services(grid: Grid) -> AsyncIterator[Services]:
    async with grid.open(dirac_rpc=DiracRpc(enabled=True, declare_unknown=True)) as made:
        await sync(made)
        async with served(create_app(made)) as services:
            yield services


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(write=WRITES, method=st.sampled_from(["insert", "addOrModify", "delete"]))
async def test_nothing_that_is_written_is_a_fault(
    services: Services, write: tuple[tuple[str, str], object], method: str
) -> None:
    (table, column), odd = write
    service = "ResourceStatus" if table.startswith(("Resource", "Site")) else "ResourceManagement"
    for deed, row in ((method, {**ROWS[table], column: odd}), ("select", {column: odd}), ("select", {})):
        form = urlencode({"method": deed, "args": written([table, row])})
        answer = await services.client.post(f"/ResourceStatus/{service}", content=form, headers=FORM)
        told = answer.json()
        assert answer.status_code == 200
        assert told["OK"] or told["Errno"] in {2, 17, 22, 1001, 2000}, told
