"""What was used up before its time: it counts no more in this process, until it would not count anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.clock import Clock

MOST = 10_000
"""So many are remembered; of more, those that were used up first are forgotten."""


class Spent:
    """Remembers what was used up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._until

    def add(self, name: str, until: float) -> None:
        """Note that ``name`` is used up, which would count until ``until``, in seconds since the epoch."""
        if len(self._until) >= MOST:
            now = self._clock().timestamp()
            self._until = {known: over for known, over in self._until.items() if over > now}
        while len(self._until) >= MOST:
            del self._until[next(iter(self._until))]
        self._until[name] = until
