"""Places: how much of each kind of work a process does at once, and what it is doing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gridmask.inspection.work import EVALUATE, READ, RECORD, SWEEP, TIDY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.store.fences import Ticket
    from gridmask.store.work import Claim

TIMED = (READ, EVALUATE, SWEEP, TIDY, RECORD)
"""The kinds of work that are taken up when they are due."""


@dataclass(slots=True)
class Places:
    """As many sources as ``reads`` are read at once; of the rest, one of a kind is done: reading never keeps it waiting."""

    kinds: Collection[str]
    reads: int
    running: dict[Ticket, tuple[Claim, asyncio.Task[None]]] = field(default_factory=dict)

    @property
    def timed(self) -> tuple[str, ...]:
        """What is taken up when it is due."""
        return tuple(kind for kind in TIMED if kind in self.kinds)

    def room(self) -> Mapping[str, int]:
        """How much more of each kind can be taken up; what cannot be is left out."""
        taken = Counter(ticket.kind for ticket in self.running)
        free = {kind: (self.reads if kind == READ else 1) - taken[kind] for kind in self.timed}
        return {kind: count for kind, count in free.items() if count > 0}
