"""A shelf for what was made to be served: it holds so many bytes, and drops what nobody asked for for longest."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from gridmask.service.served import Served

K = TypeVar("K", bound=Hashable)

MOST_BYTES = 256 * 2**20
"""So many bytes one shelf holds, unless a single thing on it has more."""

Ground = Callable[[], object]
"""What things are made of, at this moment: as long as that is the same, so are they."""

Made = tuple[object, "Served"]
"""What something was made of, and the thing; None: what cannot be told, so that it must not be kept."""


class Shelf(Generic[K]):
    """Has everything made once for all who ask for it, and keeps it while what it was made of is the same."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[K, Made] = OrderedDict()
        self._making: WeakValueDictionary[K, asyncio.Lock] = WeakValueDictionary()
        self.size = 0
        """In bytes."""

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: K, ground: object) -> Served | None:
        """What there is by ``key``, if it was made of ``ground``."""
        made = self._kept.get(key)
        if made is None or made[0] != ground:
            return None
        self._kept.move_to_end(key)
        return made[1]

    async def get(self, key: K, ground: Ground, make: Callable[[], Awaitable[Made]]) -> Served:
        """The same, made by ``make`` if it is not there. Who asks for it meanwhile waits, and it is made once."""
        found = self.find(key, ground())
        if found is not None:
            return found
        making = self._making.get(key)
        if making is None:
            self._making[key] = making = asyncio.Lock()
        async with making:
            found = self.find(key, ground())
            if found is None:
                made = await make()
                found = made[1]
                if made[0] is not None:
                    self._put(key, made)
            return found

    def _put(self, key: K, made: Made) -> None:
        self._drop(key)
        self._kept[key] = made
        self.size += len(made[1].body)
        while self.size > self._most and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        """Drop everything."""
        self._kept.clear()
        self.size = 0

    def _drop(self, key: K) -> None:
        made = self._kept.pop(key, None)
        if made is not None:
            self.size -= len(made[1].body)
