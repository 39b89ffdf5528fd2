"""Element types that inventories publish, in the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import select

from gridmask.domain.element import ElementType
from gridmask.store.tables import element_types
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def load(connection: AsyncConnection) -> list[ElementType]:
    """The published types."""
    found = await connection.execute(select(element_types))
    return [ElementType(row.name, row.family, row.category, row.status_types) for row in found]


async def save(connection: AsyncConnection, published: Iterable[ElementType]) -> None:
    """Keep ``published`` types; the later of one name replaces the earlier."""
    rows = [{"name": t.name, "family": t.family, "category": t.category, "status_types": t.status_types} for t in published]
    await upsert(connection, element_types, rows, key=("name",))
