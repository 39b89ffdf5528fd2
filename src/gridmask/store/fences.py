"""Fences: what is done under a lease is committed only while the lease is held.

A process that stood still may find that its work is another's by now. So each of its transactions that change anything looks,
and locks, before it commits: the ticket by which the work was taken up must be the last one. No clock is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import update

from gridmask.domain.errors import LeaseLost
from gridmask.store.tables import work

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.clock import Clock


@dataclass(frozen=True, slots=True)
class Ticket:
    """By what ``kind`` and ``key`` were taken up; ``number``: of all tickets, the last one of that work counts."""

    kind: str
    key: str
    number: int

    @property
    def named(self) -> str:
        """What work it is, in words."""
        return f"{self.kind} {self.key}".rstrip()


@dataclass(frozen=True, slots=True)
class Fence:
    """What is done now is done under ``tickets``; each commit has them count for ``term`` from then."""

    tickets: tuple[Ticket, ...]
    clock: Clock
    term: timedelta


_FENCE: ContextVar[Fence | None] = ContextVar("fence", default=None)


@contextmanager
def within(fence: Fence) -> Iterator[None]:
    """What is changed meanwhile, by whoever runs this, is changed only as long as the tickets of ``fence`` count."""
    token = _FENCE.set(fence)
    try:
        yield
    finally:
        _FENCE.reset(token)


def current() -> Fence | None:
    """Under what a transaction that begins now is made; None: under no lease."""
    return _FENCE.get()


async def hold(connection: AsyncConnection, fence: Fence) -> None:
    """Keep the tickets of ``fence`` from all others until the transaction on ``connection`` is committed.

    Raises:
        LeaseLost: one of them does not count any more.
    """
    until = fence.clock() + fence.term
    for ticket in fence.tickets:
        mine = (work.c.kind == ticket.kind, work.c.key == ticket.key, work.c.token == ticket.number, work.c.holder != "")
        if not (await connection.execute(update(work).where(*mine).values(lease_until=until))).rowcount:
            raise LeaseLost(ticket.named)
