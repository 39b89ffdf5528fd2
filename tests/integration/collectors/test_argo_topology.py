from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.asking import Asking
from gridmask.collectors.argo_topology.asking import gather
from gridmask.domain.errors import InvalidConfiguration
from gridmask.http import Gathered
from gridmask.kinds import KINDS
from gridmask.source import Source
from tests.clocks import at
from tests.integration.http.server import reply

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.http import Client
    from tests.integration.http.server import Server


def source(url: str, **more: object) -> Source:
    return Source.model_validate({"name": "argo", "kind": "argo-topology", "url": url, **more})


@pytest.mark.parametrize("path", ["", "/", "/api/v2", "/api/v3/"])
async def test_endpoints_and_groups_are_asked_for_with_the_key(
    server: Server, client: Client, tmp_path: Path, path: str
) -> None:
    (tmp_path / "key").write_text("secret")
    for part in ("endpoints", "groups"):
        server.on(f"/api/v2/topology/{part}", reply(200, part.encode()))
    asking = Asking(
        client, source(server.url + path, token_file=tmp_path / "key"), at(), token_as=KINDS["argo-topology"].token_as
    )
    told = await gather(asking)
    assert isinstance(told, Gathered)
    assert told.bodies == (b"endpoints", b"groups")
    assert {asked.headers["x-api-key"] for asked in server.asked} == {"secret"}


async def test_the_topology_of_a_report_is_asked_for_by_its_name(server: Server, client: Client) -> None:
    for part in ("endpoints", "groups"):
        server.on(f"/api/v2/topology/{part}/by_report/Cloud%20A", reply(200, b"{}"))
    await gather(Asking(client, source(server.url, report="Cloud A"), at()))
    assert sorted(asked.target for asked in server.asked) == [
        "/api/v2/topology/endpoints/by_report/Cloud%20A",
        "/api/v2/topology/groups/by_report/Cloud%20A",
    ]


async def test_both_parts_are_read_from_a_folder_and_not_from_one_file(client: Client, tmp_path: Path) -> None:
    for part in ("endpoints", "groups"):
        (tmp_path / f"{part}.json").write_text(part)
    told = await gather(Asking(client, source(tmp_path.as_uri()), at()))
    assert isinstance(told, Gathered)
    assert told.bodies == (b"endpoints", b"groups")
    with pytest.raises(InvalidConfiguration, match="give a folder"):
        await gather(Asking(client, source((tmp_path / "groups.json").as_uri()), at()))
