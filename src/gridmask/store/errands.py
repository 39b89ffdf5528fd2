"""Errands: requests that came with a key, so that they are done once however often they come.

That an errand was done is written in the very transaction that does it (promise K1): who asks again is answered by what is
committed, whatever became of the process that did it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, insert, select, update

from gridmask.domain.errors import InProgress, KeyReused
from gridmask.store.tables import idempotency_keys

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered. ``body``: packed; None: it must not be kept."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(slots=True)
class Errand:
    """What somebody asks for with a key.

    Attributes:
        actor: who.
        key: what they call it.
        fingerprint: of all that was asked for.
        request: the identifier of the request.
        at: when it came; ``since``: what came before then is forgotten.
        is_done: whether it changed something, and that is committed.
        is_over: whether it was answered.
    """

    actor: str
    key: str
    fingerprint: str
    request: str
    at: datetime
    since: datetime
    is_done: bool = field(default=False, init=False)
    is_over: bool = field(default=False, init=False)


@dataclass(frozen=True, slots=True)
class Done:
    """An errand that was done. ``answer`` None: it is not there, or not yet."""

    fingerprint: str
    request: str
    at: datetime
    answer: Answer | None


_ERRAND: ContextVar[Errand | None] = ContextVar("errand", default=None)


@contextmanager
def running(errand: Errand) -> Iterator[None]:
    """What is changed meanwhile, by whoever runs this, is done for ``errand``."""
    token = _ERRAND.set(errand)
    try:
        yield
    finally:
        errand.is_over = True
        _ERRAND.reset(token)


def current() -> Errand | None:
    """For what a transaction that begins now is made, as long as nothing was committed for it; None: for no errand."""
    errand = _ERRAND.get()
    # what a request began may outlast it
    return None if errand is None or errand.is_done or errand.is_over else errand


async def note(connection: AsyncConnection, errand: Errand) -> None:
    """Write down, on ``connection``, that ``errand`` is done: before it is, in the one transaction that does it.

    Raises:
        InProgress: another process has done it meanwhile. KeyReused: or something else, under that key.
    """
    found = await find(connection, errand)
    if found is not None:
        same = found.fingerprint == errand.fingerprint
        raise InProgress(errand.key, found.request) if same else KeyReused(errand.key, found.request)
    await connection.execute(delete(idempotency_keys).where(_same(errand)))
    row = {"actor": errand.actor, "key": errand.key, "fingerprint": errand.fingerprint}
    await connection.execute(insert(idempotency_keys).values(**row, request=errand.request, at=errand.at))


async def find(connection: AsyncConnection, errand: Errand) -> Done | None:
    """What was done under the same key; None: nothing that is remembered."""
    question = select(idempotency_keys).where(_same(errand), idempotency_keys.c.at >= errand.since)
    row = (await connection.execute(question)).first()
    return _done(row) if row else None


async def keep(connection: AsyncConnection, errand: Errand, answer: Answer) -> None:
    """Keep what was answered."""
    told = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
    await connection.execute(update(idempotency_keys).where(_same(errand)).values(told))


def _same(errand: Errand) -> ColumnElement[bool]:
    return and_(idempotency_keys.c.actor == errand.actor, idempotency_keys.c.key == errand.key)


def _done(row: Row[Any]) -> Done:
    answer = None if row.status is None else Answer(row.status, row.headers, row.body)
    return Done(row.fingerprint, row.request, row.at, answer)
