"""Sums: what a replay came to, in numbers; those of its parts add up."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from gridmask.replay.changes import Change


class Trouble(msgspec.Struct, frozen=True):
    """Something that went otherwise than when it was recorded: the number of what happened, when, what it was, and how."""

    number: int
    at: datetime
    event: str
    text: str


class Sums(msgspec.Struct):
    """What was played so far.

    Attributes:
        happened: how many things that were recorded.
        lines: how many changes, by kind.
        into: how often a row came to a status, by status.
        refused: how many things that people did were not possible; ``first_refused`` is the first of them.
        differing: how many steps made a revision and did not then, or the reverse; ``first_differing`` is the first of them.
        reached: how far it came.
    """

    happened: int = 0
    lines: dict[str, int] = {}
    into: dict[str, int] = {}
    refused: int = 0
    first_refused: Trouble | None = None
    differing: int = 0
    first_differing: Trouble | None = None
    reached: datetime | None = None

    def count(self, change: Change) -> None:
        """Count a line."""
        self.lines[change.kind] = self.lines.get(change.kind, 0) + 1
        if change.before != change.after and change.after and change.before:
            self.into[change.after] = self.into.get(change.after, 0) + 1

    def plus(self, other: Sums) -> Sums:
        """Those of two parts together; what happened did so to both."""
        return Sums(
            max(self.happened, other.happened),
            dict(sorted((Counter(self.lines) + Counter(other.lines)).items())),
            dict(sorted((Counter(self.into) + Counter(other.into)).items())),
            self.refused + other.refused,
            _first(self.first_refused, other.first_refused),
            self.differing + other.differing,
            _first(self.first_differing, other.first_differing),
            max(filter(None, (self.reached, other.reached)), default=None),
        )


def _first(*some: Trouble | None) -> Trouble | None:
    return min((one for one in some if one is not None), key=lambda one: one.number, default=None)
