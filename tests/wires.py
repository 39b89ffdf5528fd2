"""Wires that tests hold both ends of."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridmask.api.wire import Frame, Reader


@dataclass(eq=False)
class Taken:
    """A wire whose reader takes so many frames, ``room``, and no more until it is given more room."""

    room: float = float("inf")
    frames: list[bytes] = field(default_factory=list)
    made: list[Frame] = field(default_factory=list)
    moved_at: float = 0.0
    aborted: bool = False
    _reader: Reader | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_full(self) -> bool:
        return self.room <= 0

    def begin(self, reader: Reader) -> None:
        self._reader = reader
        self.moved_at = asyncio.get_running_loop().time()

    def write(self, frame: Frame) -> None:
        assert not self.is_full, "a wire that is full was written to"
        self.frames.append(frame.plain)
        self.made.append(frame)
        self.room -= 1
        self._news.set()

    def take(self, room: float = float("inf")) -> None:
        """Let so many more through."""
        self.room = room
        if self._reader is not None:
            self._reader.drained()

    def leave(self) -> None:
        """The reader hangs up."""
        if self._reader is not None:
            self._reader.lost()

    async def until(self, number: int) -> list[bytes]:
        """The frames, once there are so many."""
        async with asyncio.timeout(5):
            while len(self.frames) < number:
                self._news.clear()
                await self._news.wait()
        return self.frames

    async def finish(self) -> bool:
        return not self.is_full

    async def abort(self) -> None:
        self.aborted = True

    def end(self) -> None:
        self._reader = None
