"""What was checked, remembered for a while: a check takes longer than a look."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Of ``most`` things that were checked, what came of it. Times are seconds of Unix time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[bytes, tuple[float, T]] = OrderedDict()

    def at(self, digest: bytes, now: float) -> T | None:
        """What is known of the thing with this ``digest``, if that still counts ``now``."""
        until, known = self._known.get(digest, (0.0, None))
        return known if now < until else None

    def keep(self, digest: bytes, until: float, known: T) -> None:
        """Remembers it; what was remembered first goes, where there is too much."""
        self._known[digest] = until, known
        self._known.move_to_end(digest)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
