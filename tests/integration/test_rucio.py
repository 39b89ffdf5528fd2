"""RSEs as the mask says, at a double of Rucio that listens for real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.actuated import TOKEN, RucioDouble, listening
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gridmask.bootstrap import Installation


def storage(grid: Grid, *names: str) -> None:
    """Let the inventory have these storage elements."""
    resources = [osg.resource(name, "SRMv2", FQDN=f"{name.lower()}.example.org") for name in names]
    grid.publish(osg.group("EXAMPLE", *resources))


@pytest.fixture
async def rucio() -> AsyncIterator[RucioDouble]:
    async with listening(RucioDouble()) as made:
        made.on("SE1", "SE2")
        yield made


def table(rucio: RucioDouble, folder: Path, **more: Any) -> dict[str, Any]:
    token = folder / "token"
    token.write_text(TOKEN)
    return {"rucio": ({"name": "ours", "url": rucio.url, "vo": "cms", "token_file": token, **more},)}


async def put(made: Installation, name: str, status: Status, *aspects: str, vo: str = "all") -> None:
    for aspect in aspects or ("ReadAccess", "WriteAccess", "RemoveAccess"):
        await made.statuses.set(ADMIN, [RowName(ElementName(name), aspect, vo)], status, "for a test")


async def drift(made: Installation) -> dict[str, tuple[str, str]]:
    report = await made.actuators.drift(ADMIN, "ours")
    return {one.thing: (one.state, one.touched_by) for one in report.drift}


async def test_what_the_mask_bans_is_switched_off_and_on_again(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1", "SE2")
    async with grid.open(**table(rucio, grid.folder)) as made:
        await sync(made)
        await made.dispatcher.deliver()
        assert rucio.said("PUT") == []
        await put(made, "SE1", Status.BANNED, "WriteAccess", "RemoveAccess")
        await made.dispatcher.deliver()
        assert (rucio.off("SE1"), rucio.off("SE2")) == ("write,delete", "")
        await put(made, "SE1", Status.ACTIVE, "WriteAccess")
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "delete"
        assert await drift(made) == {}
