"""An installation that is served on loopback, in a thread of its own, for what cannot await."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any

from gridmask.api.server import serve
from gridmask.bootstrap import installation
from gridmask.clock import system_clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.api.server import Opening
    from gridmask.clock import Clock
    from gridmask.settings import Settings
    from tests.grid import Grid


@contextmanager
def served(grid: Grid, *, port: int = 0, **more: Any) -> Iterator[str]:  # noqa: ANN401 - whatever settings hold
    """The address at which ``grid``'s installation is served; ``more``: of its settings. ``port``: 0 takes a free one."""
    with served_with(grid.settings(**more), grid.clock, port=port) as address:
        yield address


@contextmanager
def served_with(
    settings: Settings, clock: Clock = system_clock, *, port: int = 0, opening: Opening = installation
) -> Iterator[str]:
    """The address at which the installation of ``settings`` is served, as ``opening`` makes it."""
    told: Queue[str] = Queue()
    stopping: Queue[tuple[asyncio.AbstractEventLoop, asyncio.Task[None] | None]] = Queue()

    async def run() -> None:
        stopping.put((asyncio.get_running_loop(), asyncio.current_task()))
        with suppress(asyncio.CancelledError):
            await serve(settings, port=port, announce=told.put, clock=clock, opening=opening)

    thread = Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        yield told.get(timeout=30).rstrip("/")
    finally:
        loop, task = stopping.get(timeout=30)
        assert task is not None
        loop.call_soon_threadsafe(task.cancel)
        thread.join(30)
