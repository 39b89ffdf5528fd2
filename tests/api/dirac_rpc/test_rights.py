from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx2
import pytest
from msgspec import Raw

from gridmask.api.app import create_app
from gridmask.dirac_rpc.door import PATHS, DiracDoor
from gridmask.dirac_rpc.rights import METHODS
from gridmask.domain.actor import Actor
from gridmask.domain.rights import Grant, Role
from gridmask.service.downtimes import Declaration
from gridmask.service.selection import ElementName
from tests.clocks import at
from tests.dirac_calls import Services, alone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gridmask.bootstrap import Installation

NOBODY = Actor("anonymous")
READER = Actor("reader", grants=frozenset({Grant(Role.READER, "cms")}))


@pytest.fixture
async def client(gridmask: Installation) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(gridmask)), base_url="http://localhost") as client:
        yield client


@pytest.fixture
def come_in(gridmask: Installation, monkeypatch: pytest.MonkeyPatch) -> list[Actor]:
    """Who asks: the last one in the list."""
    who = [NOBODY]

    async def admit(_: object) -> Actor:
        return who[-1]

    monkeypatch.setattr(type(gridmask.doorkeeper), "admit", lambda _, shown: admit(shown))
    return who


async def test_the_table_has_each_method_and_no_other(gridmask: Installation) -> None:
    async def anybody(_: object) -> Actor:
        return NOBODY

    services = DiracDoor(gridmask, anybody, alone).services
    assert {(path.rpartition("/")[2], method) for path in PATHS for method in services[path]} == set(METHODS)


@pytest.mark.usefixtures("come_in")
async def test_who_is_not_known_and_may_not_read_gets_nothing(client: httpx2.AsyncClient) -> None:
    for service, method in METHODS:
        answer = await client.post(f"/ResourceStatus/{service}", data={"method": method, "args": "[]"})
        assert answer.status_code == (401 if method not in {"ping", "echo", "whoami"} else 200), method


async def test_who_reads_for_a_vo_gets_its_view_and_nothing_else(client: httpx2.AsyncClient, come_in: list[Actor]) -> None:
    come_in.append(READER)
    own, other = Services(client, "cms"), Services(client, "atlas")
    assert await own.columns("ResourceStatus", "Name", Name="CE1", VO="all") == [["CE1"]]
    assert await other.columns("ResourceStatus", "Name", Name="CE1", VO="cms") == [["CE1"]]
    for services, where in ((other, {"VO": "all"}), (own, {}), (own, {"VO": ["cms", "atlas"]})):
        told = await services.call("ResourceStatus", "select", "ResourceStatus", {"Name": "CE1", **where})
        assert told["Errno"] == 1111, where


async def test_what_one_may_read_is_not_told_to_another_since_it_was_asked_before(
    client: httpx2.AsyncClient, come_in: list[Actor]
) -> None:
    services, where = Services(client), {"VO": "all", "Meta": {"columns": ["Name"]}}
    for actor, may in ((Actor.administrator("expert"), True), (READER, False), (Actor.administrator("expert"), True)):
        come_in.append(actor)
        assert (await services.call("ResourceStatus", "select", "ResourceStatus", where))["OK"] is may


async def test_a_reader_changes_nothing(client: httpx2.AsyncClient, come_in: list[Actor]) -> None:
    come_in.append(READER)
    services = Services(client, "cms")
    for call in (
        ("ResourceStatus", "addOrModify", "ResourceStatus", {"Name": "CE1", "Status": "Active", "VO": "cms"}),
        ("ResourceStatus", "insert", "ResourceStatusCache", {"SiteName": "A"}),
        ("ResourceStatus", "delete", "ResourceLog", {"Name": "CE1"}),
        ("ResourceManagement", "addOrModify", "JobCache", {"Site": "A"}),
        ("ResourceManagement", "delete", "DowntimeCache", {"Name": "CE1"}),
    ):
        assert (await services.call(*call))["Errno"] == 1111, call


async def test_what_is_announced_or_measured_for_another_vo_is_told_to_its_readers_alone(
    client: httpx2.AsyncClient, come_in: list[Actor], gridmask: Installation
) -> None:
    for vo in ("cms", "atlas", "all"):
        said = Declaration((ElementName("CE2"),), at(), at(hours=1), "OUTAGE", f"of {vo}", vo)
        await gridmask.downtimes.add(Actor.administrator("expert"), said)
    about = {"kind": "space", "about": {"type": "StorageElement", "name": "SE1"}, "observed_at": "2026-08-21T16:59:00Z"}
    measured = [Raw(json.dumps({**about, "vo": "atlas", "value": {"total": 2e12, "free": 1e12}}).encode())]
    await gridmask.evidence.report(Actor.administrator("expert"), "script", measured)
    for actor, vos, spaces in ((READER, ["all", "cms"], 0), (Actor.administrator("x"), ["all", "atlas", "cms"], 1)):
        come_in.append(actor)
        services = Services(client, "cms")
        told = await services.value("ResourceManagement", "select", "DowntimeCache", {"Meta": {"columns": ["Description"]}})
        assert sorted(one for [one] in told if one.startswith("of ")) == [f"of {vo}" for vo in vos]
        assert len(await services.value("ResourceManagement", "select", "SpaceTokenOccupancyCache", {})) == spaces
