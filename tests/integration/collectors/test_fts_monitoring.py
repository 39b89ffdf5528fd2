"""How FTS' web monitoring is asked. It cannot be had for tests: what answers is a double of ours, after its code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from gridmask.asking import Asking
from gridmask.domain.errors import BadStatus
from gridmask.kinds import KINDS
from gridmask.source import Source
from tests.clocks import at
from tests.integration.http.server import reply

if TYPE_CHECKING:
    from gridmask.http import Client
    from tests.integration.http.server import Server

OVERVIEW = "/fts3/ftsmon/overview"
NOTHING = json.dumps({"summary": {}, "overview": {"count": 0, "pageCount": 1, "items": []}}).encode()


def asking(server: Server, client: Client, **more: object) -> Asking:
    url = f"{server.url}/fts3/ftsmon/"
    return Asking(client, Source.model_validate({"name": "fts", "kind": "fts-monitoring", "url": url, **more}), at())


async def test_all_of_the_overview_is_asked_for_at_once(server: Server, client: Client) -> None:
    server.on(OVERVIEW, reply(200, NOTHING))
    await KINDS["fts-monitoring"].gather(asking(server, client, window="6h"))
    [request] = server.asked
    assert parse_qs(urlsplit(request.target).query) == {"time_window": ["6"], "page": ["all"]}


async def test_each_vo_of_the_settings_is_asked_about(server: Server, client: Client) -> None:
    server.on(OVERVIEW, reply(200, NOTHING))
    await KINDS["fts-monitoring"].gather(asking(server, client, vos=["cms", "LHCb"]))
    assert sorted(parse_qs(urlsplit(request.target).query)["vo"] for request in server.asked) == [["cms"], ["lhcb"]]


async def test_an_overview_that_does_not_come_spoils_all(server: Server, client: Client) -> None:
    server.on(OVERVIEW, reply(200, NOTHING), reply(403))
    with pytest.raises(BadStatus):
        await KINDS["fts-monitoring"].gather(asking(server, client, vos=["cms", "atlas"]))
