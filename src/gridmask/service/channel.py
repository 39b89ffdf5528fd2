"""A channel: the news of one VO's mask, made once for all who follow it.

It remembers the last steps, each of which leads from one revision of the mask to the next one that was told. Who is at the
beginning of a step can take it, whether they came with it or come back. All others are told what is theirs alone, and are on
the way of the others from then on.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from gridmask.domain.errors import NotKnown, NotResumable, StoreUnavailable
from gridmask.service.bookmark import Bookmark
from gridmask.service.news import Missed, News

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmask.domain.errors import GridmaskError
    from gridmask.service.board import Board
    from gridmask.service.deltas import Deltas
    from gridmask.service.news import Listener
    from gridmask.service.served import Served

MOST_STEPS = 256
"""So many steps are remembered: who is further behind has to come back."""

MOST_BYTES = 4 * 2**20
"""So many bytes of them, unless one has more."""

AT_ONCE = 256
"""So many listeners are woken until others have their turn: a few milliseconds."""

_CAUGHT = 64


class Channel:
    """The news of the mask of ``vo``, a canonical name."""

    def __init__(self, vo: str, board: Board, deltas: Deltas, catching_up: asyncio.Semaphore) -> None:
        self.vo = vo
        self.held: tuple[str, ...] = ()
        self.listeners: dict[Listener, None] = {}
        self._board = board
        self._deltas = deltas
        self._catching_up = catching_up
        self._head: Bookmark | None = None
        self._steps: dict[Bookmark, News] = {}
        self._size = 0
        self._beside: set[Bookmark] = set()
        self._caught: dict[Bookmark | None, News] = {}
        self._told_held: News | None = None

    async def run(self, told: Callable[[float], None]) -> None:
        """Tell each change as it comes; ``told`` is given the seconds that it took to wake all.

        Raises:
            NotKnown: there is no such VO, or none any more.
        """
        clock = asyncio.get_running_loop().time
        while True:
            changed = self._board.next_change()
            moved = await self._advance()
            began = clock()
            if moved:
                await self._wake()
                told(clock() - began)
            # what changed meanwhile is told as one: those who follow are never told faster than all of them can be
            await changed.wait()

    def end(self, error: GridmaskError) -> None:
        """Tell all who follow that there is no more."""
        for listener in list(self.listeners):
            listener.end(error)

    async def _wake(self) -> None:
        for number, listener in enumerate(list(self.listeners), 1):
            listener.wake()
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)

    async def _advance(self) -> bool:
        """Take the next step, if there is one. Returns whether there is anything to tell."""
        names = await self._board.vo_names()
        if self.vo not in names:
            raise NotKnown("VO", self.vo, names)
        held = tuple(batch for batch, vos in self._board.waiting.items() if self.vo in vos)
        is_other, self.held = held != self.held, held
        if self._head is None:
            self._head = Bookmark(*self._board.point(self.vo))
            return is_other
        news = await self._since(self._head)
        if news is not None:
            self._step(self._head, news)
        return is_other or news is not None

    def _step(self, before: Bookmark, news: News) -> None:
        if news.event == "mask":
            # nothing leads there from where others are: the database was restored
            self._steps.clear()
            self._beside.clear()
            self._size = 0
        self._head = news.at
        self._steps[before] = news
        self._size += len(news.data)
        while len(self._steps) > MOST_STEPS or (self._size > MOST_BYTES and len(self._steps) > 1):
            self._size -= len(self._steps.pop(next(iter(self._steps))).data)
        self._beside = {place for place in self._beside if place.revision > news.revision}

    def after(self, told: Bookmark | None) -> News | None:
        """What comes after ``told``; None: nothing yet.

        Raises:
            Missed: it is not remembered, or was never on the way.
        """
        if told is not None and told == self._head:
            return None
        step = self._steps.get(told) if told is not None else None
        if step is None and told not in self._beside:
            raise Missed
        return step

    async def catch_up(self, since: Bookmark | None) -> News | None:
        """What there is to tell to one who was told of ``since``, or of nothing, and missed what came then; None: nothing."""
        async with self._catching_up:
            news = self._kept(since) or await self._since(since)
        if self._head is None:
            # it is asked before the first step: without a head, whoever asks would miss everything again, and again at once
            self._head = Bookmark(*self._board.point(self.vo))
        place = since if news is None else news.at
        if place is not None and place.revision >= self._head.revision:
            self._beside.add(place)
        if news is None:
            return None
        # of all who asked meanwhile, each gets the same
        kept = self._kept(since)
        if kept is not None and kept.at == news.at:
            return kept
        self._keep(since, news)
        return news

    def tell_held(self, told: Bookmark) -> News:
        """Which batches are held, to one who was told of ``told``."""
        data = msgspec.json.encode({"batches": self.held})
        if self._told_held is None or (self._told_held.at, self._told_held.data) != (told, data):
            self._told_held = News("held", told.revision, data, told.mark)
        return self._told_held

    def _kept(self, since: Bookmark | None) -> News | None:
        news = self._caught.get(since)
        return news if news is not None and self._is_known(news.at) else None

    def _keep(self, since: Bookmark | None, news: News) -> None:
        self._caught.pop(since, None)
        self._caught[since] = news
        while len(self._caught) > _CAUGHT or (len(self._caught) > 1 and self._weight() > MOST_BYTES):
            self._caught.pop(next(iter(self._caught)))

    def _weight(self) -> int:
        return sum(len(news.data) for news in self._caught.values())

    def _is_known(self, place: Bookmark) -> bool:
        return place == self._head or place in self._steps

    async def _since(self, since: Bookmark | None) -> News | None:
        if since is not None:
            # what is not remembered here is in the database, which may be away
            with suppress(NotResumable, StoreUnavailable):
                served = await self._deltas.serve(self.vo, since)
                return _news("delta", served) if served.revision > since.revision else None
        return _news("mask", await self._board.serve(self.vo, "json"))


def _news(event: str, served: Served) -> News:
    return News(event, served.revision, served.body, served.mark)
