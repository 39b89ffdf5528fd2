"""A mask in a few lines, as channels see one: with a past, and with readers who follow it as clients do."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from gridmask.api.streams import CLOSED, Stream
from gridmask.domain.errors import GridmaskError, NotResumable
from gridmask.service.bookmark import Bookmark
from gridmask.service.newsroom import Newsroom
from gridmask.service.served import Served
from tests.wires import Taken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from random import Random

    from gridmask.service.news import Listener
    from gridmask.service.newsroom import Place

VO = "cms"
Content = dict[str, int]


@dataclass
class Book:
    """All that was ever written, and what stands there now. It can go back to an earlier state, as a backup does."""

    past: list[tuple[str, Content]] = field(default_factory=lambda: [(f"{0:016x}", {})])
    failure: GridmaskError | None = None
    waiting: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _times: int = 0
    _names: tuple[str, ...] = (VO,)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.newsroom = Newsroom(cast("Any", self), cast("Any", _Deltas(self)))

    @property
    def mask(self) -> Content:
        return self.past[-1][1]

    # --- What happens to it

    def write(self, change: Mapping[str, int | None]) -> None:
        """The next revision: some elements are other, those that are None are gone."""
        self._times += 1
        content = {name: value for name, value in {**self.mask, **change}.items() if value is not None}
        self.past.append((f"{self._times:016x}", content))
        self._announce()

    def go_back(self, revision: int) -> None:
        """Have the state of ``revision`` again, as if nothing had happened since."""
        del self.past[revision + 1 :]
        self._announce()

    def retire(self) -> None:
        """The VO leaves."""
        self._names = ()
        self._announce()

    async def by_chance(self, chance: Random) -> None:
        if chance.random() < 0.05:
            self.go_back(chance.randrange(len(self.past)))
            # a database that is restored is looked at before anything else can be written
            await self.told()
        self.write({f"CE{chance.randrange(5)}": chance.choice((None, *range(5)))})

    async def told(self, _: object = None) -> None:
        """Let all be told."""
        for _ in range(30):
            await asyncio.sleep(0)

    def _announce(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    # --- What a board is to channels

    def next_change(self) -> asyncio.Event:
        return self._changed

    async def vo_names(self) -> Mapping[str, int]:
        await asyncio.sleep(0)
        return dict.fromkeys(self._names, len(self.past) - 1)

    def point(self, _: str) -> tuple[int, str]:
        return len(self.past) - 1, self.past[-1][0]

    async def serve(self, _: str, __: str) -> Served:
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        return self.served({"revision": len(self.past) - 1, "elements": self.mask})

    def served(self, told: Mapping[str, Any]) -> Served:
        revision = told["revision"]
        return Served(json.dumps(told).encode(), "", revision, self.past[revision][0])

    # --- Who reads it

    def following(self, since: int | None, listener: Listener) -> AbstractContextManager[Place]:
        place = None if since is None else Bookmark(since, self.past[since][0])
        return self.newsroom.following(VO, place, listener)

    def follower(self) -> Follower:
        return Follower(self)


@dataclass(frozen=True)
class _Deltas:
    """What the book's deltas are to channels."""

    book: Book

    async def serve(self, vo: str, since: Bookmark) -> Served:
        await asyncio.sleep(0)
        past, now = self.book.past, len(self.book.past) - 1
        if since.revision > now or past[since.revision][0] != since.mark:
            raise NotResumable(vo, since.revision, "other past")
        before, after = past[since.revision][1], self.book.mask
        elements = {name: value for name, value in after.items() if before.get(name) != value}
        gone = sorted(before.keys() - after.keys())
        return self.book.served({"since": since.revision, "revision": now, "elements": elements, "gone": gone})


@dataclass
class Follower:
    """A client: it makes the mask of what it is told, leaves, and comes back to where it was."""

    book: Book
    mask: Content = field(default_factory=dict)
    place: Bookmark | None = None
    is_gapless: bool = True
    _wire: Taken = field(default_factory=lambda: Taken(0))
    _stream: Stream | None = None
    _running: asyncio.Task[None] | None = None

    async def take_some(self, chance: Random) -> None:
        self._wire.take(self._wire.room + chance.randrange(4))
        await self.book.told()
        self._read()

    async def come_and_go(self, chance: Random) -> None:
        if self._stream is None:
            self._come(chance.randrange(5))
        else:
            await self._go(in_order=chance.random() < 0.5)

    async def catch_up(self) -> None:
        """Take all that there is; who was cut off comes back for it."""
        for _ in range(2):
            if self._stream is None:
                self._come(0)
            self._wire.take(1000)
            for _ in range(10):
                await self.book.told()
            self._read()
            if self._stream is None or not self._stream.is_cut:
                return
            await self._go(in_order=True)

    async def leave(self) -> None:
        if self._stream is not None:
            await self._go(in_order=True)

    def _come(self, room: int) -> None:
        self._wire, self._stream = Taken(room + 1), Stream()
        self._running = asyncio.create_task(self._follow(self._stream, self._wire))

    async def _follow(self, stream: Stream, wire: Taken) -> None:
        with self.book.newsroom.following(VO, self.place, stream) as place:
            await stream.run(place, wire)

    async def _go(self, *, in_order: bool) -> None:
        assert self._stream is not None
        assert self._running is not None
        if in_order:
            self._stream.close(CLOSED)
        else:
            self._wire.leave()
            self._stream.lost()
        await self._running
        self._read()
        self._stream = None

    def _read(self) -> None:
        while self._wire.frames:
            lines = self._wire.frames.pop(0).decode().strip().split("\n")
            if lines[0].startswith("event: "):
                self._hear(lines[0][7:], Bookmark.parse(lines[1][4:]), json.loads(lines[2][6:]))

    def _hear(self, event: str, place: Bookmark | None, told: Mapping[str, Any]) -> None:
        if event == "mask":
            self.mask = {}
        else:
            self.is_gapless &= self.place is not None and told["since"] == self.place.revision < told["revision"]
        self.mask = {name: value for name, value in self.mask.items() if name not in told.get("gone", ())} | told["elements"]
        self.place = place
