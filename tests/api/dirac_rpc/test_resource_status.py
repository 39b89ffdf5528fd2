from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.gate import Gate
from gridmask.api.openapi import Api
from gridmask.dirac_rpc.door import DiracDoor
from gridmask.dirac_rpc.encoding import naive
from gridmask.dirac_rpc.tables import FOREVER
from gridmask.domain.actor import Actor
from gridmask.domain.errors import NotKnown
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import DiracRpc
from tests.clocks import NOW, at
from tests.dirac_calls import Services, alone
from tests.grid import ADMIN, CMS

if TYPE_CHECKING:
    from starlette.types import Scope

    from gridmask.bootstrap import Installation

LAST = datetime.max  # noqa: DTZ901 - as clients send it
ROW = ("Name", "StatusType", "Status", "VO")


async def set_for_cms(gridmask: Installation, name: str, status: Status) -> None:
    await gridmask.statuses.set(CMS, [RowName(ElementName(name), vo="cms")], status, "For us.")


# --- Reading


async def test_a_row_has_dirac_s_columns_in_dirac_s_order(untouched: Services) -> None:
    assert await untouched.select("ResourceStatus", Name="CE1", VO="all") == [
        [
            *("CE1", "all", "Banned"),
            "In downtime 1@CE1 (Outage, scheduled) until 2026-08-21 19:00 UTC: New fans",
            *(naive(NOW), FOREVER, "ComputingElement", naive(NOW), "rs_svc", "all"),
        ]
    ]


async def test_rows_come_in_the_order_of_their_key(untouched: Services) -> None:
    found = await untouched.columns("ResourceStatus", "Name", "StatusType", VO="all")
    assert found == sorted(found)
    assert ["SE1", "CheckAccess"] in found


async def test_what_is_out_of_service_is_in_no_table(untouched: Services) -> None:
    assert await untouched.select("ResourceStatus", Name="OLD", VO="all") == []
    assert await untouched.columns("ResourceStatus", "Name", Name="OLD") == []


async def test_sites_and_resources_have_tables_of_their_own(untouched: Services) -> None:
    assert await untouched.columns("SiteStatus", "Name", "ElementType", VO="all") == [["A", "Site"], ["B", "Site"]]
    assert await untouched.columns("NodeStatus", "Name") == []


async def test_without_a_vo_every_row_is_told_as_it_is_kept(gridmask: Installation, services: Services) -> None:
    await set_for_cms(gridmask, "CE2", Status.BANNED)
    expected = [["CE2", "all", "Active", "all"], ["CE2", "all", "Banned", "cms"]]
    assert await services.columns("ResourceStatus", *ROW, Name="CE2") == expected


@pytest.mark.parametrize("columns", [ROW, (*ROW, "Reason")], ids=["of the replica", "of the database"])
async def test_who_asks_for_a_vo_gets_its_row_or_that_of_all(
    gridmask: Installation, services: Services, columns: tuple[str, ...]
) -> None:
    await set_for_cms(gridmask, "CE2", Status.BANNED)
    found = await services.columns("ResourceStatus", *columns, Name=["CE1", "CE2"], VO="cms")
    assert [row[:4] for row in found] == [["CE1", "all", "Banned", "all"], ["CE2", "all", "Banned", "cms"]]


@pytest.mark.parametrize("columns", [ROW, (*ROW, "Reason")], ids=["of the replica", "of the database"])
async def test_a_client_of_a_vo_that_asks_for_all_gets_what_its_vo_gets(
    gridmask: Installation, services: Services, columns: tuple[str, ...]
) -> None:
    await set_for_cms(gridmask, "CE2", Status.BANNED)
    for vo, status in (("cms", "Banned"), ("CMS", "Banned"), ("atlas", "Active"), ("nobody", "Active"), ("None", "Active")):
        found = await Services(services.client, vo).columns("ResourceStatus", *columns, Name="CE2", VO="all")
        assert found[0][:4] == ["CE2", "all", status, "all"], vo


async def test_what_is_not_offered_to_a_vo_is_not_told_to_its_clients(untouched: Services) -> None:
    for vo, there in (("cms", [["PRIVATE"]]), ("atlas", [])):
        assert await Services(untouched.client, vo).columns("ResourceStatus", "Name", Name="PRIVATE", VO="all") == there


class TestWithoutAViewOfTheirOwn:
    @pytest.fixture
    def door(self) -> DiracRpc:
        return DiracRpc(enabled=True, own_view=False)

    async def test_all_clients_get_the_rows_of_all(self, gridmask: Installation, services: Services) -> None:
        await set_for_cms(gridmask, "CE2", Status.BANNED)
        found = await Services(services.client, "cms").columns("ResourceStatus", *ROW, Name="CE2", VO="all")
        assert found == [["CE2", "all", "Active", "all"]]


async def test_a_vo_that_nobody_knows_has_no_rows_and_spoils_nothing(untouched: Services) -> None:
    assert await untouched.select("ResourceStatus", VO="nobody") == []
    assert len(await untouched.select("ResourceStatus", Name="CE1", VO=["nobody", "cms"])) == 1


async def test_an_unknown_name_spoils_nothing_for_the_others(untouched: Services) -> None:
    assert len(await untouched.select("ResourceStatus", Name=["CE1", "CE9"], VO="all")) == 1
    assert await untouched.select("ResourceStatus", Name=[], VO="all") == []


async def test_what_is_answered_again_and_again_is_what_is_there_now(services: Services) -> None:
    for status in ("Active", "Banned", "Degraded"):
        if status != "Active":
            assert (await services.modify("ResourceStatus", Name="CE2", Status=status, VO="all"))["OK"]
        for _ in range(2):
            assert await services.columns("ResourceStatus", "Status", Name="CE2", VO="all") == [[status]]


async def test_what_changed_while_an_answer_was_made_is_in_the_next(
    gridmask: Installation, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = gridmask.vos.resolve

    async def just_before_it_comes(name: str) -> str:
        try:
            return await resolve(name)
        except NotKnown:
            await gridmask.vos.add(ADMIN, name)
            raise

    monkeypatch.setattr(gridmask.vos, "resolve", just_before_it_comes)
    of_lhcb = Services(services.client, "lhcb")
    found = [await of_lhcb.columns("ResourceStatus", "Name", Name="PRIVATE", VO="all") for _ in range(3)]
    assert found == [[["PRIVATE"]], [], []]


# --- Writing


async def test_a_status_is_held_in_the_name_that_the_client_gives(gridmask: Installation, services: Services) -> None:
    until = naive(at(days=3))
    row = {"Name": "CE2", "StatusType": "all", "Status": "Banned", "Reason": "Smoke.", "VO": "all"}
    assert (await services.modify("ResourceStatus", **row, TokenOwner="anna", TokenExpiration=until))["OK"]
    found = await services.columns("ResourceStatus", "Status", "Reason", "TokenOwner", "TokenExpiration", Name="CE2")
    assert found == [["Banned", "Smoke.", "anna", until]]
    change = (await gridmask.statuses.history(RowName(ElementName("CE2"))))[0]
    assert (change.actor, change.token_owner) == ("local", "anna")


@pytest.mark.parametrize(
    ("said", "until"),
    [(None, naive(at(days=1))), (naive(at(hours=-1)), naive(at(days=1))), (FOREVER, FOREVER), (LAST, FOREVER)],
)
async def test_without_an_end_to_come_a_row_is_held_for_a_day(
    services: Services, said: datetime | None, until: datetime
) -> None:
    assert (await services.modify("SiteStatus", Name="A", Status="Banned", TokenExpiration=said, VO="all"))["OK"]
    assert await services.columns("SiteStatus", "TokenOwner", "TokenExpiration", Name="A") == [["local", until]]


async def test_without_a_vo_everyone_is_meant(gridmask: Installation, services: Services) -> None:
    await set_for_cms(gridmask, "CE2", Status.ACTIVE)
    assert (await services.modify("ResourceStatus", Name="CE2", Status="Banned", TokenOwner="anna"))["OK"]
    expected = [["CE2", "all", "Banned", "all"], ["CE2", "all", "Banned", "cms"]]
    assert await services.columns("ResourceStatus", *ROW, Name="CE2") == expected


async def test_for_all_means_the_row_of_all_alone(gridmask: Installation, services: Services) -> None:
    await set_for_cms(gridmask, "CE2", Status.ACTIVE)
    assert (await services.modify("ResourceStatus", Name="CE2", Status="Banned", VO="all"))["OK"]
    expected = [["CE2", "all", "Banned", "all"], ["CE2", "all", "Active", "cms"]]
    assert await services.columns("ResourceStatus", *ROW, Name="CE2") == expected


async def test_for_a_vo_means_its_own_row_which_begins_by_that(services: Services) -> None:
    assert (await services.modify("ResourceStatus", Name="CE2", Status="Banned", VO="CMS"))["OK"]
    expected = [["CE2", "all", "Active", "all"], ["CE2", "all", "Banned", "cms"]]
    assert await services.columns("ResourceStatus", *ROW, Name="CE2") == expected


async def test_without_a_status_type_each_that_there_is_is_meant(services: Services) -> None:
    assert (await services.modify("ResourceStatus", Name="SE1", Status="Banned", VO="all"))["OK"]
    assert await services.columns("ResourceStatus", "Status", Name="SE1", VO="all") == [["Banned"]] * 4


async def test_a_token_alone_leaves_the_status_as_it_is(services: Services) -> None:
    row = {"Name": "CE2", "StatusType": "all", "VO": "all"}
    assert (await services.modify("ResourceStatus", **row, TokenOwner="anna", Reason="Mine."))["OK"]
    assert await services.columns("ResourceStatus", "Status", "TokenOwner", Name="CE2") == [["Active", "anna"]]
    assert (await services.modify("ResourceStatus", **row, TokenOwner="rs_svc", TokenExpiration=FOREVER))["OK"]
    assert await services.columns("ResourceStatus", "Status", "TokenOwner", Name="CE2") == [["Active", "rs_svc"]]


async def test_a_row_of_automation_s_cannot_be_made_what_that_does_not_say(untouched: Services) -> None:
    told = await untouched.modify("ResourceStatus", Name="CE2", Status="Banned", TokenOwner="rs_svc", VO="all")
    assert "is automation's" in told["Message"]
    assert await untouched.columns("ResourceStatus", "Status", "TokenOwner", Name="CE2") == [["Active", "rs_svc"]]


@pytest.mark.parametrize(
    ("row", "number", "told"),
    [
        ({"Name": "CE9", "Status": "Banned"}, 2, "called 'CE9'"),
        ({"Name": "CE2", "Status": "Baned"}, 2, "Did you mean 'Banned'"),
        ({"Name": "CE2", "Status": ""}, 22, "Say what is to change"),
        ({"Name": "CE2", "Reason": "Just so."}, 22, "Say what is to change"),
        ({"Status": "Banned"}, 22, "Name what this is about"),
        ({"Name": [], "Status": "Banned"}, 22, "Name what this is about"),
        ({"Name": "CE2", "Status": ["Banned", "Active"]}, 22, "one thing only"),
        ({"Name": "CE2", "Status": "Banned", "StatusType": "ReadAccess"}, 2, "status type"),
        ({"Name": "CE2", "Status": "Banned", "VO": "nobody"}, 2, "VO"),
        ({"Name": "PRIVATE", "Status": "Banned", "VO": "atlas"}, 22, "not offered"),
        ({"Name": "DUO@ComputingElement", "Status": "Banned"}, 2, "no element"),
        ({"Name": "CE2@FTS", "Status": "Banned"}, 2, "no element"),
        ({"Name": "CE2", "Status": "Banned", "Binding": True}, 22, "no column"),
        ({"Name": "CE2", "Status": "Banned", "Meta": {}}, 22, "no Meta"),
    ],
)
async def test_a_write_that_makes_no_sense_changes_nothing(
    untouched: Services, row: dict[str, object], number: int, told: str
) -> None:
    before = await untouched.select("ResourceStatus")
    answer = await untouched.modify("ResourceStatus", **{"VO": "all", **row})
    assert (answer["OK"], answer.get("Errno")) == (False, number)
    assert told in answer["Message"]
    assert await untouched.select("ResourceStatus") == before


# --- One name, two types


@pytest.mark.parametrize("called", [{"Name": "DUO@FTS"}, {"Name": "DUO", "ElementType": "FTS"}], ids=["by name", "by type"])
async def test_of_two_things_of_one_name_the_second_goes_by_its_type(services: Services, called: dict[str, object]) -> None:
    assert (await services.modify("ResourceStatus", **called, Status="Banned", VO="all"))["OK"]
    for columns in (ROW, (*ROW, "Reason")):
        found = await services.columns("ResourceStatus", *columns, "ElementType", VO="all")
        told = {row[0]: (row[2], row[-1]) for row in found if row[0].startswith("DUO")}
        assert told == {"DUO": ("Active", "ComputingElement"), "DUO@FTS": ("Banned", "FTS")}
    assert await services.columns("ResourceStatus", "Name", "Status", **called) == [["DUO@FTS", "Banned"]]
    log = await services.columns("ResourceLog", "Name", "Status", **called)
    assert (log[-1], {name for name, _ in log}) == (["DUO@FTS", "Banned"], {"DUO@FTS"})


async def test_the_name_alone_is_that_of_the_first(services: Services) -> None:
    assert (await services.modify("ResourceStatus", Name="DUO", Status="Banned", VO="cms"))["OK"]
    assert await services.columns("ResourceStatus", *ROW, Name="DUO", VO="cms") == [["DUO", "all", "Banned", "cms"]]
    assert await services.columns("ResourceStatus", *ROW, Name="DUO@FTS", VO="cms") == [["DUO@FTS", "all", "Active", "all"]]
    assert await services.value("ResourceStatus", "delete", "ResourceStatus", {"Name": "DUO@FTS", "VO": "cms"}) == 0
    assert await services.value("ResourceStatus", "delete", "ResourceStatus", {"Name": "DUO", "VO": "cms"}) == 1


async def test_what_is_hidden_of_the_second_stays_of_the_first(services: Services) -> None:
    for name in ("DUO", "DUO@FTS"):
        assert (await services.modify("ResourceStatus", Name=name, Status="Banned", VO="all"))["OK"]
    assert await services.value("ResourceStatus", "delete", "ResourceLog", {"Name": "DUO", "ElementType": "FTS"}) > 0
    told = {name for (name,) in await services.columns("ResourceLog", "Name")}
    assert {name for name in told if name.startswith("DUO")} == {"DUO"}


async def test_a_row_that_is_there_is_not_inserted_again_and_not_lost(services: Services) -> None:
    row = {"Name": "CE2", "Status": "Banned", "StatusType": "all", "VO": "all"}
    assert (await services.call("ResourceStatus", "insert", "ResourceStatus", row))["Errno"] == 17
    assert (await services.call("ResourceStatus", "addIfNotThere", "ResourceStatus", row))["OK"]
    assert await services.columns("ResourceStatus", "Status", Name="CE2") == [["Active"]]


async def test_of_those_who_insert_the_same_row_at_once_one_does(services: Services) -> None:
    rows = [{"Name": "CE2", "Status": "Banned", "VO": "cms", "TokenOwner": f"user{number}"} for number in range(5)]
    told = await asyncio.gather(*(services.call("ResourceStatus", "insert", "ResourceStatus", row) for row in rows))
    assert sorted(answer.get("Errno", 0) for answer in told) == [0, 17, 17, 17, 17]
    ((owner,),) = await services.columns("ResourceStatus", "TokenOwner", Name="CE2", VO="cms")
    assert owner == next(row["TokenOwner"] for row, answer in zip(rows, told, strict=True) if answer["OK"])


@pytest.mark.parametrize("more", [{}, {"TokenOwner": "rs_svc"}, {"Status": "Active"}])
async def test_nothing_is_inserted_about_what_nobody_knows(untouched: Services, more: dict[str, object]) -> None:
    row = {"Name": "CE9", "ElementType": "ComputingElement", "VO": "all", **more}
    for method in ("insert", "addIfNotThere"):
        assert (await untouched.call("ResourceStatus", method, "ResourceStatus", row))["Errno"] == 2


# --- Who


async def test_an_operator_of_a_vo_writes_its_rows_and_no_others(gridmask: Installation) -> None:
    async def shifter(_: Scope) -> Actor:
        return CMS

    app = Api(Gate(gridmask))
    app.set_beside(DiracDoor(gridmask, shifter, alone), b"application/x-www-form-urlencoded")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1:8000") as client:
        services = Services(client)
        assert (await services.modify("ResourceStatus", Name="CE2", Status="Banned", VO="cms"))["OK"]
        for vo in ("all", "atlas", None):
            told = await services.modify("ResourceStatus", Name="CE2", Status="Banned", VO=vo)
            assert (told["Errno"], "may not" in told["Message"]) == (1111, True)
        for table in ("ResourceStatus", "ResourceLog"):
            assert not (await services.call("ResourceStatus", "delete", table, {"Name": "CE1"}))["OK"]


async def test_the_mail_queue_is_kept_for_dirac_s_agents(services: Services) -> None:
    mail = {"SiteName": "A", "ResourceName": "CE1", "Status": "Banned", "PreviousStatus": "Active", "StatusType": "all"}
    for _ in range(2):
        await services.value("ResourceStatus", "insert", "ResourceStatusCache", mail)
    kept = [*mail.values(), naive(NOW)]
    assert await services.select("ResourceStatusCache") == [[1, *kept], [2, *kept]]
    assert await services.value("ResourceStatus", "delete", "ResourceStatusCache", {"ID": 1}) == 1
    assert await services.value("ResourceStatus", "delete", "ResourceStatusCache", {}) == 1
