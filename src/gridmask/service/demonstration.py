"""A demonstration: an installation that watches a play instead of a grid, and can tell its visitors what is being played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that is played, for as long as there is something to see of it.

    Attributes:
        title: what happens, in a few words.
        text: what happens, and what to look at, in a sentence or two.
        starts_at, ends_at: from when until when it is played, not including ``ends_at``; in real time.
    """

    title: str
    text: str
    starts_at: datetime
    ends_at: datetime

    def is_on(self, now: datetime) -> bool:
        """Whether it is played at ``now``."""
        return self.starts_at <= now < self.ends_at


class Demonstration(Protocol):
    """What is being played."""

    @property
    def compression(self) -> str:
        """How fast the grid's time passes, as a sentence: "One hour of the grid passes in ten seconds."."""

    def told_time(self, now: datetime) -> str:
        """What time it is on the grid at ``now``: "Monday 12:00"."""

    def scenes(self, now: datetime) -> tuple[Scene, ...]:
        """The scenes that are on at ``now``, and those that come next, in the order in which they start."""
