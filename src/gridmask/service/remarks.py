"""Remarks: why rows are as they are, of those of which there is something to say, as they last were in the database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from immutables import Map

from gridmask.domain.row import Row
from gridmask.store import elements, statuses, wordings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import ElementKey
    from gridmask.store.database import Database
    from gridmask.store.wordings import Mark

Said = Mapping[tuple[str, str], Row]
"""The remarkable rows of one element, by status type and VO."""

NOTHING: Said = {}
"""Those of an element that has none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What there was at one moment.

    Attributes:
        mark: how far the database had come.
        said: by element, its remarkable rows; the very same while nothing about the element was touched.
        touched: of which elements something may be other than at the mark that was asked about; None: of any.
    """

    mark: Mark
    said: Mapping[ElementKey, Said]
    touched: frozenset[ElementKey] | None


class Remarks:
    """The remarkable rows of all elements in the inventory: a replica, brought up to date by what was touched since."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mark: Mark | None = None
        self._said: Map[ElementKey, Said] = Map()
        self._alone = asyncio.Lock()

    async def read(self, since: Mark | None = None) -> Reading:
        """What there is now, and what was touched ``since``; what is given does not change any more.

        Raises:
            StoreUnavailable: the database is away.
        """
        # one at a time, each with a transaction that begins after the one before: what is taken in never goes back
        async with self._alone, self._database.reading() as connection:
            now = await wordings.mark(connection)
            if self._mark is None:
                self._said = Map(_gathered(await statuses.noted(connection)))
            elif now != self._mark:
                await self._take_in(connection, await wordings.touched(connection, self._mark, now))
            self._mark = now
            return Reading(now, self._said, await _touched(connection, since, now) if since else None)

    async def _take_in(self, connection: AsyncConnection, numbers: frozenset[int] | None) -> None:
        found = _gathered(await statuses.noted(connection, numbers))
        if numbers is None:
            self._said = Map({key: _same(self._said.get(key), said) for key, said in found.items()})
            return
        draft = self._said.mutate()
        for key in await elements.keys(connection, numbers):
            if key in found:
                draft[key] = _same(self._said.get(key), found[key])
            else:
                draft.pop(key, None)
        self._said = draft.finish()


async def _touched(connection: AsyncConnection, since: Mark, now: Mark) -> frozenset[ElementKey] | None:
    numbers = await wordings.touched(connection, since, now)
    return None if numbers is None else await elements.keys(connection, numbers)


def _same(before: Said | None, after: Said) -> Said:
    """``before``, where it says the same: whoever made something of it need not make it again."""
    return before if before is not None and before == after else after


def _gathered(rows: Iterable[Row]) -> dict[ElementKey, Said]:
    found: dict[ElementKey, dict[tuple[str, str], Row]] = {}
    for row in rows:
        found.setdefault(row.key.element, {})[row.key.status_type, row.key.vo] = row
    return dict(found)
