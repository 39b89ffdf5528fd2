"""Marks: by what a revision is told apart from another one with the same number.

A database that was restored from a backup goes on from an earlier revision, and uses numbers again that readers have seen
already. So each revision has a mark, made of what the books say about it: who made it, when, and how they were asked. It needs
no place of its own that a backup would bring back with everything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import select

from gridmask.store.elements import in_parts
from gridmask.store.tables import audit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

_BYTES = 8


async def of(connection: AsyncConnection, revisions: Iterable[int]) -> dict[int, str]:
    """By revision, its mark: 16 characters. One of which the books say nothing has none."""
    found: dict[int, str] = {}
    for part in in_parts(revisions):
        question = select(*_SAID).where(audit.c.revision.in_(part))
        found |= {row[0]: _mark(*row) for row in await connection.execute(question)}
    return found


_SAID = (audit.c.revision, audit.c.at, audit.c.actor, audit.c.action, audit.c.comment, audit.c.address, audit.c.request)


def _mark(revision: int, at: datetime, *said: str) -> str:
    text = "\0".join((str(revision), at.isoformat(), *said))
    return blake2b(text.encode(), digest_size=_BYTES).hexdigest()
