"""Rulings in the database: how far automation goes with elements, by what people decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from immutables import Map
from sqlalchemy import delete, select

from gridmask.domain.automation import Mode, Ruling, Rulings
from gridmask.store.elements import KEY, key_of
from gridmask.store.tables import elements, rulings
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import ElementKey
    from gridmask.domain.instructions import SaveRuling


async def load(connection: AsyncConnection) -> Map[ElementKey, Rulings]:
    """All that were made about elements that are in the inventory, or were: they are few."""
    found: dict[ElementKey, dict[str, Ruling]] = {}
    for record in await connection.execute(select(rulings, *KEY).join(elements).order_by(*KEY, rulings.c.vo)):
        found.setdefault(key_of(record), {})[record.vo] = Ruling(Mode(record.mode), record.by, record.reason, record.at)
    return Map(found)


async def save(connection: AsyncConnection, saved: Iterable[SaveRuling], ids: Mapping[ElementKey, int]) -> None:
    """Keep rulings, new, other than before, or no more."""
    for one in saved:
        where = {"element_id": ids[one.element], "vo": one.vo}
        if one.ruling is None:
            about = rulings.c.element_id == where["element_id"]
            await connection.execute(delete(rulings).where(about, rulings.c.vo == one.vo))
        else:
            told = {"mode": one.ruling.mode, "by": one.ruling.by, "reason": one.ruling.reason, "at": one.ruling.at}
            await upsert(connection, rulings, [{**where, **told}], key=("element_id", "vo"))
