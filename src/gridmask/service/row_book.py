"""The book of rows: all that DIRAC tells of each, for whoever tells of all of them at once.

A replica, as the board is one of masks; but whoever asks gets what there is in the database, whichever process put it there.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from anyio import to_thread
from immutables import Map

from gridmask.domain.decision import Reason
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.domain.transition import Standing
from gridmask.store import elements, journal, wordings
from gridmask.store.columns import moment_of
from gridmask.store.journal import Written

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row as Record

    from gridmask.store.database import Database

LITTLE = 100
"""So many elements are read again for whoever asks about a few of all."""

Pages = Mapping[ElementKey, tuple[Written, ...]]


@dataclass(frozen=True, slots=True)
class Edition:
    """What the book says at one moment.

    Attributes:
        number: another one says something else; one with the same number, the same.
        pages: by element in service, its rows with no more than is told of them, and when each last changed.
        ends: when the tokens of these end that end by themselves, in order.
    """

    number: int = 0
    pages: Pages = Map()
    ends: tuple[datetime, ...] = ()

    def ended(self, now: datetime) -> int:
        """How many tokens have ended. As long as that is so, time alone makes nothing else of what is told."""
        return bisect_right(self.ends, now)


class RowBook:
    """All rows of the elements in service."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mark: wordings.Mark | None = None
        self._edition = Edition()
        self._alone = asyncio.Lock()
        self._under_way: dict[bool, asyncio.Task[bool]] = {}

    async def read(self) -> Edition:
        """What there is now.

        Raises:
            StoreUnavailable: the database is away.
        """
        await self._follow(whole=True)
        return self._edition

    async def at_hand(self) -> Edition | None:
        """What there is now, unless that takes to read much: None then.

        Raises:
            StoreUnavailable: the database is away.
        """
        return self._edition if self._mark is not None and await self._follow(whole=False) else None

    async def _follow(self, *, whole: bool) -> bool:
        """Take in what there is, with all who want that; unless ``whole``, only if it is little. Returns whether it was."""
        before = self._under_way.get(whole)
        if before is not None and not before.done():
            # it may have begun too early; what comes after it has not
            await asyncio.wait((before,))
        task = self._under_way.get(whole)
        if task is None or task.done():
            task = asyncio.create_task(self._take_in(whole=whole), name="read the book of rows")
            # those who wait may all have gone when it fails
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._under_way[whole] = task
        await asyncio.wait((task,))
        return task.result()

    async def _take_in(self, *, whole: bool) -> bool:
        async with self._alone:
            async with self._database.reading() as connection:
                now = await wordings.mark(connection)
                if now == self._mark:
                    return True
                numbers = await wordings.touched(connection, self._mark, now) if self._mark is not None else None
                if not whole and (numbers is None or len(numbers) > LITTLE):
                    return False
                touched = await elements.keys(connection, numbers) if numbers is not None else None
                records = await journal.told(connection, numbers)
            self._edition = await to_thread.run_sync(_revised, self._edition, touched, records)
            self._mark = now
            return True


def _revised(edition: Edition, touched: Iterable[ElementKey] | None, records: Iterable[Record[*tuple[Any, ...]]]) -> Edition:
    """``edition`` with what ``records`` say of the elements that were ``touched``; None: of all."""
    found: dict[ElementKey, list[Written]] = {}
    for record in records:
        written = _written(record)
        found.setdefault(written.row.key.element, []).append(written)
    pages = Map(edition.pages).mutate() if touched is not None else Map[ElementKey, tuple[Written, ...]]().mutate()
    for key in touched or ():
        pages.pop(key, None)
    pages.update({key: tuple(sorted(its, key=_place)) for key, its in found.items()})
    revised = pages.finish()
    return edition if revised == edition.pages else Edition(edition.number + 1, revised, _ends(revised))


def _place(written: Written) -> RowKey:
    return written.row.key


def _ends(pages: Pages) -> tuple[datetime, ...]:
    tokens = (written.row.token for its in pages.values() for written in its)
    return tuple(sorted(token.expires_at for token in tokens if token is not None and token.expires_at is not None))


_REASONS = msgspec.json.Decoder(tuple[Reason, ...])


@lru_cache(4096)
def _reasons(kept: str) -> tuple[Reason, ...]:
    # many rows are as they are for the same reasons
    return _REASONS.decode(kept)


def _written(record: Record[*tuple[Any, ...]]) -> Written:
    family, type_, name, status_type, vo, status, since, binding, reasons, owner, expires_at, at = record
    token = Token(owner, _moment(expires_at)) if owner is not None else None
    standing = Standing(Status(status), moment_of(since))
    row = Row(
        RowKey(ElementKey(family, type_, name), status_type, vo), standing, _reasons(reasons), token=token, binding=binding
    )
    return Written(row, _moment(at))


def _moment(read: datetime | str | None) -> datetime | None:
    return None if read is None else moment_of(read)
