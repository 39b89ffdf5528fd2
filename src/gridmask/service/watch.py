"""The watch: how a process learns of what others commit, and has others know of what it commits itself.

The database is asked at intervals: short ones while somebody follows a mask here, longer ones where a bell would ring anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.bells.bell import Bell
    from gridmask.service.board import Board
    from gridmask.service.newsroom import Newsroom

FOLLOWED = 0.2
"""Seconds between two looks while somebody follows a mask."""

UNFOLLOWED = 0.5
"""Seconds between two while nobody does."""

WITH_BELL = 1.0
"""Seconds between two where others would ring: commands do not, and what is rung may be lost."""

AT_MOST_EVERY = 0.5
"""Seconds between two times that work is looked for since others committed something."""


class Watch:
    """Follows the database, and the bell. ``heeding`` are told of what others committed, beside the board."""

    def __init__(self, board: Board, newsroom: Newsroom, bell: Bell, heeding: list[Callable[[], None]]) -> None:
        self._board = board
        self._newsroom = newsroom
        self._bell = bell
        self.heeding = heeding
        self._own = -1

    def committed(self, revision: int | None) -> None:
        """This process committed something: ``revision``, if it made one."""
        self._own = max(self._own, revision or -1)
        self._bell.ring()

    @property
    def hears(self) -> bool:
        """Whether others would be heard to ring now."""
        return self._bell.is_heard

    def pace(self) -> float:
        """Seconds until the database is looked at again, if nothing is heard before."""
        if self._bell.is_heard:
            return WITH_BELL
        return FOLLOWED if self._newsroom.is_followed else UNFOLLOWED

    async def run(self) -> None:
        """Follow them, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._board.run(self.pace), name="board")
            tasks.create_task(self._bell.run(self._board.stir), name="bell")
            tasks.create_task(self._have_heeded(), name="heed others")

    async def ring(self) -> None:
        """Carry the bell alone, for ever: for a process that serves no masks."""
        await self._bell.run(self._heed)

    def _heed(self) -> None:
        for notice in self.heeding:
            notice()

    async def _have_heeded(self) -> None:
        known = self._board.revision
        while True:
            changed = self._board.next_change()
            revision = self._board.revision
            if revision > max(known, self._own) and known >= 0:
                self._heed()
                await asyncio.sleep(AT_MOST_EVERY)
            known = revision
            await changed.wait()
