"""The newsroom: a channel for each VO whose mask somebody follows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Histogram

from gridmask.domain.errors import GridmaskError, StoreUnavailable
from gridmask.service.channel import Channel
from gridmask.service.news import Missed

if TYPE_CHECKING:
    from gridmask.service.board import Board
    from gridmask.service.bookmark import Bookmark
    from gridmask.service.deltas import Deltas
    from gridmask.service.news import Listener, News

log = structlog.get_logger()

CATCHING_UP = 4
"""So many readers are told at once what is theirs alone; all others who missed something wait for their turn."""

ROUND = Histogram(
    "gridmask_stream_round_seconds",
    "How long it takes to tell a change of a mask to all who follow it.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)


class Newsroom:
    """The channels of one installation."""

    def __init__(self, board: Board, deltas: Deltas) -> None:
        self._board = board
        self._deltas = deltas
        self._catching_up = asyncio.Semaphore(CATCHING_UP)
        self._channels: dict[str, tuple[Channel, asyncio.Task[None]]] = {}

    @property
    def is_followed(self) -> bool:
        """Whether anybody follows any mask."""
        return bool(self._channels)

    @contextmanager
    def following(self, vo: str, since: Bookmark | None, listener: Listener) -> Iterator[Place]:
        """A place in the news of the mask of ``vo``, a canonical name: that of who knows ``since``, or nothing.

        ``listener`` is woken whenever there may be something to tell from there.
        """
        channel = self._channel(vo)
        channel.listeners[listener] = None
        try:
            yield Place(channel, since)
        finally:
            channel.listeners.pop(listener, None)
            if not channel.listeners:
                self._close(channel)

    def _channel(self, vo: str) -> Channel:
        if vo not in self._channels:
            channel = Channel(vo, self._board, self._deltas, self._catching_up)
            self._channels[vo] = channel, asyncio.create_task(self._run(channel), name=f"news of {vo}")
        return self._channels[vo][0]

    def _close(self, channel: Channel) -> None:
        there = self._channels.get(channel.vo)
        if there is not None and there[0] is channel:
            del self._channels[channel.vo]
            there[1].cancel()

    async def _run(self, channel: Channel) -> None:
        try:
            await channel.run(ROUND.observe)
        except GridmaskError as error:
            self._over(channel, error)
        except Exception:
            log.exception("the news of a mask met a fault", vo=channel.vo)
            self._over(channel, StoreUnavailable("There are no news for now."))

    def _over(self, channel: Channel, error: GridmaskError) -> None:
        """End it for all who follow; for whoever comes back, there is another one."""
        self._channels.pop(channel.vo, None)
        channel.end(error)


class Place:
    """Where one reader is in the news of ``channel``: it was told of ``told``, or of nothing."""

    __slots__ = ("_channel", "_held", "told")

    def __init__(self, channel: Channel, told: Bookmark | None) -> None:
        self._channel = channel
        self._held: tuple[str, ...] = ()
        self.told = told

    def next(self) -> News | None:
        """The next news, which count as told then; None: there are none yet.

        Raises:
            Missed: it has to :meth:`catch_up`.
        """
        news = self._channel.after(self.told)
        if news is not None:
            self.told = news.at
        elif self._held != self._channel.held and self.told is not None:
            self._held = self._channel.held
            news = self._channel.tell_held(self.told)
        return news

    @property
    def is_lost(self) -> bool:
        """Whether it would have to catch up now."""
        try:
            self._channel.after(self.told)
        except Missed:
            return True
        return False

    async def catch_up(self) -> News | None:
        """What it missed, which counts as told then; None: nothing."""
        news = await self._channel.catch_up(self.told)
        if news is not None:
            self.told = news.at
        return news

    async def more(self) -> News | None:
        """The next news, even if it has to catch up for that; None: there are none yet."""
        try:
            return self.next()
        except Missed:
            return await self.catch_up() or self.next()


class Listening:
    """A listener that waits."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self._error: GridmaskError | None = None

    def wake(self) -> None:
        """See :class:`~gridmask.service.news.Listener`."""
        self.woken.set()

    def end(self, error: GridmaskError) -> None:
        """See :class:`~gridmask.service.news.Listener`."""
        self._error = error
        self.woken.set()

    async def wait(self) -> None:
        """Wait until there may be news.

        Raises:
            GridmaskError: there will be none any more.
        """
        await self.woken.wait()
        if self._error is not None:
            raise self._error
