"""Figures of an installation, by which one sees how it fares. Each is counted by an index; none takes long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from gridmask.store.tables import changes, elements, statuses, work, workers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits to be done.

    Attributes:
        waiting: how much of it.
        since: since when the first of it could have been done; None: nothing waits.
        running: how much is being done.
    """

    waiting: int = 0
    since: datetime | None = None
    running: int = 0

    def lag(self, now: datetime) -> float:
        """How many seconds the first of it has waited."""
        return (now - self.since).total_seconds() if self.since else 0.0


async def due(connection: AsyncConnection, now: datetime) -> Queue:
    """The rows that may be another by now, and are not looked at yet."""
    late = (statuses.c.due <= now) & elements.c.taken_out_at.is_(None)
    question = select(func.count(), func.min(statuses.c.due)).select_from(statuses).join(elements).where(late)
    return Queue(*(await connection.execute(question)).one())


async def held(connection: AsyncConnection) -> int:
    """How many rows the guard holds."""
    return await connection.scalar(select(func.count(statuses.c.hold_batch)).where(statuses.c.hold_batch.is_not(None))) or 0


async def taken(connection: AsyncConnection, since: datetime) -> Mapping[str, int]:
    """By the VO whose rows they are, how many usable rows automation took after ``since``."""
    question = select(changes.c.vo, func.count()).where(changes.c.at > since, changes.c.taken.is_not(None))
    return {row[0]: row[1] for row in await connection.execute(question.group_by(changes.c.vo))}


async def queues(connection: AsyncConnection, now: datetime) -> Mapping[str, Queue]:
    """By kind, the work that processes share: what of it is due and nobody does, and what somebody does."""
    waits = (work.c.holder == "") & (work.c.due_at <= now)
    question = select(
        work.c.kind,
        func.sum(case((waits, 1), else_=0)),
        func.min(case((waits, work.c.due_at))),
        func.sum(case((work.c.lease_until > now, 1), else_=0)),
    ).group_by(work.c.kind)
    return {
        kind: Queue(int(waiting), since, int(running)) for kind, waiting, since, running in await connection.execute(question)
    }


async def at_work(connection: AsyncConnection, now: datetime, within: timedelta) -> int:
    """How many processes that do work were heard of of late."""
    return await connection.scalar(select(func.count()).select_from(workers).where(workers.c.seen_at > now - within)) or 0
