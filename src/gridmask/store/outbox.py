"""The outbox: what the outside must be told, at least once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select, update

from gridmask.store.columns import writable
from gridmask.store.tables import outbox

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def undelivered(connection: AsyncConnection, limit: int) -> list[Row[Any]]:
    """The oldest entries that were not delivered."""
    question = select(outbox).where(outbox.c.delivered_at.is_(None)).order_by(outbox.c.id).limit(limit)
    return list(await connection.execute(question))


async def delivered(connection: AsyncConnection, ids: list[int], now: datetime) -> None:
    """Note that entries were delivered."""
    await connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(delivered_at=now, failure=None))


async def failed(connection: AsyncConnection, number: int, failure: str) -> None:
    """Note that an entry could not be delivered this time."""
    noted = {"attempts": outbox.c.attempts + 1, "failure": writable(failure)}
    await connection.execute(update(outbox).where(outbox.c.id == number).values(noted))
