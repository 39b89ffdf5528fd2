"""What need not be kept for ever: which records they are, how many, and how they go, a few at a time.

Changes of rows, audit records, policy revisions, versions of downtimes and of elements are kept for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, func, select, true

from gridmask.store.deliveries import DEAD
from gridmask.store.tables import (
    actions,
    decisions,
    deliveries,
    dirac_records,
    evidence,
    idempotency_keys,
    outbox,
    sweeps,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

FEW = 1000
"""So many records are dropped in one transaction: others wait for no more than that."""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Records of ``table`` that nobody needs any more.

    Attributes:
        table: whose records they are.
        which: which they are.
        still: what of that can become otherwise, and is asked again when they are dropped.
    """

    table: Table
    which: ColumnElement[bool]
    still: ColumnElement[bool] = field(default_factory=true)

    async def count(self, connection: AsyncConnection) -> int:
        """How many there are."""
        return await connection.scalar(select(func.count()).select_from(self.table).where(self.which)) or 0

    async def some(self, connection: AsyncConnection) -> list[int]:
        """The ids of a few of them."""
        return list(await connection.scalars(select(self.table.c.id).where(self.which).limit(FEW)))

    async def drop(self, connection: AsyncConnection, ids: list[int]) -> int:
        """Drop those of ``ids`` that still are leftovers. Returns how many."""
        return (await connection.execute(delete(self.table).where(self.those(ids)))).rowcount

    def those(self, ids: Collection[int]) -> ColumnElement[bool]:
        """Those of ``ids`` that still are leftovers."""
        return and_(self.table.c.id.in_(ids), self.still)


@dataclass(frozen=True, slots=True)
class Limits:
    """Before which moment each kind of record is dropped."""

    sweeps: datetime
    decisions: datetime
    outbox: datetime
    measurements: datetime
    snapshots: datetime
    answers: datetime
    dead_letters: datetime
    dirac_records: datetime


def leftovers(limits: Limits) -> Iterator[Leftovers]:
    """What is not needed any more."""
    yield Leftovers(sweeps, sweeps.c.at < limits.sweeps)
    yield Leftovers(decisions, _without_effect(limits.decisions))
    forgotten = and_(deliveries.c.failed_at < limits.dead_letters, deliveries.c.state == DEAD)
    yield Leftovers(deliveries, forgotten, still=forgotten)
    yield Leftovers(outbox, _told(limits.outbox), still=_unneeded())
    expired = evidence.c.valid_until < limits.measurements
    yield Leftovers(evidence, expired, still=expired)
    over = idempotency_keys.c.at < limits.answers
    yield Leftovers(idempotency_keys, over, still=over)
    stale = dirac_records.c.written_at < limits.dirac_records
    yield Leftovers(dirac_records, stale, still=stale)


def _without_effect(before: datetime) -> ColumnElement[bool]:
    """Decisions that changed no status, but for the last one of each row, which tells what is thought of it now."""
    later = decisions.alias()
    same = and_(*(later.c[name] == decisions.c[name] for name in ("element_id", "status_type", "vo")))
    another = exists().where(same, later.c.id > decisions.c.id)
    return and_(decisions.c.revision.is_(None), decisions.c.at < before, another)


def _told(before: datetime) -> ColumnElement[bool]:
    """What every action is through with, but for the very last entry, which tells how far the outbox is."""
    last = select(func.max(outbox.c.id)).scalar_subquery()
    behind = exists().where(actions.c.configured, actions.c.position < outbox.c.id)
    return and_(outbox.c.created_at < before, outbox.c.id < last, ~behind, _unneeded())


def _unneeded() -> ColumnElement[bool]:
    """That no action has failed on an entry, and may be told of it yet."""
    return ~exists().where(deliveries.c.entry_id == outbox.c.id)
