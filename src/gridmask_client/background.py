"""A follower in the background: a thread of its own with a loop of its own, and a new one in each process that is forked."""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress

from gridmask_client.follower import Follower

_ALL: weakref.WeakSet[Background] = weakref.WeakSet()
_LEFT: list[object] = []
"""What a forked process inherited and nobody may close there: it is its parent's."""


class Background:
    """Runs what ``made`` makes, until it is stopped."""

    def __init__(self, made: Callable[[], Follower]) -> None:
        self._made = made
        self._begin()
        _ALL.add(self)

    def _begin(self) -> None:
        self.follower = self._made()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopped = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="gridmask-follower", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """End it; what it knows is written to disk."""
        with self._lock:
            self._stopped = True
            if self._loop is not None and self._task is not None:
                # it may have ended by itself
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._task.cancel)
        if self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def forked(self) -> None:
        """In the child: leave the parent its follower, and have one of one's own."""
        if not self._stopped:
            _LEFT.append((self.follower, self._loop, self._task, self._thread, self._lock))
            self._begin()

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._follow())

    async def _follow(self) -> None:
        with self._lock:
            if self._stopped:
                return
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        await self.follower.run()


def _forked() -> None:
    for one in [*_ALL]:
        one.forked()


os.register_at_fork(after_in_child=_forked)
