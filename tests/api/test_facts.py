"""Facts of several registries, as people see them."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.domain.element import ElementKey
from gridmask.portal.frame import addresses
from gridmask.settings import Settings
from gridmask.source import Source
from gridmask.store.database import EPHEMERAL
from tests import gocdb
from tests.clocks import Clock
from tests.grid import sync
from tests.pages import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

CFG = """Resources
{
  StorageElements
  {
    Lonely
    {
      BackendType = Tape
    }
  }
}
"""
OF_SERVICE = (
    "<EXTENSIONS><EXTENSION><KEY>p_key</KEY><VALUE>&lt;b&gt;</VALUE></EXTENSION></EXTENSIONS>"
    "<GOCDB_PORTAL_URL>https://gocdb.example.org/?id=1</GOCDB_PORTAL_URL>"
)


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    urls = ["https://door.example.org:1094/x", "javascript:alert(1)"]
    service = gocdb.service("ce.example.org", urls=urls, extra=OF_SERVICE)
    (tmp_path / "get_site.xml").write_bytes(gocdb.results(gocdb.site(HOME_URL="https://example.org/")))
    (tmp_path / "get_service_endpoint.xml").write_bytes(gocdb.results(service, gocdb.service("n/a", "a/b", "11G0")))
    (tmp_path / "dirac.cfg").write_text(CFG)
    sources = (
        Source(name="goc", kind="gocdb", url=tmp_path.as_uri()),
        Source(name="cs", kind="dirac-cfg", url=(tmp_path / "dirac.cfg").as_uri()),
    )
    async with installation(Settings(database=EPHEMERAL, source=sources), clock=Clock()) as made:
        await sync(made)
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as asking:
            yield asking


async def test_records_are_tables_with_what_is_within_them(client: httpx2.AsyncClient) -> None:
    said = read((await client.get("/elements/Resource/ComputingElement/ce.example.org")).text).partition("Facts")[2]
    assert "Services Service Identifier ARC-CE 10G0" in said
    assert "Endpoints Name Address e https://door.example.org:1094/x e javascript:alert(1)" in said
    assert "Extensions p_key <b>" in said


async def test_only_pages_are_linked_to(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/elements/Resource/ComputingElement/ce.example.org")).text
    assert '<a href="https://gocdb.example.org/?id=1" rel="noreferrer">10G0</a>' in page
    assert 'href="javascript' not in page
    assert "<b>" not in page.partition('id="facts"')[2]


async def test_facts_of_a_site_are_worded(client: httpx2.AsyncClient) -> None:
    said = read((await client.get("/elements/Site/Site/EXAMPLE")).text).partition("Facts")[2]
    assert "Certification Certified Country Switzerland Home page https://example.org/" in said


async def test_what_is_at_no_site_stands_together_last(client: httpx2.AsyncClient) -> None:
    said = read((await client.get("/vos/all/matrix")).text)
    assert said.index("EXAMPLE") < said.index("At no site") < said.index("Lonely")
    assert "4 elements at 1 site " in said
    lonely = read((await client.get("/vos/all/matrix?q=lonely")).text)
    assert ("1 of 4 elements Element" in lonely, "At no site" in lonely) == (True, True)


async def test_an_element_at_no_site_says_so(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/elements/Resource/StorageElement/Lonely")).text
    assert "StorageElement at no site" in read(page)
    assert "Site no site has it in its option SE" in read(page)
    assert "?q=" not in page


async def test_every_element_is_linked_to_by_an_address_that_is_one(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/vos/all/matrix")).text
    links = {unescape(link).partition("#")[0] for link in re.findall('href="(/elements[^"]+)"', page)}
    assert "/elements?family=Resource&type=a%2Fb&name=n%2Fa&vo=all" in links
    assert {link: (await client.get(link)).status_code for link in links} == dict.fromkeys(links, 200)


def test_what_means_something_else_in_a_path_is_asked_for() -> None:
    address = "/elements?family=Resource&type=Squid&name=..&vo=cms"
    assert addresses.element(ElementKey("Resource", "Squid", ".."), "cms") == address


async def test_problems_of_a_source_are_told(client: httpx2.AsyncClient) -> None:
    said = read((await client.get("/")).text)
    assert "goc gocdb good 3 records, read just now 2 problems services are on hosts whose names are none: n/a." in said
