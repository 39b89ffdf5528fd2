"""The book of elements: all that the inventory tells of them, hosts and other names too.

The board learns of what masks are made of, at once. What else is edited moves no mask, and makes no revision that it could see.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.domain.errors import StoreUnavailable
from gridmask.store import elements

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gridmask.clock import Clock
    from gridmask.domain.element import Element, ElementKey
    from gridmask.service.board import Board
    from gridmask.store.database import Database

FRESH_FOR = timedelta(minutes=1)
"""How old what moves no mask may be."""


class ElementBook:
    """The elements in the inventory, read when somebody asks for them."""

    def __init__(self, database: Database, board: Board, clock: Clock) -> None:
        self._database = database
        self._board = board
        self._clock = clock
        self._elements: Mapping[ElementKey, Element] = {}
        self._read_at: datetime | None = None
        self._revision = -1
        self._reading = asyncio.Lock()

    async def read(self) -> Mapping[ElementKey, Element]:
        """The elements; what is given does not change any more, and is the very same while they are as they were.

        Raises:
            StoreUnavailable: the database is away, and has been since this process began.
        """
        if not self._is_fresh():
            async with self._reading:
                if not self._is_fresh():
                    await self._read()
        return self._elements

    def _is_fresh(self) -> bool:
        if self._read_at is None:
            return False
        current = self._revision == self._board.revision and self._clock() - self._read_at < FRESH_FOR
        return current or self._board.is_away

    async def _read(self) -> None:
        revision, now = self._board.revision, self._clock()
        try:
            async with self._database.reading() as connection:
                found = await elements.load(connection)
        except StoreUnavailable:
            # better as they were than not at all
            if self._read_at is None:
                raise
            return
        if found != self._elements:
            self._elements = found
        self._revision, self._read_at = revision, now
