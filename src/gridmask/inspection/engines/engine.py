"""What an engine is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gridmask.inspection.work import Job

Work = tuple[str, Callable[[], Awaitable[None]]]
"""Something that is done all the time, by what it is called: done again as soon as it is done, until cancelled."""


Heard = Callable[[str, str], Awaitable[None]]
"""Is told that work of a kind and key is due; done once this process has looked, for which it may have to wait for room."""


class Engine(Protocol):
    """Has work done, by this process or by others."""

    @property
    def kinds(self) -> Collection[str]:
        """What kinds of work this process does."""

    def works(self) -> Iterator[Work]:
        """What this process does all the time for it. To cancel them is to stop: what was begun is let go."""

    def wake(self) -> None:
        """Something was committed here: what is to be evaluated may be due sooner."""


class Bell(Protocol):
    """Tells processes on other machines that something is due. What it says may be lost, late or doubled without harm."""

    @property
    def is_heard(self) -> bool:
        """Whether it can be counted on at present, so that it need not be looked so often whether something is due."""

    async def ring(self, jobs: Sequence[Job]) -> None:
        """Say that these are due. Never waits for long, nor fails."""

    def works(self, heard: Heard) -> Iterator[Work]:
        """What this process does all the time to hear it; ``heard`` is called each time that it does."""
