"""Rulings in the database: how far automation goes with elements, by what people decided."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from immutables import Map
from sqlalchemy import delete, select

from gridmask.domain.automation import Mode, Ruling, Rulings
from gridmask.store.elements import KEY, in_parts, key_of
from gridmask.store.tables import elements, rulings
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import ElementKey
    from gridmask.domain.instructions import SaveRuling


async def load(connection: AsyncConnection, element_ids: Iterable[int] | None = None) -> Map[ElementKey, Rulings]:
    """Those that were made about these elements, in the inventory or not; None: about any."""
    question = select(rulings, *KEY).join(elements).order_by(*KEY, rulings.c.vo)
    found: dict[ElementKey, dict[str, Ruling]] = {}
    for part in [None] if element_ids is None else in_parts(element_ids):
        chosen = question if part is None else question.where(rulings.c.element_id.in_(part))
        for record in await connection.execute(chosen):
            found.setdefault(key_of(record), {})[record.vo] = Ruling(Mode(record.mode), record.by, record.reason, record.at)
    return Map(found)


async def save(connection: AsyncConnection, saved: Iterable[SaveRuling], ids: Mapping[ElementKey, int]) -> None:
    """Keep rulings, new, other than before, or no more."""
    made: list[dict[str, object]] = []
    over: dict[str, list[int]] = defaultdict(list)
    for one in saved:
        number, ruling = ids[one.element], one.ruling
        if ruling is None:
            over[one.vo].append(number)
        else:
            told = {"mode": ruling.mode, "by": ruling.by, "reason": ruling.reason, "at": ruling.at}
            made.append({"element_id": number, "vo": one.vo, **told})
    for vo, numbers in over.items():
        for part in in_parts(numbers):
            await connection.execute(delete(rulings).where(rulings.c.vo == vo, rulings.c.element_id.in_(part)))
    await upsert(connection, rulings, made, key=("element_id", "vo"))
