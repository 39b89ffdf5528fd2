from __future__ import annotations

import pytest

from gridmask.settings import DiracRpc
from tests.dirac_calls import Services

ROW = ("Name", "StatusType", "Status", "VO")


class TestThatDeclares:
    @pytest.fixture
    def door(self) -> DiracRpc:
        return DiracRpc(enabled=True, declare_unknown=True)

    async def test_an_unknown_element_is_made_known_by_writing_it(self, services: Services) -> None:
        row = {"Name": "T1", "StatusType": "aspect", "Status": "Active", "ElementType": "thing", "Reason": "New."}
        assert (await services.call("ResourceStatus", "insert", "ResourceStatus", row))["OK"]
        assert await services.columns("ResourceStatus", *ROW, "ElementType", Name="T1") == [
            ["T1", "aspect", "Active", "all", "thing"]
        ]
        assert await services.select("ResourceLog", Name="T1") == []
        assert (await services.modify("ResourceStatus", **{**row, "Status": "Banned"}))["OK"]
        assert await services.columns("ResourceLog", "Status", Name="T1") == [["Banned"]]
        assert await services.value("ResourceStatus", "delete", "ResourceStatus", {"Name": "T1"}) == 1
        assert await services.select("ResourceStatus", Name="T1") == []

    async def test_a_type_that_a_client_brought_in_can_get_more_status_types(self, services: Services) -> None:
        for aspect in ("one", "two"):
            assert (
                await services.modify("ResourceStatus", Name="T1", StatusType=aspect, Status="Banned", ElementType="thing")
            )["OK"]
        assert await services.columns("ResourceStatus", "StatusType", "Status", Name="T1") == [
            ["one", "Banned"],
            ["two", "Banned"],
        ]

    async def test_a_built_in_type_does_not(self, services: Services) -> None:
        told = await services.modify("ResourceStatus", Name="CE2", StatusType="aspect", Status="Banned", VO="all")
        assert "status type of ComputingElement" in told["Message"]

    async def test_what_it_is_must_be_said(self, services: Services) -> None:
        told = await services.modify("ResourceStatus", Name="T1", Status="Banned")
        assert "an ElementType is needed" in told["Message"]

    async def test_a_site_needs_nothing_but_its_name(self, services: Services) -> None:
        row = {"Name": "test.example.org", "Status": "Banned", "StatusType": "all", "ElementType": "LCG", "VO": "all"}
        assert (await services.call("ResourceStatus", "addIfNotThere", "SiteStatus", row))["OK"]
        assert await services.columns("SiteStatus", "Status", "ElementType", Name="test.example.org") == [["Banned", "Site"]]
