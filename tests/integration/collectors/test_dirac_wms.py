"""Asking DIRAC's workload management, by a double after the form of its calls: who asks, what is asked, and what it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from gridmask.asking import Asking
from gridmask.collectors.dirac_wms.asking import gather
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import BadStatus, FetchFailed, InvalidConfiguration, MalformedAnswer
from gridmask.domain.measurements import Jobs
from gridmask.http import Backoff, Client, Gathered, Limits, Network
from gridmask.kinds import KINDS
from gridmask.source import Source
from tests.clocks import at
from tests.integration.http.server import reply, running

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

    from tests.integration.http.server import Reaction, Server
    from tests.pki import Pki

ENDED, PRESENT = ["Done", "Completed", "Failed"], ["Running", "Matched", "Received", "Checking", "Waiting", "Staging"]


class Dirac:
    """Services that know their methods by name and number of arguments, as DIRAC's do; a host has to say that it is one."""

    def __init__(self, server: Server) -> None:
        self.server, self.calls, self.answers, self.hosts_only = server, list[tuple[str, list[Any]]](), list[object](), False
        self.known = {
            "getCounters": (1, 3),
            "getSiteSummaryWeb": (4, 4),
            "getPilotsCounters": (3, 5),
            "getPilotSummary": (0, 2),
        }

    def at(self, path: str) -> Dirac:
        self.server.on(path, self.react)
        return self

    async def react(self, writer: asyncio.StreamWriter) -> None:
        form = {name: value for name, (value,) in parse_qs(self.server.asked[-1].body.decode(), keep_blank_values=True).items()}
        await self.reaction(form)(writer)

    def reaction(self, form: dict[str, str]) -> Reaction:
        if self.hosts_only and form.get("extraCredentials") != '"hosts"':
            return reply(401, b"<html>")
        method, arguments = form["method"], json.loads(form["args"])
        least, most = self.known.get(method, (0, -1))
        if not least <= len(arguments) <= most:
            return reply(501 if most < 0 else 500, b"<html>")
        self.calls.append((method, arguments))
        return reply(200, json.dumps(self.answers.pop(0)).encode())


@pytest.fixture
async def server(pki: Pki) -> AsyncIterator[Server]:
    async with running(pki.server(wants_client=True)) as server:
        yield server


@pytest.fixture
def dirac(server: Server) -> Dirac:
    return Dirac(server)


@pytest.fixture
async def client(pki: Pki) -> AsyncIterator[Client]:
    limits = Limits(timeout=5, deadline=10, max_bytes=100_000, attempts=1)
    async with Client(at, limits, backoff=Backoff(0, 0, 0), network=Network(ca_bundle=pki.hashed)) as client:
        yield client


def source(dirac: Dirac, pki: Pki, path: str = "", **options: object) -> Source:
    return Source(
        name="wms",
        kind="dirac-wms",
        url=dirac.server.url + path,
        certificate=pki.certificate("client"),
        key=pki.key("client"),
        options=options,
    )


def good(value: object) -> dict[str, object]:
    return {"OK": True, "Value": value}


async def test_jobs_that_ended_lately_and_those_that_have_not_are_counted_by_site(
    dirac: Dirac, client: Client, pki: Pki
) -> None:
    dirac.at("/WorkloadManagement/JobMonitoring").answers = [
        good([[{"Site": "LCG.A.ch", "Status": "Done"}, 12]]),
        good([[{"Site": "LCG.A.ch", "Status": "Running"}, 4]]),
    ]
    made = source(dirac, pki, where={"OwnerGroup": ["aurora_user"]})
    told = await gather(Asking(client, made, at()))
    by, group = ["Site", "Status"], ["aurora_user"]
    assert dirac.calls == [
        ("getCounters", [by, {"OwnerGroup": group, "Status": ENDED}, "2026-08-21 15:00:00"]),
        ("getCounters", [by, {"OwnerGroup": group, "Status": PRESENT}]),
    ]
    assert isinstance(told, Gathered)
    (found,) = KINDS["dirac-wms"].read(told, made, TypeRegistry()).evidence  # type: ignore[union-attr] # a measurement's
    assert found.value == Jobs(done=12, running=4)


@pytest.mark.parametrize(
    ("method", "path", "called"),
    [
        ("getSiteSummaryWeb", "/WorkloadManagement/WMSAdministrator", ("getSiteSummaryWeb", [{}, [], 0, 0])),
        ("getPilotSummary", "/WorkloadManagement/PilotManager", ("getPilotSummary", ["2026-08-21 15:00:00"])),
        (
            "getPilotsCounters",
            "/Monitoring/WebApp",
            (
                "getPilotsCounters",
                [
                    "PilotAgents",
                    ["GridSite", "Status"],
                    {"Status": ["Done", "Failed", "Deleted", "Aborted"]},
                    "2026-08-21 15:00:00",
                    "LastUpdateTime",
                ],
            ),
        ),
    ],
)
async def test_each_method_is_asked_of_its_service(
    dirac: Dirac, client: Client, pki: Pki, method: str, path: str, called: tuple[str, list[Any]]
) -> None:
    dirac.at(path).answers = [good([])]
    await gather(Asking(client, source(dirac, pki, method=method), at()))
    assert [(name, json.loads(json.dumps(arguments))) for name, arguments in dirac.calls] == [called]


async def test_a_service_of_another_path_is_asked_there(dirac: Dirac, client: Client, pki: Pki) -> None:
    dirac.known["getCounters"] = (3, 5)  # as PilotManager of DIRAC 8 has it
    dirac.at("/WorkloadManagement/PilotManager").answers = [good([])]
    await gather(Asking(client, source(dirac, pki, "/WorkloadManagement/PilotManager", method="getPilotsCounters"), at()))
    assert dirac.calls[0][0] == "getCounters"


async def test_a_host_says_that_it_is_one(dirac: Dirac, client: Client, pki: Pki) -> None:
    dirac.at("/WorkloadManagement/JobMonitoring").hosts_only = True
    dirac.answers = [good([]), good([])]
    assert isinstance(await gather(Asking(client, source(dirac, pki), at())), Gathered)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"OK": False, "Errno": 1129, "Message": "Unauthorized query"}, FetchFailed),
        ({"detail": "not found"}, MalformedAnswer),
        (["OK"], MalformedAnswer),
    ],
)
async def test_a_refusal_is_no_count(dirac: Dirac, client: Client, pki: Pki, answer: object, error: type[Exception]) -> None:
    dirac.at("/WorkloadManagement/JobMonitoring").answers = [good([]), answer]
    with pytest.raises(error):
        await gather(Asking(client, source(dirac, pki), at()))


async def test_a_method_that_the_service_does_not_have_is_told(dirac: Dirac, client: Client, pki: Pki) -> None:
    dirac.at("/WorkloadManagement/JobMonitoring").known = {}
    with pytest.raises(BadStatus, match="501"):
        await gather(Asking(client, source(dirac, pki), at()))


async def test_the_older_protocol_is_told_apart(dirac: Dirac, client: Client, pki: Pki) -> None:
    made = source(dirac, pki).model_copy(update={"url": "dips://dirac.example.org:9130/WorkloadManagement/JobMonitoring"})
    with pytest.raises(InvalidConfiguration, match="older protocol"):
        await gather(Asking(client, made, at()))
