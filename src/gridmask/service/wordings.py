"""Wordings: why rows are as they are, for whoever tells it of all of them at once.

A replica, as the board is one of statuses; it is read when somebody asks, and from then on what changed is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from anyio import to_thread
from immutables import Map

from gridmask.domain.element import ElementKey
from gridmask.domain.errors import StoreUnavailable
from gridmask.domain.status import Status
from gridmask.feeds.diracx import Wording
from gridmask.service.board import HEEDED_WITHIN
from gridmask.store import elements, wordings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.service.board import Board
    from gridmask.store.database import Database

JOINT = "; "
"""What stands between reasons where they are told in one text."""

Words = dict[tuple[str, str], Wording]


class WordingBook:
    """The reasons of all rows that are not ``Active``."""

    def __init__(self, database: Database, board: Board) -> None:
        self._database = database
        self._board = board
        self._mark: wordings.Mark | None = None
        self._words: Map[ElementKey, Words] = Map()
        self._seen = -1
        self._reading: asyncio.Task[None] | None = None

    @property
    def words(self) -> Mapping[ElementKey, Words]:
        """By element, and by status type and VO of its rows. What is given does not change any more; what is new is another."""
        return self._words

    async def follow(self) -> None:
        """Take in, with all others who want it, what the board knows of. While the database is away, nothing becomes new."""
        # one that is under way may have begun too early
        for _ in range(2):
            if self._seen == self._board.refreshed or (self._mark is not None and self._board.is_away):
                return
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read(self._board.refreshed), name="read wordings")
            done, _pending = await asyncio.wait((self._reading,), timeout=HEEDED_WITHIN)
            for task in done:
                task.result()

    async def _read(self, seen: int) -> None:
        with suppress(StoreUnavailable):
            async with self._database.reading() as connection:
                now = await wordings.mark(connection)
                if now != self._mark:
                    numbers = await wordings.touched(connection, self._mark, now) if self._mark is not None else None
                    gone = await elements.keys(connection, numbers) if numbers is not None else None
                    records = await wordings.load(connection, numbers)
                    found = await to_thread.run_sync(_worded, records)
                    self._take(gone, found)
                    self._mark = now
            self._seen = seen

    def _take(self, touched: Iterable[ElementKey] | None, found: Mapping[ElementKey, Words]) -> None:
        """Replace the words about ``touched`` elements, or about all, by ``found`` ones."""
        words = Map(found) if touched is None else _replaced(self._words, touched, found)
        if words != self._words:
            self._words = words


def _replaced(
    words: Map[ElementKey, Words], touched: Iterable[ElementKey], found: Mapping[ElementKey, Words]
) -> Map[ElementKey, Words]:
    draft = words.mutate()
    for key in touched:
        draft.pop(key, None)
    draft.update(found)
    return draft.finish()


class _Reason(msgspec.Struct):
    """As much of a reason as is told."""

    text: str


_REASONS = msgspec.json.Decoder(list[_Reason])


def _worded(records: Iterable[wordings.Record]) -> dict[ElementKey, Words]:
    found: dict[ElementKey, Words] = {}
    for family, type_, name, status_type, vo, status, reasons in records:
        text = JOINT.join(reason.text for reason in _REASONS.decode(reasons) if reason.text)
        found.setdefault(ElementKey(family, type_, name), {})[status_type, vo] = Wording(Status(status), text)
    return found
