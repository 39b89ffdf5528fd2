"""Gridmask mounted under a DiracX by a real nginx: what DiracX's own client, unmodified, makes of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import DiracXRest
from gridmask.source import Source
from tests.clocks import WallClock
from tests.conftest import where_installed
from tests.diracx_client import StubOfDiracX, client, locations, stub_of_diracx
from tests.grid import ADMIN, Grid, sync
from tests.issuer import ED
from tests.nginx import nginx
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.diracx_client import DiracXClient

INVENTORY = """
[[site]]
name = "LCG.Here.org"
resource = [
    { name = "ce1", type = "ComputingElement" },
    { name = "se1", type = "StorageElement" },
    { name = "fts1", type = "FTS" },
]
"""


@dataclass(frozen=True, slots=True)
class Mounted:
    """A Gridmask under a DiracX; ``url`` is where both are."""

    url: str
    diracx: StubOfDiracX
    folder: Path

    def token(self, vo: str = "lhcb") -> str:
        """A token as DiracX gives it."""
        return self.diracx.signer.token(datetime.now(UTC), ED, sub=f"{vo}:1234", vo=vo, dirac_group=f"{vo}_user")

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """An answer to a member of lhcb."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx2.get(f"{self.url}{path}", headers={"Authorization": f"Bearer {self.token()}", **given})


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mounted]:
    folder = tmp_path_factory.mktemp("mounted")
    grid = Grid(folder, f"sqlite:///{folder / 'gridmask.db'}", WallClock())
    (folder / "inventory.toml").write_text(INVENTORY)
    with stub_of_diracx() as diracx:
        issuer = {"name": "diracx", "url": diracx.signer.url, "grant": [{"role": "reader", "vo": "{vo}"}]}
        settings: dict[str, Any] = {
            "source": (Source(name="ours", kind="toml", url=(folder / "inventory.toml").as_uri()),),
            "vo": {"lhcb": {}, "cms": {}},
            "access": {"reading": "vo", "proxies": ["127.0.0.1"]},
            "issuer": [issuer],
            "diracx_rest": DiracXRest(enabled=True),
        }
        asyncio.run(_filled(grid, settings))
        with served(grid, **settings) as gridmask, where_installed(), nginx(locations(gridmask, diracx.signer.url)) as front:
            yield Mounted(front.url, diracx, folder)


async def _filled(grid: Grid, settings: dict[str, Any]) -> None:
    async with grid.open(**settings) as made:
        await sync(made)
        for vo, status, reason in (("lhcb", Status.BANNED, "Smoke in the hall. " * 100), ("cms", Status.DEGRADED, "Slow.")):
            await made.statuses.set(ADMIN, [RowName(ElementName("ce1"), vo=vo)], status, reason)
        await made.statuses.set(
            ADMIN, [RowName(ElementName(name)) for name in ("se1", "fts1", "LCG.Here.org")], Status.ACTIVE, "OK"
        )


def test_what_is_not_mounted_over_stays_with_diracx(mounted: Mounted) -> None:
    assert mounted.get("/.well-known/openid-configuration").json()["token_endpoint"].endswith("/api/auth/token")
    assert mounted.get("/api/auth/token").json()["diracx"] == "/api/auth/token"
    assert mounted.get("/api/rss/site").json() == {"LCG.Here.org": {"all": {"allowed": True, "warnings": None}}}


def test_what_the_server_in_front_is_believed_in_nobody_else_can_say(mounted: Mounted) -> None:
    forged = {"X_SSL_Cert": "x", "X_SSL_Client_Verify": "SUCCESS", "X_Forwarded_For": "192.0.2.1", "X_Request_Id": "forged"}
    with nginx(locations(mounted.diracx.signer.url, mounted.diracx.signer.url)) as front:
        told = Mounted(front.url, mounted.diracx, mounted.folder).get("/api/rss/site", **forged).json()["headers"]
    assert told.keys().isdisjoint({"x-ssl-cert", "x-ssl-client-verify"})
    assert (told["x-forwarded-for"], told["x-request-id"] != "forged") == ("127.0.0.1", True)


@pytest.mark.parametrize("coding", ["gzip", "identity"])
@pytest.mark.parametrize("route", ["compute", "site"])
def test_validators_get_through_whether_or_not_it_is_packed(mounted: Mounted, route: str, coding: str) -> None:
    first = mounted.get(f"/api/rss/{route}", Accept_Encoding=coding)
    assert (first.status_code, first.headers["ETag"][-5:]) == (200, "-lhcb")
    again = mounted.get(f"/api/rss/{route}", Accept_Encoding=coding, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")


@pytest.fixture
def diracx(mounted: Mounted) -> DiracXClient:
    made = client(mounted.folder, mounted.url)
    made.log_in(mounted.token())
    return made


@pytest.mark.slow
def test_its_client_reads_every_route(diracx: DiracXClient) -> None:
    told = diracx.call(
        "with SyncDiracClient() as client:",
        "    for of in ('storage', 'compute', 'site', 'fts'):",
        "        tell(getattr(client.rss, f'get_{of}_status')(**plain))",
        "    tell(sorted(client.rss.get_compute_status()))",
    )
    allowed = {"allowed": True, "warnings": None}
    assert told[0] == {"se1": dict.fromkeys(("read", "write", "check", "remove"), allowed)}
    assert told[1] == {"ce1": {"all": {"allowed": False, "reason": ("Smoke in the hall. " * 100).strip()}}}
    assert told[2:] == [{"LCG.Here.org": {"all": allowed}}, {"fts1": {"all": allowed}}, ["ce1"]]


@pytest.mark.slow
def test_its_asynchronous_client_reads_as_well(diracx: DiracXClient, mounted: Mounted) -> None:
    diracx.log_in(mounted.token("cms"))
    told = diracx.call(
        "async def main():",
        "    async with AsyncDiracClient() as client:",
        "        tell(await client.rss.get_compute_status(**plain))",
        "asyncio.run(main())",
    )
    assert told == [{"ce1": {"all": {"allowed": True, "warnings": "Slow."}}}]


@pytest.mark.slow
def test_its_client_is_told_that_it_has_it_by_either_way_to_ask(diracx: DiracXClient) -> None:
    told = diracx.call(
        "with SyncDiracClient() as client:",
        "    read = client.rss.get_compute_status",
        "    known = read(**tag)",
        "    tell(status(read, headers={'If-None-Match': known}))",
        "    tell(status(read, etag=known, match_condition=MatchConditions.IfModified))",
        "    tell(status(read, etag='other', match_condition=MatchConditions.IfModified))",
        "    tell(status(read, if_modified_since='Mon, 1 Apr 9999 00:42:42 GMT'))",
    )
    assert told == [304, 304, 200, 304]


@pytest.mark.slow
def test_its_client_is_told_when_it_shows_nothing_or_what_proves_nothing(diracx: DiracXClient, mounted: Mounted) -> None:
    for token in ("", mounted.token()[:-8] + "AAAAAAAA"):
        diracx.log_in(token)
        assert diracx.call("with SyncDiracClient() as client:", "    tell(status(client.rss.get_site_status))") == [401]
