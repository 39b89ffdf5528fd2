"""Several processes that run the loop: each target is looked at as often as asked, and no more, on every database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gridmask.clock import system_clock
from gridmask.inspection import probing as module
from tests.double import double
from tests.grid import sync
from tests.probing import probe, probed, publish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

EVERY = 0.5


@asynccontextmanager
async def running(made: Installation) -> AsyncIterator[asyncio.Task[None]]:
    """Its loop runs, until it is stopped."""
    task = asyncio.create_task(made.loop.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_of_two_processes_one_looks_and_the_other_follows(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: asyncio.Queue[tuple[float, object]] = asyncio.Queue()
    made_by = module.Probing.made
    now = asyncio.get_running_loop().time

    async def noted(self: module.Probing, *args: object) -> object:
        looked.put_nowait((now(), self))
        return await made_by(self, *args)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(module.Probing, "made", noted)
    monkeypatch.setattr("gridmask.inspection.tenure.BEAT", 0.05)
    publish(grid).clock = system_clock  # type: ignore[assignment]  # time passes
    async with double("silent") as server:
        tcp = probe("tcp", f"tcp://{{host}}:{server.port}", match={"name": ["SE1"]}, every=f"{EVERY}s", timeout="0.4s")
        settings = probed(grid, tcp, spacing="0s")
        async with grid.open(**settings) as one, grid.open(**settings) as two:
            await sync(one)
            async with running(one) as first:
                seen = [await looked.get()]
                async with running(two):
                    seen += [await looked.get() for _ in range(3)]
                    assert {who for _, who in seen} == {one.probing}
                    first.cancel()
                    seen += [await looked.get() for _ in range(2)]
    assert seen[-1][1] is two.probing
    # a busy machine looks late, and then in time again; in all, it looks no more often than it is asked to
    assert len(seen) - 2 <= (seen[-1][0] - seen[0][0]) / EVERY
