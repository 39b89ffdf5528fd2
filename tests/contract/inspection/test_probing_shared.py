"""Workers that share the probes: all that is at a host is one worker's, and another's once that is gone."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gridmask.bootstrap import installation
from gridmask.clock import system_clock
from gridmask.engine import Engine, Part
from gridmask.inspection import probing as module
from tests.double import double
from tests.grid import Grid, files_only, sync
from tests.probing import probe, probed, publish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

    from gridmask.bootstrap import Installation
    from gridmask.probes.target import Target


@asynccontextmanager
async def worker(grid: Grid, settings: dict[str, object]) -> AsyncIterator[Installation]:
    """A worker that probes, until it is stopped."""
    part = Part("share", ("probe",))
    made = installation(grid.settings(engine=Engine(kind="leases"), **settings), part=part, client=files_only(grid.clock))
    async with made as running:
        task = asyncio.create_task(running.loop.run())
        try:
            yield running
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_a_host_is_one_workers_and_anothers_once_that_is_gone(
    tmp_path: Path, made_sqlite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = Grid(tmp_path, made_sqlite)
    looked: asyncio.Queue[tuple[str, object]] = asyncio.Queue()
    made_by = module.Probing.made

    async def noted(self: module.Probing, one: object, target: Target) -> object:
        looked.put_nowait((target.host, self))
        return await made_by(self, one, target)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(module.Probing, "made", noted)
    monkeypatch.setattr("gridmask.inspection.tenure.BEAT", 0.1)
    publish(grid).clock = system_clock  # type: ignore[assignment]  # time passes
    async with double("silent") as server:
        tcp = probe("tcp", f"tcp://{{host}}:{server.port}", every="0.3s", timeout="0.2s")
        settings = probed(grid, tcp, spacing="0s")
        async with grid.open(**settings) as before:
            await sync(before)
        async with worker(grid, settings) as first:
            await looked.get()
            async with worker(grid, settings) as second:
                while not (second.probing and second.probing.targets):  # noqa: ASYNC110 - it is in the database
                    await asyncio.sleep(0.02)
                while not looked.empty():
                    looked.get_nowait()
                seen = [await looked.get() for _ in range(6)]
                whose = dict(seen)
                assert len(set(seen)) == len(whose) > 1
                assert set(whose.values()) == {first.probing, second.probing}
            while set(whose.values()) != {first.probing}:
                host, who = await looked.get()
                whose[host] = who
