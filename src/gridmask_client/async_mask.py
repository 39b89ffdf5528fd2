"""A VO's mask, held locally, for what runs on asyncio: lookups are those of :class:`Mask`; what takes time is awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from types import TracebackType
from typing import Any, Self

from gridmask_client.mask import Mask
from gridmask_client.replica import Change
from gridmask_client.statuses import Explanation


class AsyncMask:
    """As :class:`Mask`, whose arguments it takes; use it in an ``async with``, which gives one that has a mask.

    The follower has a thread of its own: a loop that is busy makes no mask old.
    """

    def __init__(self, url: str, vo: str, **given: Any) -> None:  # noqa: ANN401 - what a Mask takes
        self._made = lambda: Mask(url, vo, **given)
        self._tasks: set[asyncio.Future[None]] = set()

    async def __aenter__(self) -> Self:
        self._mask = mask = await asyncio.to_thread(self._made)
        self.usable, self.usable_each, self.predicate = mask.usable, mask.usable_each, mask.predicate
        self.select, self.status, self.elements = mask.select, mask.status, mask.elements
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._mask.close)

    @property
    def now(self) -> Mask:
        """The mask itself: its revision, age, and what is wrong."""
        return self._mask

    async def why(self, name: str, status_type: str | None = None, *, type: str | None = None) -> tuple[Explanation, ...]:
        """As :meth:`Mask.why`."""
        return await asyncio.to_thread(self._mask.why, name, status_type, type=type)

    def on_change(self, heard: Callable[[Change], Awaitable[None] | None]) -> Callable[[], None]:
        """Call ``heard``, a function or an async one, with each change, on the loop that is running. Returns what ends that."""
        loop = asyncio.get_running_loop()

        def tell(change: Change) -> None:
            given = heard(change)
            if isawaitable(given):
                task = asyncio.ensure_future(given)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

        return self._mask.on_change(lambda change: _told(loop, tell, change))


def _told(loop: asyncio.AbstractEventLoop, tell: Callable[[Change], None], change: Change) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(tell, change)
