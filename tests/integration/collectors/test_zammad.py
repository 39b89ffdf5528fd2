"""How open tickets are asked for, and what a real helpdesk's form gives, where a developer has a sample of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from gridmask.asking import Asking
from gridmask.collectors.zammad.reader import read
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import BadStatus, MalformedAnswer
from gridmask.domain.measurements import Tickets
from gridmask.http import Gathered
from gridmask.kinds import KINDS
from gridmask.source import Source
from gridmask.testing import answered
from tests.clocks import at
from tests.integration.http.server import reply

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.http import Client
    from tests.integration.http.server import Server

SEARCH = "/api/v1/tickets/search"


def page(*numbers: int) -> bytes:
    return json.dumps([{"id": number, "wlcg_sites": "LCG.A.ch"} for number in numbers]).encode()


def asking(server: Server, client: Client, **more: object) -> Asking:
    source = Source.model_validate({"name": "ggus", "kind": "zammad", "url": server.url, "page": 2, **more})
    return Asking(client, source, at(), token_as=KINDS["zammad"].token_as)


async def gathered(asking: Asking) -> Gathered:
    told = await KINDS["zammad"].gather(asking)
    assert isinstance(told, Gathered)
    return told


async def test_each_page_begins_after_the_last_ticket_of_the_one_before(server: Server, client: Client) -> None:
    server.on(SEARCH, reply(200, page(3, 5)), reply(200, page(8, 9)), reply(200, page()))
    told = await gathered(asking(server, client, search="state.name:open"))
    asked = [parse_qs(urlsplit(request.target).query) for request in server.asked]
    assert [question["query"] for question in asked] == [[f"(state.name:open) AND id:>{last}"] for last in (0, 5, 9)]
    assert len(told.bodies) == 3


async def test_the_token_is_sent_as_zammad_wants_it(server: Server, client: Client, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret")
    server.on(SEARCH, reply(200, page()))
    await gathered(asking(server, client, token_file=tmp_path / "token"))
    assert server.asked[0].headers["authorization"] == "Token token=secret"


async def test_a_page_that_does_not_come_spoils_all(server: Server, client: Client) -> None:
    server.on(SEARCH, reply(200, page(3, 5)), reply(403))
    with pytest.raises(BadStatus):
        await gathered(asking(server, client))


async def test_a_server_that_gives_the_same_page_for_ever_is_found_out(server: Server, client: Client) -> None:
    server.on(SEARCH, reply(200, page(3, 5)))
    with pytest.raises(MalformedAnswer, match="later ones were asked for"):
        await gathered(asking(server, client))


def test_a_sample_of_the_real_form(shared_data: Path) -> None:
    body = (shared_data / "samples" / "ggus-zammad" / "tickets_search.json").read_bytes()
    told = read(answered(body), Source(name="ggus", kind="zammad", url="https://help.example.org"), TypeRegistry())
    found = {(item.key.about[-1], item.vo): item.value for item in told.evidence if isinstance(item.value, Tickets)}
    assert {place: tickets.open for place, tickets in found.items()} == {("EXAMPLE-LCG2", "cms"): 1, ("OTHER-T2", "all"): 1}
