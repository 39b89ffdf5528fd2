"""Feeds: masks in the formats of others that tell more than statuses, as bytes.

Each is encoded at most once per change, when somebody asks for it, off the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from anyio import to_thread

from gridmask.domain.errors import NotKnown
from gridmask.domain.mask import mask_of
from gridmask.domain.status import Purpose
from gridmask.feeds import ssb, usable_sites, vo_feed
from gridmask.feeds.sites import sites
from gridmask.service.served import packed, validated
from gridmask.service.shelf import Made, Shelf
from gridmask.store import vos

if TYPE_CHECKING:
    from gridmask.domain.element import Element, ElementKey
    from gridmask.domain.mask import Holding
    from gridmask.service.board import Board
    from gridmask.service.element_book import ElementBook
    from gridmask.service.served import Served
    from gridmask.store.database import Database

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Scene(NamedTuple):
    """What feeds are made of. ``elements`` and ``updated`` only of a format that tells them."""

    holdings: Mapping[ElementKey, Holding]
    elements: Mapping[ElementKey, Element]
    updated: datetime
    portal: str


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """What a feed was made of."""

    holdings: Mapping[ElementKey, Holding]
    elements: Mapping[ElementKey, Element] | None

    def __eq__(self, other: object) -> bool:
        """Whether it is the very same: to compare it all would take longer than to make a feed."""
        return isinstance(other, _Ground) and self.holdings is other.holdings and self.elements is other.elements

    def __hash__(self) -> int:
        return id(self.holdings)


class _Asked(NamedTuple):
    vo: str
    form: str
    purpose: Purpose | None
    coding: str = ""


_Encoder = Callable[[str, int, _Scene, "Purpose | None"], bytes]


def _vo_feed(vo: str, revision: int, scene: _Scene, purpose: Purpose | None) -> bytes:
    mask = mask_of(vo, revision, scene.holdings.values())
    return vo_feed.encode(mask if purpose is None else mask.only_usable(purpose), scene.elements, scene.updated)


def _usable_sites(vo: str, _: int, scene: _Scene, purpose: Purpose | None) -> bytes:
    return usable_sites.encode(sites(vo, scene.holdings.values(), scene.portal), purpose or Purpose.USE)


def _ssb(vo: str, _: int, scene: _Scene, purpose: Purpose | None) -> bytes:
    return ssb.encode(vo, sites(vo, scene.holdings.values(), scene.portal), purpose)


VO_FEED = "vo-feed"
ENCODERS: Mapping[str, _Encoder] = {VO_FEED: _vo_feed, "usable-sites": _usable_sites, "ssb": _ssb}


class Feeds:
    """The feeds of one installation; ``portal`` is where people find it, or empty."""

    def __init__(self, database: Database, board: Board, book: ElementBook, portal: str) -> None:
        self._database = database
        self._board = board
        self._book = book
        self._portal = portal
        self._shelf: Shelf[_Asked] = Shelf()

    async def serve(self, vo: str, form: str, purpose: Purpose | None = None, *, coding: str = "") -> Served:
        """What ``vo``, a canonical name, may use, in one of :data:`ENCODERS`, perhaps packed.

        Raises:
            NotKnown: there is no such VO, or none any more. StoreUnavailable: it has to be made, and the database is away.
        """
        await self._revision(vo)
        asked = _Asked(vo, form, purpose, coding)
        elements = await self._book.read() if form == VO_FEED else None
        make = self._pack if coding else self._make
        return await self._shelf.get(asked, lambda: _Ground(self._board.holdings, elements), lambda: make(asked, elements))

    async def _pack(self, asked: _Asked, elements: Mapping[ElementKey, Element] | None) -> Made:
        holdings = self._board.holdings
        served = await self.serve(asked.vo, asked.form, asked.purpose)
        return _Ground(holdings, elements), await to_thread.run_sync(packed, served, asked.coding)

    async def _make(self, asked: _Asked, elements: Mapping[ElementKey, Element] | None) -> Made:
        revision, holdings = await self._revision(asked.vo), self._board.holdings
        updated = _EPOCH if elements is None else await self._updated(revision)
        scene = _Scene(holdings, elements or {}, updated, self._portal)
        body = await to_thread.run_sync(ENCODERS[asked.form], asked.vo, revision, scene, asked.purpose)
        return _Ground(holdings, elements), validated(body, revision, self._board.mark_of(revision))

    async def _updated(self, revision: int) -> datetime:
        async with self._database.reading() as connection:
            return await vos.made_at(connection, revision) or _EPOCH

    async def _revision(self, vo: str) -> int:
        known = await self._board.vo_names()
        if vo not in known:
            raise NotKnown("VO", vo, known)
        return known[vo]
