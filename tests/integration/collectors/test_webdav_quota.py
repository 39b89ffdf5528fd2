"""How quota is asked for. No storage that tells it could be had: what answers is a double of ours, after RFC 4331."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.asking import Asking
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import BadStatus, FetchFailed
from gridmask.domain.measurements import Space
from gridmask.kinds import KINDS, MeasurementKind
from gridmask.source import Source
from tests.clocks import at
from tests.integration.http.server import reply

if TYPE_CHECKING:
    from gridmask.collectors.observations import Observations
    from gridmask.http import Client
    from tests.integration.http.server import Server

TOLD = b"""<?xml version="1.0"?>
<multistatus xmlns="DAV:"><response><href>/eos/lhcb/</href><propstat>
<prop><quota-available-bytes>596650</quota-available-bytes><quota-used-bytes>403350</quota-used-bytes></prop>
<status>HTTP/1.1 200 OK</status></propstat></response></multistatus>
"""


async def said(server: Server, client: Client) -> Observations:
    folder = {"path": "/lhcb/", "element": "A-DISK"}
    url = f"{server.url}/eos/"
    source = Source.model_validate({"name": "quota", "kind": "webdav-quota", "url": url, "folder": [folder]})
    kind = KINDS["webdav-quota"]
    assert isinstance(kind, MeasurementKind)
    told = await kind.gather(Asking(client, source, at()))
    return kind.read(told, source, TypeRegistry())  # type: ignore[arg-type]  # nothing was asked on a condition


async def test_a_folder_is_asked_for_its_quota_and_not_for_what_is_in_it(server: Server, client: Client) -> None:
    server.on("/eos/lhcb/", reply(207, TOLD))
    told = await said(server, client)
    [asked] = server.asked
    assert (asked.method, asked.headers["depth"], asked.headers["content-type"].split(";")[0]) == (
        "PROPFIND",
        "0",
        "application/xml",
    )
    assert b"<prop><quota-available-bytes/><quota-used-bytes/></prop>" in asked.body
    assert told.evidence[0].value == Space(1_000_000, 596_650)


async def test_it_is_asked_again_where_that_may_help(server: Server, client: Client) -> None:
    server.on("/eos/lhcb/", reply(503), reply(207, TOLD))
    assert (await said(server, client)).problems == ()


@pytest.mark.parametrize("status", [200, 401, 404, 405])
async def test_what_is_no_multistatus_is_no_answer(server: Server, client: Client, status: int) -> None:
    server.on("/eos/lhcb/", reply(status, TOLD))
    with pytest.raises(BadStatus):
        await said(server, client)


async def test_a_redirect_is_not_followed(server: Server, client: Client) -> None:
    server.on("/eos/lhcb/", reply(307, Location="/elsewhere"))
    with pytest.raises(FetchFailed, match="redirects a PROPFIND"):
        await said(server, client)
