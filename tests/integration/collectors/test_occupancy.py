from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.asking import Asking
from gridmask.collectors.occupancy.reader import gather
from gridmask.domain.errors import BadStatus
from gridmask.source import Source
from tests.clocks import at
from tests.integration.http.server import reply

if TYPE_CHECKING:
    from gridmask.http import Client
    from tests.integration.http.server import Server

FILES = [{"path": path, "element": path} for path in ("/b/occupancy.json", "a/occupancy.json")]


async def test_each_file_is_read(server: Server, client: Client) -> None:
    for name in ("a", "b"):
        server.on(f"/{name}/occupancy.json", reply(200, name.encode()))
    source = Source(name="eos", kind="dirac-occupancy", url=server.url, options={"file": FILES})
    assert (await gather(Asking(client, source, at()))).bodies == (b"b", b"a")


async def test_one_that_is_not_there_spoils_all(server: Server, client: Client) -> None:
    server.on("/a/occupancy.json", reply(200, b""))
    server.on("/b/occupancy.json", reply(404))
    source = Source(name="eos", kind="dirac-occupancy", url=server.url, options={"file": FILES})
    with pytest.raises(BadStatus):
        await gather(Asking(client, source, at()))
