"""Two hosts that fail at once, which is too many: what is held back, and a person who knows better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests import osg
from tests.grid import sync
from tests.probing import probe, probed, publish, round_of, status

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from gridmask.bootstrap import Installation
    from gridmask.inspection.probe_health import Batch
    from tests.double import Double
    from tests.grid import Grid


def two_names(grid: Grid) -> Grid:
    """Let ``grid`` be two SEs at one address, which has two names, judged by probes."""
    publish(grid)
    hosts = {"SE1": "127.0.0.1", "SE2": "localhost"}
    grid.publish(osg.group("SITE", *(osg.resource(name, "WebDAV", FQDN=host) for name, host in hosts.items())))
    return grid


def opened(grid: Grid, server: Double) -> AbstractAsyncContextManager[Installation]:
    """Two hosts are too many at once."""
    tcp = probe("tcp", f"tcp://{{host}}:{server.port}", every="1m")
    return grid.open(**probed(grid, tcp, doubt_share=0.4, doubt_hosts=1))


async def fail(made: Installation, server: Double) -> Batch:
    """All is well, and then nothing."""
    await sync(made)
    await round_of(made)
    server.stop()
    return await round_of(made)


async def nothing_new(made: Installation) -> Batch:
    """A moment later: nothing was looked at meanwhile."""
    assert made.probing is not None
    batch = await made.probing.believed([])
    await made.probing.take(batch)
    return batch


async def both(made: Installation) -> tuple[str, str]:
    """What the mask says of them."""
    return await status(made, "SE1"), await status(made, "SE2")
