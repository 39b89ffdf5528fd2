from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gridmask.collectors.gocdb.asking import ask_for_downtimes, ask_for_inventory
from gridmask.http import Answer, Validators
from gridmask.http.files import read
from tests import gocdb
from tests.gocdb import BASE, Gocdb

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


class Folder:
    """Reads files."""

    async def __call__(self, url: str) -> Answer:
        body = read(url, Validators(), 10_000).body
        assert body
        return gocdb.answer(url, body.content())


async def test_the_inventory_is_two_lists() -> None:
    ask = Gocdb({"get_site": [gocdb.site()], "get_service_endpoint": [gocdb.service()] * 3})
    found = await ask_for_inventory(ask, BASE, "EGI")
    assert len(found.bodies) == 2 + 3
    assert all("scope=EGI&" in url for url in ask.asked)


async def test_the_downtimes_are_one() -> None:
    ask = Gocdb({"get_downtime_nested_services": [gocdb.downtime()]})
    assert len((await ask_for_downtimes(ask, BASE, datetime(2026, 8, 4, tzinfo=UTC))).bodies) == 2
    assert "windowstart=2026-08-03&windowend=2027-08-04&scope=&next_cursor=0" in ask.asked[0]


async def test_a_folder_has_a_file_for_each_list(tmp_path: Path) -> None:
    (tmp_path / "get_site.xml").write_bytes(gocdb.results(gocdb.site()))
    (tmp_path / "get_service_endpoint.xml").write_bytes(gocdb.results(gocdb.service()))
    for url in (tmp_path.as_uri(), f"{tmp_path.as_uri()}/"):
        assert [b"<SITE " in body for body in (await ask_for_inventory(Folder(), url)).bodies] == [False, True]


async def test_a_folder_has_a_file_of_downtimes(tmp_path: Path) -> None:
    (tmp_path / "get_downtime_nested_services.xml").write_bytes(gocdb.results(gocdb.downtime()))
    (body,) = (await ask_for_downtimes(Folder(), tmp_path.as_uri(), datetime(2026, 8, 4, tzinfo=UTC))).bodies
    assert b"<DOWNTIME " in body
