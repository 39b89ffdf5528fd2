"""A grid of which DiracX's clients can be told, behind the door for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.bootstrap import installation
from gridmask.settings import DiracXRest
from gridmask.source import Source
from tests.api.conftest import BASE, in_folder
from tests.grid import Grid, sync
from tests.issuer import ED, URL, Signer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from joserfc.jwk import Key

    from gridmask.bootstrap import Installation

INVENTORY = """
[type.ComputeElement]
category = "computing"

[[site]]
name = "LCG.Here.org"
resource = [
    { name = "ce1", type = "ComputingElement" },
    { name = "ce2", type = "ComputeElement" },
    { name = "private", type = "ComputingElement", offered = ["cms"] },
    { name = "old", type = "ComputingElement", in_service = false },
    { name = "se1", type = "StorageElement" },
    { name = "fts1", type = "FTS" },
]
"""
SIGNER = Signer(keys=[ED])
ISSUER = {"name": "diracx", "url": URL, "grant": [{"role": "reader", "vo": "{vo}"}]}
ACCESS = {"access": {"reading": "vo"}, "issuer": [ISSUER]}
ROUTES = ("storage", "compute", "site", "fts")


class Asking:
    """Whoever asks ``client``, as a client of DiracX does."""

    def __init__(self, client: httpx2.AsyncClient, gridmask: Installation) -> None:
        self.client = client
        self.gridmask = gridmask

    def bearer(self, key: Key = ED, header: dict[str, Any] | None = None, **claims: Any) -> dict[str, str]:  # noqa: ANN401
        """The header of somebody with a token that DiracX signed; nothing in it says whom it is for."""
        said = {"vo": "lhcb", "sub": "lhcb:1234", "dirac_properties": ["NormalUser"], "dirac_group": "lhcb_user", **claims}
        return {"Authorization": f"Bearer {SIGNER.token(self.gridmask.clock(), key, header, **said)}"}

    async def get(self, route: str, vo: str = "lhcb", **headers: str) -> httpx2.Response:
        """The answer of ``route`` to a member of ``vo``; words of headers' names are joined by low lines."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(f"/api/rss/{route}", headers={**self.bearer(vo=vo), **given})

    async def told(self, route: str, vo: str = "lhcb") -> Any:  # noqa: ANN401 - JSON
        """What ``route`` tells a member of ``vo``."""
        answer = await self.get(route, vo)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that has one of everything that DiracX tells of."""
    grid = in_folder(tmp_path_factory.mktemp("diracx"))
    grid.announce()
    (grid.folder / "inventory.toml").write_text(INVENTORY)
    asyncio.run(_read(grid))
    return grid.folder


async def _read(grid: Grid) -> None:
    async with grid.open(source=sources(grid), vo={"lhcb": {}, "cms": {}}) as made:
        await sync(made)


def sources(grid: Grid) -> tuple[Source, ...]:
    """An inventory, and a feed that says that all is well."""
    inventory = Source(name="ours", kind="toml", url=(grid.folder / "inventory.toml").as_uri())
    return (inventory, Source(name="feed", kind="osg-downtimes", url=grid.feed.as_uri()))


@pytest.fixture
def more() -> dict[str, Any]:
    """What else the settings say."""
    return ACCESS


@pytest.fixture
async def gridmask(grid: Grid, more: dict[str, Any]) -> AsyncIterator[Installation]:
    """An installation that has read its sources, with the door open."""
    given: dict[str, Any] = {"diracx_rest": DiracXRest(enabled=True), "vo": {"lhcb": {}, "cms": {}}, **more}
    settings = grid.settings(**{"source": sources(grid), **given})
    async with SIGNER.client(grid.clock) as client, installation(settings, clock=grid.clock, client=client) as made:
        yield made


@pytest.fixture
async def asking(gridmask: Installation) -> AsyncIterator[Asking]:
    """Somebody who asks it."""
    transport = httpx2.ASGITransport(create_app(gridmask))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, headers={"Accept-Encoding": "identity"}) as client:
        yield Asking(client, gridmask)
