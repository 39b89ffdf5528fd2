"""What other policies would make of rows, as the workbench shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.status import Status, usable

if TYPE_CHECKING:
    from gridmask.domain.decision import Reason
    from gridmask.domain.element import Element, ElementKey, RowKey
    from gridmask.domain.guard import Batch
    from gridmask.service.policy_trials import Tried
    from gridmask.service.what_if import Would

MOST_MOVES = 200
"""So many rows are told; all are counted."""

MOST_SITES = 12
"""So many sites are told by name with how many of their rows would be others."""


@dataclass(frozen=True, slots=True)
class Move:
    """A row that would be another: what it is and would be, each with why; ``held``: the guard would keep it as it is."""

    key: RowKey
    element: Element | None
    was: Status | None
    becomes: Status
    because: tuple[Reason, ...]
    before: tuple[Reason, ...]
    held: bool
    ends: bool

    @property
    def takes(self) -> bool:
        """Whether the VO could not use it any more."""
        return self.was is not None and usable(self.was) and not usable(self.becomes)

    @property
    def gives(self) -> bool:
        """Whether the VO could use it again."""
        return usable(self.becomes) and (self.was is None or not usable(self.was))


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would be: the ``moves``, those first that take something, counted by what they come to and by site."""

    tried: Tried
    moves: tuple[Move, ...]
    total: int
    takes: int
    gives: int
    held: int
    by_step: tuple[tuple[Status | None, Status, int], ...]
    by_site: tuple[tuple[str, int], ...]
    other_sites: int

    @property
    def batches(self) -> tuple[Batch, ...]:
        """What the guard would hold."""
        return self.tried.batches


def foreseen(tried: Tried, elements: Mapping[ElementKey, Element]) -> Foreseen:
    """What ``tried`` came to; ``elements`` are those that are known by now."""
    moves = sorted((_move(would, elements) for would in tried.would), key=_order)
    steps = Counter((move.was, move.becomes) for move in moves)
    sites = Counter(move.element.site if move.element else "" for move in moves).most_common()
    return Foreseen(
        tried,
        tuple(moves[:MOST_MOVES]),
        len(moves),
        _count(move.takes for move in moves),
        _count(move.gives for move in moves),
        _count(move.held for move in moves),
        tuple((was, becomes, count) for (was, becomes), count in steps.most_common()),
        tuple(sites[:MOST_SITES]),
        max(0, len(sites) - MOST_SITES),
    )


def _move(would: Would, elements: Mapping[ElementKey, Element]) -> Move:
    before, after = would.before, would.after
    asked = after.opinion if would.held else after.status
    because = tuple(r for v in after.verdicts if v.status is asked and not v.advisory for r in v.reasons) or after.reasons
    was, why = (before.status, before.reasons) if before else (None, ())
    element = elements.get(would.key.element)
    return Move(would.key, element, was, asked, because, why, would.held, would.ends)


def _order(move: Move) -> tuple[object, ...]:
    return not move.takes, move.becomes, move.element.site if move.element else "", move.key


def _count(these: Iterable[bool]) -> int:
    return sum(these)
