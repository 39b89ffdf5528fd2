"""Usability: what each VO may use, told as DiracX tells it, as bytes.

An answer is encoded at most once per change, when somebody asks for it, off the event loop.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from anyio import to_thread

from gridmask.domain.element import ElementKey
from gridmask.domain.errors import NotKnown
from gridmask.domain.mask import Holding
from gridmask.feeds.diracx import NOTHING, ROUTES, Wordings, encode
from gridmask.service.wordings import WordingBook

if TYPE_CHECKING:
    from gridmask.clock import Clock
    from gridmask.service.board import Board
    from gridmask.store.database import Database

WORTH_PACKING = 1000
"""Bytes from which on an answer is packed for whoever takes that."""

_Key = tuple[str, str, bool]


class _Ground(NamedTuple):
    """What answers are made of."""

    holdings: Mapping[ElementKey, Holding]
    words: Wordings

    def is_still(self, other: _Ground) -> bool:
        """Whether it is the very same: an edit that moves no mask may be told all the same."""
        return self.holdings is other.holdings and self.words is other.words


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route tells a VO.

    Attributes:
        body: the bytes.
        etag: a validator, without quotes; it ends with the VO, and is another if and only if the bytes are (promise R3).
        since: when these bytes took the place of others, or were first made by this process.
        packed: whether the bytes are packed with gzip.
    """

    body: bytes
    etag: str
    since: datetime
    packed: bool = False


class Usability:
    """The use case: what a VO may use, by DiracX's routes."""

    def __init__(self, database: Database, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._wordings = WordingBook(database, board)
        self._answers: dict[_Key, tuple[_Ground, Answer]] = {}
        self._encoding: dict[_Key, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def serve(self, vo: str, route: str, *, zipped: bool = False) -> Answer:
        """What ``route``, one of :data:`~gridmask.feeds.diracx.ROUTES`, tells ``vo``, a canonical name.

        Raises:
            NotKnown: there is no such VO, or none any more.
        """
        known = await self._board.vo_names()
        if vo not in known:
            raise NotKnown("VO", vo, known)
        await self._wordings.follow()
        key = (vo, route, zipped)
        found = self._answers.get(key)
        if found is not None and found[0].is_still(self._ground):
            return found[1]
        async with self._encoding[key]:
            found = self._answers.get(key)
            if found is None or not found[0].is_still(self._ground):
                found = await self._made(key, found[1] if found is not None else None)
                self._answers[key] = found
            return found[1]

    @property
    def _ground(self) -> _Ground:
        return _Ground(self._board.holdings, self._wordings.words)

    async def _made(self, key: _Key, before: Answer | None) -> tuple[_Ground, Answer]:
        vo, route, zipped = key
        if zipped:
            plain = await self.serve(vo, route)
            ground, _ = self._answers[vo, route, False]
            return ground, await to_thread.run_sync(_packed, plain, vo) if len(plain.body) >= WORTH_PACKING else plain
        ground = self._ground
        made = await to_thread.run_sync(_encoded, vo, route, ground, self._clock())
        # whoever was told these bytes before has them still
        return ground, before if before is not None and before.etag == made.etag else made


def _encoded(vo: str, route: str, ground: _Ground, now: datetime) -> Answer:
    body = encode(ROUTES[route], vo, ground.holdings.values(), ground.words)
    return Answer(body, f"empty-0-{vo}" if body == NOTHING else _validator(body, vo), now)


def _packed(plain: Answer, vo: str) -> Answer:
    # without the time of packing, which would make each time's bytes others
    body = gzip.compress(plain.body, 6, mtime=0)
    return replace(plain, body=body, etag=_validator(body, vo), packed=True)


def _validator(body: bytes, vo: str) -> str:
    return f"{hashlib.blake2b(body, digest_size=16).hexdigest()}-{vo}"
