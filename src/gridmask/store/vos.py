"""VOs in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from gridmask.domain.vo import ALL
from gridmask.store.tables import counter, vos

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def load(connection: AsyncConnection) -> frozenset[str]:
    """The VOs that exist."""
    return frozenset(await connection.scalars(select(vos.c.name).where(vos.c.name != ALL)))


async def register(connection: AsyncConnection, names: Iterable[str], revision: int, now: datetime) -> None:
    """Make sure that the VOs called ``names`` exist. A new one's mask begins with ``revision``."""
    known = set(await connection.scalars(select(vos.c.name)))
    new = [{"name": name, "known_since": now, "mask_revision": revision} for name in sorted({*names, ALL} - known)]
    if new:
        await connection.execute(insert(vos), new)


async def last_revision(connection: AsyncConnection) -> int:
    """The last revision."""
    return await connection.scalar(select(counter.c.revision)) or 0


async def mask_revisions(connection: AsyncConnection) -> dict[str, int]:
    """By VO, and for :data:`~gridmask.domain.vo.ALL`, the last revision that changed its mask."""
    return {row.name: row.mask_revision for row in await connection.execute(select(vos.c.name, vos.c.mask_revision))}
