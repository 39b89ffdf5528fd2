"""Leases in the database: work that one process does at a time. Who dies is followed by another, once its term is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, or_, select, update

from gridmask.store.tables import leases

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.ext.asyncio import AsyncConnection

NOBODY = ""


async def claim(connection: AsyncConnection, name: str, holder: str, now: datetime, term: timedelta) -> bool:
    """Have ``holder`` do the work called so for ``term`` from ``now``, if nobody else does. Returns whether it may.

    In a transaction that changes something: these come one after the other.
    """
    terms = {"holder": holder, "until": now + term}
    free = or_(leases.c.holder.in_((NOBODY, holder)), leases.c.until <= now)
    if (await connection.execute(update(leases).where(leases.c.name == name, free).values(terms))).rowcount:
        return True
    if await connection.scalar(select(leases.c.holder).where(leases.c.name == name)) is not None:
        return False
    await connection.execute(insert(leases).values(name=name, **terms))
    return True


async def leave(connection: AsyncConnection, name: str, holder: str, now: datetime) -> None:
    """Have ``holder`` do it no more: the next one need not wait."""
    mine = (leases.c.name == name, leases.c.holder == holder)
    await connection.execute(update(leases).where(*mine).values(holder=NOBODY, until=now))


async def holder_of(connection: AsyncConnection, name: str, now: datetime) -> str | None:
    """Who does it; None: nobody."""
    question = select(leases.c.holder).where(leases.c.name == name, leases.c.until > now)
    return await connection.scalar(question) or None
