from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gridmask.dirac_rpc.encoding import naive
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests.clocks import NOW, at
from tests.dirac_calls import Services
from tests.grid import CMS

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid

SEEN = f"{NOW:%Y-%m-%d %H:%M:%S}"


async def published(services: Services, method: str, *arguments: object) -> Any:  # noqa: ANN401 - what the method gives
    return await services.value("Publisher", method, *arguments)


async def test_sites_are_those_in_service(untouched: Services) -> None:
    assert await published(untouched, "getSites") == ["A", "B"]


@pytest.mark.parametrize(
    ("asked", "sites"), [(None, {"A", "B"}), ("A", {"A"}), (["A", "NOWHERE"], {"A", "NOWHERE"}), ([], set())]
)
async def test_resources_are_told_by_site(untouched: Services, asked: object, sites: set[str]) -> None:
    found = await published(untouched, "getSitesResources", asked)
    assert found.keys() == sites
    assert found.get("A", {}).get("ces") in (["CE1", "CE2"], None)
    assert found.get("NOWHERE", {"ces": [], "ses": []}) == {"ces": [], "ses": []}


async def test_statuses_are_told_as_by_a_select(untouched: Services) -> None:
    found = await published(untouched, "getElementStatuses", "Resource", ["CE1", "CE2"], None, None, "Banned", None)
    assert [row[0] for row in found] == ["CE1"]
    assert await published(untouched, "getElementStatuses", "Site", None, None, None, None, None) == await untouched.select(
        "SiteStatus", VO="all"
    )
    assert await published(untouched, "getNodeStatuses") == []


async def test_history_is_status_time_and_reason(untouched: Services) -> None:
    found = await published(untouched, "getElementHistory", "Resource", "CE1", None, None)
    assert [row[:2] for row in found] == [["Unknown", naive(NOW)], ["Banned", naive(NOW)]]


async def test_policies_tell_what_each_says(untouched: Services) -> None:
    ((status, policy, *_, reason),) = await published(untouched, "getElementPolicies", "Resource", "CE1", "all")
    assert (status, policy) == ("Banned", "declared-downtimes")
    assert "New fans" in reason


async def test_downtimes_are_found_by_element_and_told_in_dirac_s_words(untouched: Services) -> None:
    expected = [naive(at(hours=-1)), naive(at(hours=2)), "", "New fans", "OUTAGE"]
    assert await published(untouched, "getDowntimes", "Resource", "ComputingElement", "CE1") == [expected]
    assert await published(untouched, "getDowntimes", "Resource", "ComputingElement", "CE2") == []
    told = await untouched.call("Publisher", "getCachedDowntimes", "Resource", None, None, "OUTAGE")
    assert told["Columns"] == ["Element", "Name", "StartDate", "EndDate", "Severity", "Description", "Link"]
    assert [row[:2] for row in told["Value"]] == [["Resource", "CE1"]]


async def test_a_tree_is_the_site_of_an_element_with_all_that_is_there(untouched: Services) -> None:
    for type_, name in (("ComputingElement", "CE2"), ("Site", "A")):
        found = await published(untouched, "getTree", type_, name)
        assert found["A"]["statusTypes"] == {"all": "Active"}
        assert found["A"]["ces"] == {"CE1": {"all": "Banned"}, "CE2": {"all": "Active"}}
        assert set(found["A"]["ses"]["SE1"]) == {"ReadAccess", "WriteAccess", "CheckAccess", "RemoveAccess"}


async def test_a_part_of_a_name_is_no_name(untouched: Services) -> None:
    assert await published(untouched, "getTree", "", "") == {}
    assert (await untouched.call("Publisher", "getTree", "ComputingElement", "CE"))["Errno"] == 2


async def test_a_tree_is_as_the_client_s_vo_sees_it(gridmask: Installation, services: Services) -> None:
    await gridmask.statuses.set(CMS, [RowName(ElementName("CE2"), vo="cms")], Status.BANNED, "For us.")
    found = await published(Services(services.client, "cms"), "getTree", "Site", "A")
    assert found["A"]["ces"]["CE2"] == {"all": "Banned"}


async def test_a_token_is_acquired_and_released_in_the_name_of_who_is_known(services: Services) -> None:
    told = await published(services, "setToken", "Resource", "CE2", "all", "Acquire", "ComputingElement", "mallory", SEEN)
    assert told == "Token Acquired by local ( web )"
    assert await services.columns("ResourceStatus", "TokenOwner", Name="CE2") == [["local"]]
    await published(services, "setToken", "Resource", "CE2", "all", "Release", "ComputingElement", "mallory", SEEN)
    assert await services.columns("ResourceStatus", "TokenOwner", Name="CE2") == [["rs_svc"]]
    told = await services.call("Publisher", "setToken", "Resource", "CE2", "all", "Steal", "ComputingElement", "m", SEEN)
    assert "Acquire and Release" in told["Message"]


async def test_a_status_is_forced_unless_the_row_changed_since(grid: Grid, services: Services) -> None:
    row = ("Resource", "CE2", "all", "Banned", "ComputingElement", "mallory")
    grid.clock.advance(minutes=5)
    assert await published(services, "setStatus", *row, SEEN) == "Status Banned forced by local ( web )"
    told = await services.call("Publisher", "setStatus", *row[:3], "Active", *row[4:], SEEN)
    assert "not as you saw it" in told["Message"]
    assert await services.columns("ResourceStatus", "Status", "TokenOwner", Name="CE2") == [["Banned", "local"]]


@pytest.mark.parametrize("arguments", [(1, "CE2"), ("Resource", {}), ("Resource' --", "CE2")])
async def test_arguments_that_make_no_sense_are_told(untouched: Services, arguments: tuple[object, object]) -> None:
    element, name = arguments
    told = await untouched.call("Publisher", "setStatus", element, name, "all", "Banned", "ComputingElement", "x", "")
    assert not told["OK"]
