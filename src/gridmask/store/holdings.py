"""Holdings: elements in the inventory, each with as much of its rows as masks are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import func, select, type_coerce

from gridmask.domain.element import RowKey
from gridmask.domain.mask import Holding
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.transition import Standing
from gridmask.store.columns import AsRead, moment_of
from gridmask.store.elements import element_of, in_parts
from gridmask.store.tables import elements, statuses

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import Element

_AT_ONCE = 2_000
"""So many elements are read at once, where all are: what a driver has read of them is gone before the next are."""

_STATUS = {status.value: status for status in Status}
_ROWS = select(
    statuses.c.element_id,
    statuses.c.status_type,
    statuses.c.vo,
    statuses.c.status,
    type_coerce(statuses.c.since, AsRead),
    statuses.c.binding,
)

_Records = "Sequence[sa.Row[*tuple[Any, ...]]]"


async def load(connection: AsyncConnection, element_ids: Iterable[int] | None) -> list[Holding]:
    """These elements; None: all."""
    shared, found = _Shared(), []
    async for which in _parts(connection, element_ids):
        present = await connection.execute(select(elements).where(elements.c.taken_out_at.is_(None), which(elements.c.id)))
        listed = {record[0]: element_of(record) for record in present}
        rows = (await connection.execute(_ROWS.where(which(statuses.c.element_id)))).all() if listed else ()
        found += shared.holdings(listed, rows)
    return found


async def _parts(connection: AsyncConnection, element_ids: Iterable[int] | None) -> AsyncIterator[Any]:
    """What a column of element ids has to be, a part after the other."""
    if element_ids is not None:
        for part in in_parts(element_ids):
            yield lambda column, part=part: column.in_(part)
        return
    last = await connection.scalar(select(func.max(elements.c.id))) or 0
    for start in range(0, last + 1, _AT_ONCE):
        yield lambda column, start=start: column.between(start, start + _AT_ONCE - 1)


class _Shared:
    """What many rows have in common is made once, and kept once."""

    def __init__(self) -> None:
        self._standings: dict[tuple[int, datetime | str], Standing] = {}
        self._names: dict[tuple[str, str], tuple[str, str]] = {}

    def holdings(self, listed: dict[int, Element], records: Sequence[sa.Row[*tuple[Any, ...]]]) -> list[Holding]:
        """What is ``listed``, by id, with the rows that ``records`` tell of."""
        standings, names = self._standings, self._names
        rows: dict[int, dict[tuple[str, str], Row]] = {number: {} for number in listed}
        for number, status_type, vo, status, since, binding in records:
            if number not in rows:
                continue
            name = status_type, vo
            name = names.setdefault(name, name)
            standing = standings.get((status, since)) or self._standing(status, since)
            rows[number][name] = Row(RowKey(listed[number].key, *name), standing, binding=binding)
        return [Holding(element, rows[number]) for number, element in listed.items()]

    def _standing(self, status: int, since: datetime | str) -> Standing:
        found = self._standings[status, since] = Standing(_STATUS[status], moment_of(since))
        return found
