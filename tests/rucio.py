"""RSEs in tests: what the inventory has, what people say of it, and the table that has Rucio follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from tests import osg
from tests.actuated import TOKEN, RucioDouble
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation


def storage(grid: Grid, *names: str) -> None:
    """Let the inventory have these storage elements."""
    resources = [osg.resource(name, "SRMv2", FQDN=f"{name.lower()}.example.org") for name in names]
    grid.publish(osg.group("EXAMPLE", *resources))


def table(grid: Grid, rucio: RucioDouble, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the table holds
    """Settings with Rucio in them."""
    token = grid.folder / "token"
    token.write_text(TOKEN)
    return {"rucio": ({"name": "ours", "url": rucio.url, "vo": "cms", "token_file": token, **more},)}


async def put(made: Installation, name: str, status: Status, *aspects: str, vo: str = "all") -> None:
    """Say what its aspects are; all of them, unless some are named."""
    for aspect in aspects or ("ReadAccess", "WriteAccess", "RemoveAccess"):
        await made.statuses.set(ADMIN, [RowName(ElementName(name), aspect, vo)], status, "for a test")


async def drift(made: Installation) -> dict[str, tuple[str, str]]:
    """What is not as the mask says: why, and who touched it."""
    report = await made.actuators.drift(ADMIN, "ours")
    return {one.thing: (one.state, one.touched_by) for one in report.drift}


async def begin(made: Installation) -> None:
    """Read the sources, and let the actuator have its first look."""
    await sync(made)
    await made.dispatcher.deliver()
