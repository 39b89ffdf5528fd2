"""Which VOs there are is known without asking the database each time, and all the same as soon as it is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import NotKnown
from gridmask.service.board import POLL_SECONDS
from gridmask.service.vos import Vos
from gridmask.store import vos as store
from tests import osg
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from tests.grid import Grid


class Seconds:
    """Elapse by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """As many as the database was asked times."""
    times: list[None] = []
    load = store.load

    async def noted(connection: AsyncConnection) -> frozenset[str]:
        times.append(None)
        return await load(connection)

    monkeypatch.setattr(store, "load", noted)
    return times


async def test_what_is_known_is_not_read_again(grid: Grid, read: list[None]) -> None:
    async with grid.open(vo={"cms": {"aliases": ["compact"]}}) as made:
        await made.vos.known()
        read.clear()
        assert [await made.vos.resolve(name) for name in ("all", "CMS", " Compact ", "ALL")] == ["all", "cms", "cms", "all"]
        assert {(await made.vos.known()).resolve("compact") for _ in range(3)} == {"cms"}
        assert not read


async def test_a_vo_of_this_process_is_known_at_once(grid: Grid) -> None:
    async with grid.open() as made:
        assert "lhcb" not in (await made.vos.known()).names
        await made.vos.add(ADMIN, "lhcb")
        assert "lhcb" in (await made.vos.known()).names
        grid.publish(osg.group("SITE", osg.resource("CE1", "CE", extra="<AllowedVOs><VO>DUNE</VO></AllowedVOs>")))
        await sync(made, "osg")
        assert "dune" in (await made.vos.known()).names


async def test_a_vo_of_another_process_is_known_when_its_mask_is(grid: Grid) -> None:
    async with grid.open() as here, grid.open() as there:
        seconds = Seconds()
        vos = Vos(here.inspector, here.inspector.registry, seconds)
        await vos.known()
        await there.vos.add(ADMIN, "lhcb")
        assert "lhcb" not in (await vos.known()).names
        seconds.now += POLL_SECONDS
        assert "lhcb" in (await vos.known()).names


async def test_a_vo_of_another_process_is_found_by_its_name_at_once(grid: Grid) -> None:
    async with grid.open() as here, grid.open() as there:
        with pytest.raises(NotKnown):
            await here.vos.resolve("lhcb")
        await there.vos.add(ADMIN, "lhcb")
        assert await here.vos.resolve("LHCb") == "lhcb"
