"""A glance at the database: one question, whose answer is another once there is anything new for masks, as a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from gridmask.store.tables import batches, counter, vos

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

Glance = tuple[object, ...]

_GLANCE = select(
    select(counter.c.revision).scalar_subquery(),
    select(func.count()).where(vos.c.retired_at.is_(None)).select_from(vos).scalar_subquery(),
    *(
        select(asked).select_from(batches).scalar_subquery()
        for asked in (func.count(), func.sum(batches.c.rows), func.max(batches.c.opened_at), func.max(batches.c.decided_at))
    ),
)


async def glance(connection: AsyncConnection) -> Glance:
    """The last revision, how many VOs there are, and how many batches, of how many rows, opened and decided when."""
    return tuple((await connection.execute(_GLANCE)).one())
