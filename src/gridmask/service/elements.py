"""Elements: what the inventory has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.domain.element import Element
from gridmask.service.offers import as_told, everything
from gridmask.store import elements

if TYPE_CHECKING:
    from gridmask.service.offers import Reads
    from gridmask.service.vos import Vos
    from gridmask.store.database import Database

MOST = 1000


@dataclass(frozen=True, slots=True)
class ElementPage:
    """Part of the inventory. ``cursor`` asks for what comes after it; None: that was all."""

    elements: tuple[Element, ...]
    cursor: int | None


class Elements:
    """The use cases around the inventory."""

    def __init__(self, database: Database, vos: Vos) -> None:
        self._database = database
        self._vos = vos

    async def page(
        self,
        where: Mapping[str, str],
        *,
        vo: str | None = None,
        reads: Reads = everything,
        cursor: int = 0,
        limit: int = 100,
    ) -> ElementPage:
        """The elements whose ``family``, ``type``, ``name``, ``site``, ``category`` or ``source`` are those of ``where``.

        ``vo``: only those offered to it; ``reads``: as whoever reads about these VOs is told them. ``limit`` at a time; fewer
        do not mean that there are no more, a missing cursor does.
        """
        limit = min(limit, MOST)
        offered_to = await self._vos.resolve(vo) if vo else None
        async with self._database.reading() as connection:
            found = await elements.page(connection, where, cursor, limit)
        asked = (element for _, element in found if offered_to is None or element.is_offered_to(offered_to))
        kept = tuple(told for element in asked if (told := as_told(element, reads)) is not None)
        return ElementPage(kept, found[-1][0] if len(found) == limit else None)
