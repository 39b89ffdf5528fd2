"""A GOCDB on loopback, and an installation that follows it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.source import Source
from tests.gocdb import Gocdb, concerned, downtime, service, site
from tests.grid import Grid
from tests.integration.http.server import Server, reply, running

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from gridmask.bootstrap import Installation

PATH = "/gocdbpi/private/"
SITES = [site("EXAMPLE", "1G0"), site("OTHER", "2G0"), site("GONE", "3G0", CERTIFICATION_STATUS="Closed")]
SERVICES = [
    service("ce.example.org", "ARC-CE", "1G0", scopes=("EGI", "cms")),
    service("ce.example.org", "org.nordugrid.arex", "2G0", scopes=("EGI", "atlas")),
    service("se.example.org", "webdav", "3G0", urls=["davs://dav.example.org:443/"]),
    service("se.example.org", "XRootD", "4G0"),
    service("fts.example.net", "FTS", "5G0", SITENAME="OTHER"),
    service("old.example.net", "CE", "6G0", SITENAME="GONE"),
]


def outage(key: str, start: datetime, end: datetime, *services: str, **fields: str) -> str:
    """A downtime of ``services``, as GOCDB nests them."""
    times = {"START_DATE": f"{start.timestamp():.0f}", "END_DATE": f"{end.timestamp():.0f}"}
    return downtime(key, *services or (concerned(),), **(times | fields))


@dataclass
class European:
    """A GOCDB with three sites.

    Attributes:
        server: where it is.
        grid: clock and database of those who follow it.
        says: what it answers.
        broken: what it answers instead, by method.
    """

    server: Server
    grid: Grid
    says: Gocdb = field(
        default_factory=lambda: Gocdb(
            {"get_site": SITES, "get_service_endpoint": SERVICES, "get_downtime_nested_services": []}, size=2
        )
    )
    broken: dict[str, bytes] = field(default_factory=dict)

    def announce(self, *downtimes: str) -> None:
        """Let it announce this."""
        self.says.records["get_downtime_nested_services"] = downtimes

    async def react(self, writer: asyncio.StreamWriter) -> None:
        """Answer the question that was asked just now."""
        target = self.server.asked[-1].target
        broken = next((body for method, body in self.broken.items() if f"method={method}&" in target), None)
        body = self.says.body(target) if broken is None else broken
        await reply(200, body, Content_Type="application/xml")(writer)

    @asynccontextmanager
    async def open(self, **more: Any) -> AsyncIterator[Installation]:  # noqa: ANN401 - whatever settings hold
        """An installation that follows it."""
        url = self.server.url + PATH
        sources = (
            Source(name="goc", kind="gocdb", url=url, options={"vo_scopes": ["cms", "atlas"]}),
            Source(name="feed", kind="gocdb-downtimes", url=url),
        )
        async with self.grid.open(**({"source": sources} | more)) as made:
            yield made


@pytest.fixture
async def gocdb(tmp_path: Path) -> AsyncIterator[European]:
    """A GOCDB whose services are all up."""
    async with running() as server:
        european = European(server, Grid(tmp_path))
        server.on(PATH, european.react)
        yield european
