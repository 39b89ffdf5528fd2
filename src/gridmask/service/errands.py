"""Errands: what comes with a key is done once, and answered alike however often it comes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import structlog

from gridmask.domain.errors import AnswerLost, InProgress, KeyReused, StoreUnavailable
from gridmask.store import errands
from gridmask.store.errands import Answer, Errand

if TYPE_CHECKING:
    from gridmask.clock import Clock
    from gridmask.store.database import Database

log = structlog.get_logger()

ANSWERED_WITHIN = timedelta(seconds=60)
"""What was done longer ago, and has no answer yet, will have none: whoever did it died before it was kept."""

MOST_BYTES = 8 * 2**20
"""How long an answer may be, packed, to be kept."""


class Errands:
    """What this process is asked to do once. What is changed for an errand, and that it is done, is one transaction.

    Args:
        database: where it is kept what was done.
        clock: what time it is.
        kept: how long.
    """

    def __init__(self, database: Database, clock: Clock, kept: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._kept = kept
        self._running: dict[tuple[str, str], Errand] = {}

    def errand(self, whose: str, key: str, request: str, *parts: bytes) -> Errand:
        """What ``request`` of whoever is called so asks for under ``key``: all that ``parts`` say."""
        hashed = sha256()
        for part in parts:
            hashed.update(b"%d:" % len(part) + part)
        now = self._clock()
        return Errand(whose, key, hashed.hexdigest(), request, now, now - self._kept)

    async def answered(self, errand: Errand) -> Answer | None:
        """What was answered to the same; None: it was not done yet.

        Raises:
            KeyReused: the key stands for something else. AnswerLost: it was done, and what was answered is not there.
            InProgress: it is being done.
        """
        busy = self._running.get((errand.actor, errand.key))
        if busy is not None:
            _require_same(errand, busy.fingerprint, busy.request)
            raise InProgress(errand.key, busy.request)
        async with self._database.reading() as connection:
            found = await errands.find(connection, errand)
        if found is None:
            return None
        _require_same(errand, found.fingerprint, found.request)
        if found.answer is None and errand.at - found.at < ANSWERED_WITHIN:
            raise InProgress(errand.key, found.request)
        if found.answer is None or found.answer.body is None:
            raise AnswerLost(errand.key, found.request, found.at)
        return Answer(found.answer.status, found.answer.headers, zlib.decompress(found.answer.body))

    @contextmanager
    def doing(self, errand: Errand) -> Iterator[None]:
        """What is changed meanwhile is changed for ``errand``.

        Raises:
            InProgress: it is being done already.
        """
        called = errand.actor, errand.key
        if busy := self._running.get(called):
            raise InProgress(errand.key, busy.request)
        self._running[called] = errand
        try:
            with errands.running(errand):
                yield
        finally:
            del self._running[called]

    async def keep(self, errand: Errand, status: int, headers: Mapping[str, str], body: bytes | None) -> None:
        """Keep what was answered; without ``body``, that it must not be kept. What is done is done, kept or not."""
        packed = None if body is None else zlib.compress(body)
        if packed is not None and len(packed) > MOST_BYTES:
            packed = None
        answer = Answer(status, headers, packed)
        try:
            await self._database.change(lambda connection, _: errands.keep(connection, errand, answer))
        except StoreUnavailable as error:
            log.warning("an answer could not be kept to be repeated", request=errand.request, problem=str(error))


def _require_same(errand: Errand, fingerprint: str, request: str) -> None:
    if fingerprint != errand.fingerprint:
        raise KeyReused(errand.key, request)
