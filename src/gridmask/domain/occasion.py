"""Occasions: why rows are judged, so that those which it cannot make another are left alone.

What is new of the evidence has topics: a kind of evidence each, and the VO that it is about. Rules say what kinds they look at;
one that does not is taken to look at all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.events import DowntimesChanged, EvidenceChanged, PoliciesLoaded
from gridmask.domain.evidence import DOWNTIME
from gridmask.domain.naming import handle
from gridmask.domain.policy import Panel, Scope
from gridmask.domain.state import NOTHING
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.element import RowKey
    from gridmask.domain.events import Event
    from gridmask.domain.row import Row
    from gridmask.domain.state import State

Topics = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why rows are judged.

    Attributes:
        revision: the policies that are new; rows that they concern are marked with it.
        topics: what of the evidence is new, where nothing else is.
    """

    revision: str | None = None
    topics: Topics | None = None

    def calls_for(self, row: Row, panel: Callable[[RowKey], Panel], now: datetime) -> bool:
        """Whether ``row``, about which its ``panel`` has a say, can become another.

        What the guard holds is judged in any case: it compares the row with what automation wants it to be.
        """
        if row.hold is not None:
            return True
        if self.revision is not None:
            return row.policy_revision == self.revision
        return self.topics is None or _bears_on(self.topics, row, panel(row.key), now)


ANY = Occasion()
"""Every row is judged."""


def occasion_of(event: Event, before: State) -> Occasion:
    """What is new of ``before`` after ``event``."""
    match event:
        case EvidenceChanged():
            return Occasion(topics=frozenset(_measured(event, before)))
        case DowntimesChanged():
            return Occasion(topics=frozenset(_declared(event)))
        case PoliciesLoaded():
            return Occasion(event.policies.revision)
        case _:
            return ANY


def _measured(event: EvidenceChanged, before: State) -> Iterator[tuple[str, str]]:
    for key in (*(item.key for item in event.put), *event.gone):
        known = before.evidence.get(handle(key.about), NOTHING).get(key)
        if known is not None:
            yield known.kind, known.vo
    yield from ((item.kind, item.vo) for item in event.put)


def _declared(event: DowntimesChanged) -> Iterator[tuple[str, str]]:
    yield from ((DOWNTIME, one.vo) for one in (*event.difference.added, *event.difference.edited, *event.before.values()))
    if event.coverage is not None:
        yield event.coverage.kind, ALL


def _bears_on(topics: Topics, row: Row, panel: Panel, now: datetime) -> bool:
    """Whether ``row`` could become another by what is new about ``topics``.

    Time alone can make it another, too: when it is due, while it must prove itself, and while it is held back for its flapping.
    """
    if panel.scope is Scope.ROW or panel.reads is None or row.penalty is not None:
        return True
    if row.standing.run is not None or row.status is Status.PROBING or (row.due is not None and row.due <= now):
        return True
    return any(kind in panel.reads or (vo == row.key.vo and vo != ALL) for kind, vo in topics)
