"""The shelf: what takes long to make, kept for a while for all who ask for it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from fastapi import Request

MOST = 400
"""So many things are kept; those that nobody asked for longest go first."""

T = TypeVar("T")


class Shelf:
    """What was made of late. What is asked for while it is made is made once."""

    def __init__(self, elapsed: Callable[[], float] = monotonic, most: int = MOST) -> None:
        """``elapsed``: tells seconds, from whenever."""
        self._elapsed = elapsed
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._turns: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)

    def has(self, called: Hashable, within: float) -> bool:
        """Whether what is ``called`` so is there, and was made within so many seconds."""
        kept = self._kept.get(called)
        return kept is not None and self._elapsed() - kept[0] <= within

    async def get(self, called: Hashable, within: float, make: Callable[[], Awaitable[T]]) -> T:
        """What is ``called`` so, made by ``make`` if it was not within so many seconds. What it is made of is part of its name.

        Raises:
            Exception: whatever ``make`` does; then nothing is kept.
        """
        async with self._turns[called]:
            try:
                if not self.has(called, within):
                    self._keep(called, await make())
                self._kept.move_to_end(called)
                found: T = self._kept[called][1]
                return found
            finally:
                self._turns.pop(called, None)

    def _keep(self, called: Hashable, made: object) -> None:
        self._kept[called] = self._elapsed(), made
        self._kept.move_to_end(called)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def shelf_of(request: Request, called: str = "shelf", most: int = MOST) -> Shelf:
    """The shelf called so of the application that ``request`` is for; ``most``: how much is kept on it."""
    state = request.app.state
    if not hasattr(state, called):
        setattr(state, called, Shelf(most=most))
    found: Shelf = getattr(state, called)
    return found
