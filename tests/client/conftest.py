"""A server on loopback, and somebody who asks it: in turn with the client that waits, and with the one that awaits."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from gridmask_client import AsyncClient, Client, Patience
from tests.api.conftest import in_folder, template
from tests.grid import toml_policies
from tests.integration.conftest import pki
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gridmask_client import Call, Listing
    from tests.grid import Grid

__all__ = ["pki", "template"]  # fixtures of theirs are fixtures here

T = TypeVar("T")

AT_ONCE = Patience(first=0.0)
"""As often as ever, without a pause."""


class Ask:
    """Asks with either client, and has what comes of it."""

    def __init__(self, kind: str, runner: asyncio.Runner, address: str, **given: Any) -> None:  # noqa: ANN401 - whatever clients take
        self.kind = kind
        self._runner = runner
        given = {"patience": AT_ONCE, **given}
        self.client: Client | AsyncClient = Client(address, **given) if kind == "sync" else AsyncClient(address, **given)

    def do(self, call: Call[T]) -> T:
        done = self.client.do(call)
        return self._runner.run(done) if isinstance(self.client, AsyncClient) else done  # type: ignore[arg-type,return-value]  # one or the other

    def each(self, listing: Listing[Any, T]) -> list[T]:
        if isinstance(self.client, Client):
            return list(self.client.each(listing))
        return self._runner.run(self._all(self.client, listing))

    def close(self) -> None:
        if isinstance(self.client, Client):
            self.client.close()
        else:
            self._runner.run(self.client.aclose())

    async def _all(self, client: AsyncClient, listing: Listing[Any, T]) -> list[T]:
        return [item async for item in client.each(listing)]


@pytest.fixture(scope="module", params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which client."""
    return str(request.param)


@pytest.fixture(scope="module")
def asker(kind: str) -> Iterator[Callable[..., Ask]]:
    """Makes somebody who asks an address."""
    asking: list[Ask] = []
    with asyncio.Runner() as runner:

        def make(address: str, **given: Any) -> Ask:  # noqa: ANN401 - likewise
            asking.append(Ask(kind, runner, address, **given))
            return asking[-1]

        yield make
        for one in asking:
            one.close()


@pytest.fixture(scope="module")
def world(template: Path, tmp_path_factory: pytest.TempPathFactory, kind: str) -> Grid:
    """A grid for each kind of client, as in the template, an hour later."""
    folder = tmp_path_factory.mktemp(kind)
    shutil.copytree(template, folder, dirs_exist_ok=True)
    grid = in_folder(folder)
    grid.clock.advance(hours=1)
    return grid


@pytest.fixture(scope="module")
def address(world: Grid) -> Iterator[str]:
    """Where it is served. The guard holds a lot; cms keeps its policies by the API."""
    tight = toml_policies(world.folder, "[guard]\ndeclared_share = 0.4\ndeclared_number = 0\n")
    with served(world, policies=tight, vo={"cms": {"policies": "api", "aliases": ["uscms"]}, "atlas": {}}) as address:
        yield address


@pytest.fixture(scope="module")
def ask(asker: Callable[..., Ask], address: str) -> Ask:
    """Somebody who asks it."""
    return asker(address)
