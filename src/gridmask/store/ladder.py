"""The ladder: which snapshots there are to be, so that a question about the past never looks at very many changes.

A rung is due as soon as there are more changes after the last one than it has rows, and than :data:`STEP`. So rungs take less
room than the changes that they save looking at, however many of both there are.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from gridmask.store import replay, snapshots
from gridmask.store.pictures import BEGINNING, packed
from gridmask.store.snapshots import Rung
from gridmask.store.tables import audit, changes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.store.database import Database

STEP = 10_000
"""So many changes are quickly looked at: no need for a rung between them."""

THINNED = 4
"""Where the ladder is thinned out, questions look at so many times as many changes."""

_GROUND = Rung(0, BEGINNING, 0, 0)


async def climb(database: Database, step: int = STEP) -> Rung | None:
    """Make the next rung that is due, if any. It is worked out while others write; they wait for a moment in the end.

    Several processes may do so at once: one is the first, the others come for nothing.
    """
    async with database.reading() as connection:
        place = await _next(connection, step)
        if place is None:
            return None
        picture = await replay.picture(connection, place.revision)
    rung, body = place._replace(rows=len(picture.rows)), packed(picture)
    await database.change(lambda connection, _: snapshots.keep(connection, rung, body))
    return rung


async def due(connection: AsyncConnection, step: int = STEP) -> int:
    """How many rungs are to be made, about."""
    last = await snapshots.newest(connection) or _GROUND
    after = await connection.scalar(select(func.count()).where(changes.c.revision > last.revision)) or 0
    return int(after // max(step, last.rows))


def sparse(rungs: Iterable[Rung], before: datetime, step: int = STEP) -> list[int]:
    """The revisions of the rungs of ``before`` then without which the gaps are still no more than :data:`THINNED` steps."""
    ordered, dropped, seen = list(rungs), [], 0
    for rung, following in pairwise(ordered):
        if rung.at < before and following.seen - seen <= THINNED * max(step, rung.rows):
            dropped.append(rung.revision)
        else:
            seen = rung.seen
    return dropped


async def _next(connection: AsyncConnection, step: int) -> Rung | None:
    """Where the next rung is due, without its rows."""
    last = await snapshots.newest(connection) or _GROUND
    far = select(changes.c.revision).where(changes.c.revision > last.revision).order_by(changes.c.revision)
    revision = await connection.scalar(far.offset(max(step, last.rows) - 1).limit(1))
    if revision is None:
        return None
    between = changes.c.revision.between(last.revision + 1, revision)
    seen = await connection.scalar(select(func.count()).where(between)) or 0
    made = await connection.scalar(select(audit.c.at).where(audit.c.revision == revision))
    assert made is not None, f"revision {revision} has no audit record"
    return Rung(revision, made, last.seen + seen, 0)
