"""Shares: work that goes on all the time, in equal parts of which each process has some, under leases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from gridmask.store.fences import Ticket
from gridmask.store.tables import work
from gridmask.store.work import queue_up

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.store.workers import Worker


async def take(
    connection: AsyncConnection, kind: str, holder: str, present: Collection[Worker], now: datetime, term: timedelta
) -> Mapping[str, Ticket]:
    """Have ``holder`` go on with its shares of ``kind`` for ``term``, and take up free ones up to a fair part of all.

    ``present``: who is there; those of them who do work of this kind are to have as many each.

    Returns:
        Its shares by key. Where these are more than a fair part, it is to let go of some; see :func:`surplus`.
    """
    number = await queue_up(connection)
    question = select(work.c.key, work.c.holder, work.c.token, work.c.lease_until).where(work.c.kind == kind)
    rows = (await connection.execute(question.order_by(work.c.key))).all()
    mine = {row.key: Ticket(kind, row.key, row.token) for row in rows if row.holder == holder}
    free = [row.key for row in rows if row.holder != holder and (not row.holder or row.lease_until <= now)]
    for key in free[: max(fair(len(rows), kind, present, holder) - len(mine), 0)]:
        mine[key] = Ticket(kind, key, number)
    for key, ticket in mine.items():
        began = {"began_at": now} if ticket.number == number else {}
        said = {"holder": holder, "token": ticket.number, "lease_until": now + term, **began}
        await connection.execute(update(work).where(work.c.kind == kind, work.c.key == key).values(said))
    return mine


def fair(count: int, kind: str, present: Collection[Worker], holder: str) -> int:
    """How many of ``count`` shares ``holder`` may have."""
    others = sum(kind in one.kinds.split(",") and one.name != holder for one in present)
    return -(-count // (others + 1))


async def holders(connection: AsyncConnection, kind: str, now: datetime) -> list[str]:
    """Who has any of them."""
    held = select(work.c.holder).where(work.c.kind == kind, work.c.holder != "", work.c.lease_until > now)
    return list(await connection.scalars(held.distinct().order_by(work.c.holder)))


async def leave(connection: AsyncConnection, held: Collection[Ticket], now: datetime) -> None:
    """Let others have these."""
    for ticket in held:
        mine = (work.c.kind == ticket.kind, work.c.key == ticket.key, work.c.token == ticket.number)
        await connection.execute(update(work).where(*mine).values(holder="", lease_until=None, ended_at=now))
