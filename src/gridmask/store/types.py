"""Element types, those of the settings in force and those that inventories publish, in the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from gridmask.domain.element import ElementType
from gridmask.store.tables import element_types
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection


async def load(connection: AsyncConnection) -> list[ElementType]:
    """The published types, then those of the settings in force: of one name, the later goes before the earlier."""
    return await _load(connection, select(element_types).order_by(element_types.c.declared, element_types.c.name))


async def declared(connection: AsyncConnection) -> list[ElementType]:
    """The types of the settings in force alone."""
    return await _load(connection, select(element_types).where(_DECLARED).order_by(element_types.c.name))


async def save(connection: AsyncConnection, published: Iterable[ElementType]) -> None:
    """Keep ``published`` types; the later of one name replaces the earlier."""
    await _save(connection, published, declared=False)


async def declare(connection: AsyncConnection, of_settings: Iterable[ElementType]) -> bool:
    """Make these, and no others, the types of the settings in force. Returns whether they were others before."""
    wanted = frozenset(of_settings)
    if frozenset(await declared(connection)) == wanted:
        return False
    await connection.execute(delete(element_types).where(_DECLARED))
    await _save(connection, wanted, declared=True)
    return True


_DECLARED: ColumnElement[bool] = element_types.c.declared.is_(True)


async def _load(connection: AsyncConnection, question: Any) -> list[ElementType]:  # noqa: ANN401 - a select of any columns
    found = await connection.execute(question)
    return [ElementType(row.name, row.family, row.category, row.status_types) for row in found]


async def _save(connection: AsyncConnection, types: Iterable[ElementType], *, declared: bool) -> None:
    rows = [
        {
            "name": type_.name,
            "declared": declared,
            "family": type_.family,
            "category": type_.category,
            "status_types": type_.status_types,
        }
        for type_ in types
    ]
    await upsert(connection, element_types, rows, key=("name", "declared"))
