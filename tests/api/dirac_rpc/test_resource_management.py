from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gridmask.dirac_rpc.encoding import naive
from gridmask.dirac_rpc.tables import FOREVER
from gridmask.domain.evidence import Evidence
from gridmask.domain.measurements import METRIC, SPACE, TICKETS, Metric, Space, Tickets
from gridmask.domain.naming import handle
from gridmask.service.downtimes import When
from gridmask.store import evidence
from tests.clocks import NOW, at
from tests.dirac_calls import Services

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation

DOWN = {
    "DowntimeID": "D1 ce2.example.org",
    "Element": "Site",
    "Name": "A",
    "StartDate": naive(at(hours=-1)),
    "EndDate": naive(at(hours=5)),
    "Severity": "OUTAGE",
    "Description": "Power.",
    "Link": "https://example.org/1",
}


async def manage(services: Services, method: str, table: str, **params: object) -> Any:  # noqa: ANN401 - what it gives
    return await services.value("ResourceManagement", method, table, params)


async def measured(gridmask: Installation, kind: str) -> list[Evidence]:
    async with gridmask.database.reading() as connection:
        return [item for item in await evidence.about(connection, None) if item.kind == kind and item.key.source == "dirac"]


async def test_downtimes_of_every_source_are_told(untouched: Services) -> None:
    ((record, name, element, _, severity, *_),) = await manage(untouched, "select", "DowntimeCache")
    assert (record, name, element, severity) == ("1@CE1", "CE1", "Resource", "OUTAGE")


async def test_a_downtime_that_a_client_tells_of_counts_and_can_be_changed_and_deleted(services: Services) -> None:
    await manage(services, "addOrModify", "DowntimeCache", **DOWN)
    assert await services.columns("SiteStatus", "Status", Name="A") == [["Banned"]]
    await manage(services, "addOrModify", "DowntimeCache", DowntimeID=DOWN["DowntimeID"], EndDate=naive(at(hours=9)))
    meta = {"columns": ["Name", "EndDate", "Severity"]}
    found = await manage(services, "select", "DowntimeCache", DowntimeID=DOWN["DowntimeID"], Meta=meta)
    assert found == [["A", naive(at(hours=9)), "OUTAGE"]]
    assert await manage(services, "delete", "DowntimeCache", DowntimeID=DOWN["DowntimeID"]) == 1
    assert await services.columns("SiteStatus", "Status", Name="A") == [["Active"]]


async def test_a_downtime_that_a_source_tells_of_is_that_source_s(gridmask: Installation, services: Services) -> None:
    await manage(services, "addOrModify", "DowntimeCache", **{**DOWN, "DowntimeID": "1@CE1", "Name": "B"})
    assert await services.columns("SiteStatus", "Status", Name="B") == [["Active"]]
    assert await manage(services, "delete", "DowntimeCache", DowntimeID="1@CE1") == 0
    assert len(await gridmask.downtimes.list(When.ONGOING)) == 1


@pytest.mark.parametrize("left_out", ["DowntimeID", "Name", "StartDate"])
async def test_a_downtime_that_says_too_little_is_refused(untouched: Services, left_out: str) -> None:
    said = {column: value for column, value in DOWN.items() if column != left_out}
    told = await untouched.call("ResourceManagement", "addOrModify", "DowntimeCache", said)
    assert f"needs a {left_out}" in told["Message"]


async def test_an_occupancy_is_evidence_in_bytes(gridmask: Installation, services: Services) -> None:
    row = {"Endpoint": "https://se.example.org", "Token": "SE1", "Total": 1000.0, "Free": 10.0, "Guaranteed": 5.0}
    await manage(services, "addOrModify", "SpaceTokenOccupancyCache", **row)
    (told,) = await measured(gridmask, SPACE)
    assert (handle(told.key.about), told.value) == ("SE1", Space(1000 * 2**20, 10 * 2**20))
    expected = [["https://se.example.org", "SE1", 5.0, 10.0, 1000.0, naive(NOW)]]
    assert await manage(services, "select", "SpaceTokenOccupancyCache", Token="SE1") == expected
    assert await manage(services, "delete", "SpaceTokenOccupancyCache", Token="SE1") == 1
    assert await measured(gridmask, SPACE) == []


async def test_tickets_pilots_and_jobs_are_evidence_too(gridmask: Installation, services: Services) -> None:
    await manage(services, "addOrModify", "GGUSTicketsCache", GocSite="A", OpenTickets=2, Link="https://example.org/t")
    await manage(services, "addOrModify", "PilotCache", Site="A", CE="CE2", PilotJobEff=50.5, VO="cms")
    await manage(services, "addOrModify", "JobCache", Site="A", Efficiency=70.0, MaskStatus="Active", Status="Good")
    assert [item.value for item in await measured(gridmask, TICKETS)] == [Tickets(2, ("https://example.org/t",))]
    told = {(item.vo, handle(item.key.about)): item.value for item in await measured(gridmask, METRIC)}
    assert told == {("cms", "CE2"): Metric("PilotJobEff", 50.5, "%"), ("all", "A"): Metric("JobEfficiency", 70.0, "%")}


@pytest.mark.parametrize(
    ("table", "row", "change"),
    [
        ("AccountingCache", {"Name": "N", "PlotType": "P", "PlotName": "Q", "Result": "R"}, {"Result": "S"}),
        ("TransferCache", {"SourceName": "S", "DestinationName": "D", "Metric": "M", "Value": 1.0}, {"Value": 2.0}),
        (
            "PolicyResult",
            {"PolicyName": "P", "StatusType": "all", "Element": "Site", "Name": "N", "Status": "x"},
            {"Status": "y"},
        ),
        ("JobCache", {"Site": "N", "Status": "x", "MaskStatus": "Active", "Efficiency": 1.0}, {"Status": "y"}),
    ],
)
async def test_what_nothing_here_follows_from_is_told_as_it_was_written(
    services: Services, table: str, row: dict[str, object], change: dict[str, object]
) -> None:
    await manage(services, "addOrModify", table, **row)
    await manage(services, "addOrModify", table, **{**row, **change})
    meta = {"columns": list(row)}
    key = dict(list(row.items())[:1])
    assert await manage(services, "select", table, **key, Meta=meta) == [list({**row, **change}.values())]
    assert await manage(services, "delete", table, **key) == 1
    assert await manage(services, "select", table, **key) == []


async def test_a_record_that_is_there_is_not_inserted_again(services: Services) -> None:
    for table, row in (("DowntimeCache", DOWN), ("TransferCache", {"SourceName": "S", "DestinationName": "D", "Metric": "M"})):
        assert (await services.call("ResourceManagement", "insert", table, row))["OK"]
        assert (await services.call("ResourceManagement", "insert", table, row))["Errno"] == 17


async def test_policy_results_are_what_policies_say_now(untouched: Services) -> None:
    meta = {"columns": ["PolicyName", "Status", "VO"]}
    assert await manage(untouched, "select", "PolicyResult", Element="Resource", Name="CE1", Meta=meta) == [
        ["declared-downtimes", "Banned", "all"]
    ]


async def test_methods_of_dirac_8_take_columns_by_position(services: Services) -> None:
    method = "addOrModifySpaceTokenOccupancyCache"
    await services.value("ResourceManagement", method, "endpoint", "SE1", 500.0, 1000.0, 200.0)
    (found,) = await services.value("ResourceManagement", "selectSpaceTokenOccupancyCache", "endpoint", "SE1")
    assert found[:5] == ["endpoint", "SE1", 1000.0, 200.0, 500.0]
    assert await services.value("ResourceManagement", "deleteSpaceTokenOccupancyCache", "endpoint", "SE1") == 1
    assert (await services.call("ResourceManagement", method, *range(9)))["Errno"] == 22


@pytest.mark.parametrize(
    ("method", "table", "params", "told"),
    [
        ("delete", "DowntimeCache", {}, "would delete all"),
        ("delete", "PilotCache", {"Site": ""}, "would mean every row"),
        ("addOrModify", "PilotCache", {"PilotJobEff": 1.0}, "say which record"),
        ("addOrModify", "PilotCache", {"Site": "A", "CE": "C", "VO": "nobody"}, "VO"),
        ("addOrModify", "GGUSTicketsCache", {"GocSite": "A", "OpenTickets": -1}, "less than nothing"),
        ("addOrModify", "SpaceTokenOccupancyCache", {"Token": "SE1", "Total": 1.0, "Free": -1.0}, "less than nothing"),
        ("addOrModify", "SpaceTokenOccupancyCache", {"Token": "SE1", "LastCheckTime": naive(at(days=1))}, "time to come"),
        ("addOrModify", "SpaceTokenOccupancyCache", {"Token": "SE1", "LastCheckTime": FOREVER}, "time to come"),
        ("addOrModify", "SpaceTokenOccupancyCache", {"Token": "SE1", "Total": 10**400}, "is a number"),
        ("addOrModify", "TransferCache", {"SourceName": "x" * 20_000}, "at most"),
        ("select", "ResourceStatus", {}, "no table"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    untouched: Services, method: str, table: str, params: dict[str, object], told: str
) -> None:
    answer = await untouched.call("ResourceManagement", method, table, params)
    assert not answer["OK"]
    assert told in answer["Message"]
    if table.endswith("Cache") and table != "DowntimeCache":
        assert await manage(untouched, "select", table) == []
