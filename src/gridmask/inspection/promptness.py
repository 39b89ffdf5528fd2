"""Promptness: how long it takes from what was found out to the masks that say so."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import Histogram

if TYPE_CHECKING:
    from collections.abc import Iterable

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds. Two of them are promised; what takes minutes was held up by a database that was away."""

DELAY = Histogram(
    "gridmask_mask_delay_seconds", "From when a revision was made to its being in this process's masks.", buckets=BUCKETS
)
WHOLE_WAY = Histogram(
    "gridmask_evidence_to_mask_seconds",
    "From when what led to a revision came to its being in the masks of the process that made it.",
    buckets=BUCKETS,
)

_REMEMBERED = 1000


class Promptness:
    """Awaits revisions that this process made, and measures when they, and those of others, are in its masks."""

    def __init__(self) -> None:
        self._awaited: deque[tuple[int, datetime]] = deque(maxlen=_REMEMBERED)

    def expect(self, revision: int, since: datetime) -> None:
        """``revision`` was committed; what led to it came at ``since``."""
        self._awaited.append((revision, since))

    def seen(self, made_at: Iterable[datetime], upto: int, now: datetime) -> None:
        """Masks are those of revision ``upto`` now; the revisions that are new in them were made at these moments."""
        for at in made_at:
            DELAY.observe(_seconds(at, now))
        while self._awaited and self._awaited[0][0] <= upto:
            WHOLE_WAY.observe(_seconds(self._awaited.popleft()[1], now))


def _seconds(since: datetime, now: datetime) -> float:
    # clocks of several machines differ a little
    return max((now - since).total_seconds(), 0.0)
