"""How Rucio is asked, and what a sample of its form gives, where a developer has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.asking import Asking
from gridmask.collectors.rucio.asking import gather
from gridmask.collectors.rucio.reader import read
from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import BadStatus, MalformedAnswer
from gridmask.domain.measurements import Space
from gridmask.http import Gathered
from gridmask.source import Source
from gridmask.testing import answered
from tests.clocks import at
from tests.integration.http.server import reply

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.http import Client
    from tests.integration.http.server import Server


def asking(server: Server, client: Client, **options: object) -> Asking:
    return Asking(client, Source(name="rucio", kind="rucio-usage", url=server.url, options=options), at())


async def test_each_storage_element_is_asked_in_the_order_of_the_list(server: Server, client: Client) -> None:
    server.on("/rses/", reply(200, b'{"rse": "B"}\n{"rse": "A"}\n'))
    for name in ("A", "B"):
        server.on(f"/rses/{name}/usage", reply(200, name.encode()))
    told = await gather(asking(server, client, expression="tier=1&type=DISK"))
    assert isinstance(told, Gathered)
    assert told.bodies == (b"B", b"A")
    assert server.asked[0].target == "/rses/?expression=tier%3D1%26type%3DDISK"


async def test_one_that_does_not_answer_spoils_all(server: Server, client: Client) -> None:
    server.on("/rses/", reply(200, b'{"rse": "A"}\n{"rse": "B"}\n'))
    server.on("/rses/A/usage", reply(200, b""))
    server.on("/rses/B/usage", reply(404))
    with pytest.raises(BadStatus):
        await gather(asking(server, client))


@pytest.mark.parametrize("listed", [b"", b"<html>", b"[]"])
async def test_without_a_list_nothing_is_asked(server: Server, client: Client, listed: bytes) -> None:
    server.on("/rses/", reply(200, listed))
    with pytest.raises(MalformedAnswer, match="storage elements"):
        await gather(asking(server, client))


def test_a_sample_of_usage(shared_data: Path) -> None:
    body = (shared_data / "samples" / "rucio" / "get_rse_usage.ndjson").read_bytes()
    (found,) = read(answered(body), Source(name="rucio", kind="rucio-usage", url="x"), TypeRegistry()).evidence
    assert found.key.about[-1] == "EXAMPLE-LCG2_DATADISK"
    assert found.value == Space(11_223_418_619_294_662, 1_423_858_956_680_645)
