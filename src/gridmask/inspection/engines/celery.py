"""Placeholder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.inspection.engines.engine import Work
    from gridmask.inspection.work import Job


class CeleryBell:
    """Tells workers by a queue of Celery."""

    is_heard = False

    def __init__(self, broker: str, queue: str) -> None:
        del broker, queue

    async def ring(self, jobs: Sequence[Job]) -> None:
        """Say that these are due."""

    def works(self, heard: Callable[[], None]) -> Iterator[Work]:
        """What this process does all the time to hear it."""
        del heard
        yield from ()
