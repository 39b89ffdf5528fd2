"""Held: what waits in a batch, put so that somebody can decide about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gridmask.domain.decision import combine
from gridmask.domain.guard import Batch, BatchState
from gridmask.domain.rights import Action
from gridmask.domain.status import Status

if TYPE_CHECKING:
    from gridmask.domain.actor import Actor
    from gridmask.domain.decision import Reason
    from gridmask.domain.element import ElementKey
    from gridmask.domain.row import Row

MOST_WHYS = 5
LATELY = timedelta(days=3)
"""So long what was decided, or expired, is told of."""


@dataclass(frozen=True, slots=True)
class Item:
    """An element in a batch: those of its rows about which the same is to be said. ``after``: what is asked for."""

    element: ElementKey
    aspects: tuple[str, ...]
    vo: str
    before: Status
    after: Status


@dataclass(frozen=True, slots=True)
class Group:
    """What of a batch is at a site, and of a type; ``rows``: how many rows."""

    site: str
    type: str
    rows: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """Why some rows are asked for: by which policy of which layer, and for what reason; ``rows``: how many."""

    policy: str
    layer: str
    reason: Reason | None
    rows: int


@dataclass(frozen=True, slots=True)
class Held:
    """A batch that waits.

    Attributes:
        batch: the batch.
        rows: how many rows are held in it now, of those that are told.
        groups: where, and of what type; the most first.
        whys: why they are asked for; what holds for the most rows first.
        more: how many other reasons there are.
        becoming: how many would become what.
        decides: whether whoever reads may decide about it.
    """

    batch: Batch
    rows: int
    groups: tuple[Group, ...]
    whys: tuple[Why, ...]
    more: int
    becoming: tuple[tuple[Status, int], ...]
    decides: bool

    @property
    def value(self) -> str:
        """How a form names it, as it was seen."""
        return f"{self.batch.id} {self.batch.rows}"


def held(batch: Batch, rows: Sequence[Row], sites: Mapping[ElementKey, str], actor: Actor) -> Held:
    """The ``batch`` with these ``rows``, of elements at these ``sites``, as ``actor`` is told of it."""
    by_group: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_group[sites.get(row.key.element, ""), row.key.element.type].append(row)
    groups = (Group(site, type_, len(found), tuple(_items(found))) for (site, type_), found in by_group.items())
    whys = _whys(rows)
    becoming = Counter(row.opinion for row in rows)
    return Held(
        batch,
        len(rows),
        tuple(sorted(groups, key=lambda group: (-group.rows, group.site, group.type))),
        tuple(whys[:MOST_WHYS]),
        max(0, len(whys) - MOST_WHYS),
        tuple(sorted(becoming.items())),
        _decides(actor, batch, rows),
    )


def lately(batches: Iterable[Batch], now: datetime) -> list[tuple[Batch, str, datetime]]:
    """Those of ``batches`` that do not wait any more since not long ago: each with what became of it, and when."""
    over = [(batch, *_fate(batch)) for batch in batches if not batch.is_open(now)]
    return sorted((one for one in over if one[2] > now - LATELY), key=lambda one: one[2], reverse=True)


def _fate(batch: Batch) -> tuple[str, datetime]:
    if batch.decided_at is not None:
        return batch.state.value, batch.decided_at
    if batch.state is BatchState.HELD:
        return "expired", batch.expires_at
    # since when nothing asks for it, nobody notes
    return "nothing asks for it any more", batch.opened_at


def _items(rows: Iterable[Row]) -> Iterable[Item]:
    alike: dict[tuple[ElementKey, str, Status, Status], list[str]] = {}
    for row in rows:
        alike.setdefault((row.key.element, row.key.vo, row.status, row.opinion), []).append(row.key.status_type)
    for (element, vo, before, after), aspects in sorted(alike.items()):
        yield Item(element, tuple(aspects), vo, before, after)


def _whys(rows: Iterable[Row]) -> list[Why]:
    counted: Counter[tuple[str, str, Reason | None]] = Counter()
    for row in rows:
        for verdict in combine(row.verdicts).winners:
            for reason in verdict.reasons or (None,):
                counted[verdict.policy, verdict.layer, reason] += 1
    return [Why(*key, count) for key, count in counted.most_common()]


def _decides(actor: Actor, batch: Batch, rows: Iterable[Row]) -> bool:
    whose = batch.vos.union(row.key.vo for row in rows)
    return all(actor.may(Action.CONFIRM_HELD, vo) and actor.may(Action.DROP_HELD, vo) for vo in whose)
