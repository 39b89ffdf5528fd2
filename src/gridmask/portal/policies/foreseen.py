"""What other policies would make of rows, as the workbench shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
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
    """Rows of an element that would be others, alike: what they are and would be, each with why.

    Attributes:
        key: the first of them; ``aspects``: the status types of all.
        held: whether the guard would keep them as they are.
        ends: whether the VO's own rows would end.
    """

    key: RowKey
    aspects: tuple[str, ...]
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
    """What would be: the ``moves``, those first that take something, and rows counted by what they come to and by site."""

    tried: Tried
    moves: tuple[Move, ...]
    left_out: int
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
    single = [_move(would, elements) for would in tried.would]
    moves = sorted(_together(single), key=_order)
    steps = Counter((move.was, move.becomes) for move in single)
    sites = Counter(move.element.site if move.element else "" for move in single).most_common()
    return Foreseen(
        tried,
        tuple(moves[:MOST_MOVES]),
        sum(len(move.aspects) for move in moves[MOST_MOVES:]),
        len(single),
        _count(move.takes for move in single),
        _count(move.gives for move in single),
        _count(move.held for move in single),
        tuple((was, becomes, count) for (was, becomes), count in steps.most_common()),
        tuple(sites[:MOST_SITES]),
        max(0, len(sites) - MOST_SITES),
    )


def _together(moves: Iterable[Move]) -> Iterator[Move]:
    """Those of one element that are alike, as one."""
    alike: dict[object, list[Move]] = {}
    for move in moves:
        same = (move.key.element, move.was, move.becomes, move.because, move.before, move.held, move.ends)
        alike.setdefault(same, []).append(move)
    for group in alike.values():
        yield replace(group[0], aspects=tuple(move.key.status_type for move in group))


def _move(would: Would, elements: Mapping[ElementKey, Element]) -> Move:
    before, after = would.before, would.after
    asked = after.opinion if would.held else after.status
    because = tuple(r for v in after.verdicts if v.status is asked and not v.advisory for r in v.reasons) or after.reasons
    was, why = (before.status, before.reasons) if before else (None, ())
    element = elements.get(would.key.element)
    return Move(would.key, (would.key.status_type,), element, was, asked, because, why, would.held, would.ends)


def _order(move: Move) -> tuple[object, ...]:
    return not move.takes, move.becomes, move.element.site if move.element else "", move.key


def _count(these: Iterable[bool]) -> int:
    return sum(these)
