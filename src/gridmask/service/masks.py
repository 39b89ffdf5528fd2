"""Masks: what each VO may use."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyio import to_thread

from gridmask.domain.errors import NotKnown
from gridmask.domain.mask import Absence
from gridmask.service import feeds
from gridmask.service.board import Board
from gridmask.service.bookmark import Bookmark
from gridmask.service.newsroom import Listening, Newsroom
from gridmask.service.served import ENCODERS, Served, require_format

if TYPE_CHECKING:
    from gridmask.domain.element import ElementKey
    from gridmask.domain.mask import Entry, Mask
    from gridmask.domain.status import Purpose, Status
    from gridmask.service.deltas import Deltas
    from gridmask.service.feeds import Feeds
    from gridmask.service.news import News
    from gridmask.service.vos import Vos

FORMATS = (*ENCODERS, *feeds.ENCODERS)
"""What a mask can be had in."""


@dataclass(frozen=True, slots=True)
class Part:
    """What the mask of ``vo`` says, in revision ``revision``, about elements by the names that were asked for.

    Nothing is said about a name that no element has.
    """

    vo: str
    revision: int
    said: Mapping[str, Mapping[ElementKey, Entry | Absence]]


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of a mask have each status, in its revision ``revision``."""

    revision: int
    by_status: Mapping[Status, int]


class Masks:
    """The use cases around masks."""

    def __init__(self, board: Board, vos: Vos, feeds: Feeds, deltas: Deltas) -> None:
        self._board = board
        self._deltas = deltas
        self.newsroom = Newsroom(board, deltas)
        self._vos = vos
        self._feeds = feeds
        self._counts: dict[str, Count] = {}

    async def revisions(self) -> Mapping[str, int]:
        """By VO, and ``all``, the last revision that changed its mask."""
        return await self._board.vo_names()

    async def serve(self, vo: str, encoding: str = "json", purpose: Purpose | None = None, *, coding: str = "") -> Served:
        """The mask of ``vo`` in one of :data:`FORMATS`, perhaps packed; with ``purpose``, only what may be used for it.

        Raises:
            NotKnown: there is no such VO. InvalidRequest: there is no such encoding.
        """
        require_format(encoding, FORMATS)
        source = self._board if encoding in ENCODERS else self._feeds
        return await source.serve(await self.canonical(vo), encoding, purpose, coding=coding)

    async def delta(self, vo: str, since: Bookmark, *, coding: str = "") -> Served:
        """What turns the mask of ``vo`` at ``since`` into the one of now, as JSON, perhaps packed.

        Raises:
            NotKnown: there is no such VO. NotResumable: nothing leads from there to here.
        """
        return await self._deltas.serve(await self.canonical(vo), since, coding=coding)

    async def mask(self, vo: str) -> Mask:
        """The mask of ``vo`` as a value."""
        return await self._board.mask(await self.canonical(vo))

    async def say(self, vo: str, names: Iterable[str], purpose: Purpose | None = None) -> Part:
        """What ``vo``'s mask says about the elements of each of ``names``, by itself (promise R1).

        With ``purpose``, only of the status types that may be used for it, which can be none.

        Raises:
            NotKnown: there is no such VO. An element that is not known is none of the reasons.
        """
        name = await self.canonical(vo)
        revision, said = await self._board.say(name, names)
        if purpose is not None:
            said = {asked: _usable(found, purpose) for asked, found in said.items()}
        return Part(name, revision, said)

    async def counts(self) -> Mapping[str, Count]:
        """By VO, and ``all``, how many rows of its mask have each status."""
        revisions = await self._board.vo_names()
        for left in self._counts.keys() - revisions.keys():
            self._counts.pop(left, None)
        for vo, revision in revisions.items():
            counted = self._counts.get(vo)
            if counted is None or counted.revision != revision:
                # it may be retired meanwhile
                with suppress(NotKnown):
                    mask = await self._board.mask(vo)
                    self._counts[vo] = await to_thread.run_sync(_count, mask)
        return dict(sorted(self._counts.items()))

    async def stream(self, vo: str, since: int | None, mark: str = "") -> AsyncGenerator[News, None]:
        """The whole mask of ``vo``, or what changed since the revision ``since``; then each change as it comes.

        Beside it, which batches that concern ``vo`` are held for a decision: if there are any, and whenever these are others
        than before. What cannot go on from ``since``, as ``mark`` tells that apart, begins with a whole mask.

        Raises:
            NotKnown: there is no such VO, or none any more.
        """
        listening, told = Listening(), None if since is None else Bookmark(since, mark)
        with self.newsroom.following(await self.canonical(vo), told, listening) as place:
            while True:
                listening.woken.clear()
                while (news := await place.more()) is not None:
                    yield news
                await listening.wait()

    async def canonical(self, vo: str) -> str:
        """The canonical name of ``vo``, which has a mask.

        Raises:
            NotKnown: there is no such VO.
        """
        # declared in the settings alone, it has none: nobody has operated the database with them yet
        return self._vos.among(vo, await self._board.vo_names())


def _usable(found: Mapping[ElementKey, Entry | Absence], purpose: Purpose) -> dict[ElementKey, Entry | Absence]:
    return {key: one if isinstance(one, Absence) else one.only_usable(purpose) for key, one in found.items()}


def _count(mask: Mask) -> Count:
    return Count(mask.revision, Counter(status for entry in mask.entries.values() for _, status in entry.statuses))
