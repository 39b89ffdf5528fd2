from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gridmask.asking import Asking
from gridmask.collectors.diracx_jobs.asking import ENDED, PRESENT, gather
from gridmask.source import Source
from tests.clocks import at
from tests.integration.http.server import reply

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.http import Client
    from tests.integration.http.server import Server


async def test_those_that_ended_lately_and_those_that_have_not_ended_are_asked_for(
    server: Server, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("secret")
    server.on("/api/jobs/summary", reply(200, b"[]"))
    source = Source(name="jobs", kind="diracx-jobs", url=f"{server.url}/api", token_file=tmp_path / "token")
    await gather(Asking(client, source, at()))
    ended, present = (json.loads(asked.body) for asked in server.asked)
    assert [search["parameter"] for search in ended["search"]] == ["Status", "LastUpdateTime"]
    assert (ended["search"][0]["values"], present["search"][0]["values"]) == ([*ENDED], [*PRESENT])
    assert ended["search"][1]["value"] == "2026-08-21 15:00:00"
    assert {asked.headers["authorization"] for asked in server.asked} == {"Bearer secret"}
