"""Calendars: the downtimes that concern a VO, for programs that people look at their days with."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from anyio import to_thread

from gridmask.domain.element import SITE, Element, ElementKey
from gridmask.domain.errors import NotKnown, StoreUnavailable
from gridmask.domain.vo import ALL
from gridmask.feeds.downtimes_ics import Occasion, encode
from gridmask.service.concerned import ByHandle, by_handle, concerned
from gridmask.service.served import Served, packed, validated
from gridmask.store import downtimes
from gridmask.store.downtimes import Version

if TYPE_CHECKING:
    from gridmask.clock import Clock
    from gridmask.service.board import Board
    from gridmask.service.element_book import ElementBook
    from gridmask.service.masks import Masks
    from gridmask.store.database import Database

KEPT_FOR = timedelta(days=30)
"""How long a downtime stays in the calendar after it was over, or withdrawn."""

GOOD_FOR = timedelta(minutes=1)
"""How long the same calendar is given, while no downtime changes, before it is looked at what has passed out of it."""

_REMEMBERED = 256


class _Asked(NamedTuple):
    vo: str
    site: str | None
    zipped: bool


class _Made(NamedTuple):
    """A calendar, and what it was made of."""

    mark: downtimes.Mark
    elements: Mapping[ElementKey, Element]
    at: datetime
    served: Served

    def is_good(self, mark: downtimes.Mark, elements: Mapping[ElementKey, Element], now: datetime) -> bool:
        """Whether it would be made no other, but for what has passed out of it since."""
        return self.mark == mark and self.elements is elements and self.at <= now < self.at + GOOD_FOR


class Calendars:
    """The use case: a VO's downtimes as a calendar. They are made one after another, since a large one takes a second."""

    def __init__(self, database: Database, board: Board, masks: Masks, book: ElementBook, clock: Clock) -> None:
        self._database = database
        self._board = board
        self._masks = masks
        self._book = book
        self._clock = clock
        self._made: dict[_Asked, _Made] = {}
        self._one_at_a_time = asyncio.Lock()

    async def serve(self, vo: str, site: str | None = None, *, zipped: bool = False) -> Served:
        """The downtimes of what is offered to ``vo``, at ``site`` or anywhere, as bytes, perhaps packed with gzip.

        Raises:
            NotKnown: there is no such VO, or no such site. StoreUnavailable: the database is away, and nothing is remembered.
        """
        asked = _Asked(await self._masks.canonical(vo), site, zipped)
        async with self._one_at_a_time:
            elements = await self._book.read()
            if site is not None and ElementKey(SITE, SITE, site) not in elements:
                raise NotKnown("site", site, (key.name for key in elements if key.type == SITE))
            self._remember(asked, await self._current(asked, elements))
            return self._made[asked].served

    async def _current(self, asked: _Asked, elements: Mapping[ElementKey, Element]) -> _Made:
        before = self._made.pop(asked, None)
        try:
            return await self._make(asked, elements, before)
        except StoreUnavailable:
            # better as it was than not at all
            if before is None:
                raise
            return before

    def _remember(self, asked: _Asked, made: _Made) -> None:
        self._made[asked] = made
        if len(self._made) > _REMEMBERED:
            del self._made[next(iter(self._made))]

    async def _make(self, asked: _Asked, elements: Mapping[ElementKey, Element], before: _Made | None) -> _Made:
        now, revision = self._clock(), self._board.revision
        async with self._database.reading() as connection:
            mark = await downtimes.mark(connection)
            if before is not None and before.is_good(mark, elements, now):
                return before
            found = await downtimes.latest(connection, now - KEPT_FOR)
        body = await to_thread.run_sync(_encoded, asked, found, elements, now)
        served = validated(body, revision)
        return _Made(mark, elements, now, await to_thread.run_sync(packed, served) if asked.zipped else served)


def _shown(vo: str, site: str | None, elements: Mapping[ElementKey, Element]) -> list[Element]:
    """The elements that a calendar is about."""
    offered = (element for element in elements.values() if element.in_service and element.is_offered_to(vo))
    return [element for element in offered if site is None or element.site == site]


def _encoded(
    asked: _Asked, found: Iterable[tuple[Version, int]], elements: Mapping[ElementKey, Element], now: datetime
) -> bytes:
    called = by_handle(_shown(asked.vo, asked.site, elements))
    heard = ((version, changes) for version, changes in found if version.downtime.vo in {asked.vo, ALL})
    occasions = (_occasion(version, changes, called) for version, changes in heard)
    title = f"Downtimes for {asked.vo}" + (f" at {asked.site}" if asked.site is not None else "")
    return encode(title, (occasion for occasion in occasions if occasion.elements), now)


def _occasion(version: Version, changes: int, called: ByHandle) -> Occasion:
    about = concerned(version.downtime.targets, called)
    stamp = version.known_to or version.known_from
    return Occasion(version.downtime, about, stamp, changes, withdrawn=version.known_to is not None)
