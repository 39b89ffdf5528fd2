"""Pictures of the past that are kept, so that not every change need be looked at: the rungs of a ladder.

They are worked out from what is kept anyway. Without them every answer is the same, and takes longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, insert, select

from gridmask.store.elements import in_parts
from gridmask.store.pictures import Picture, packed, unpacked
from gridmask.store.tables import snapshots

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

PART = 512 * 1024
"""So many bytes are sent to the database at a time: servers limit what one message may hold."""


class Rung(NamedTuple):
    """Where a snapshot stands: its revision, when that was made, how many changes there were up to it, and how many rows."""

    revision: int
    at: datetime
    seen: int
    rows: int


_RUNG = (snapshots.c.revision, snapshots.c.at, snapshots.c.seen, snapshots.c.rows)


async def rungs(connection: AsyncConnection) -> list[Rung]:
    """All snapshots, oldest first."""
    question = select(*_RUNG).where(snapshots.c.part == 0).order_by(snapshots.c.revision)
    return [Rung(*row) for row in await connection.execute(question)]


async def newest(connection: AsyncConnection) -> Rung | None:
    """The newest snapshot; None: there is none."""
    question = select(*_RUNG).where(snapshots.c.part == 0).order_by(snapshots.c.revision.desc()).limit(1)
    found = (await connection.execute(question)).first()
    return Rung(*found) if found else None


async def nearest(connection: AsyncConnection, revision: int) -> Picture:
    """The newest picture up to ``revision``; that of before all, where there is none or it cannot be read."""
    below = select(func.max(snapshots.c.revision)).where(snapshots.c.revision <= revision).scalar_subquery()
    return await _read(connection, below) or Picture()


async def read(connection: AsyncConnection, revision: int) -> Picture | None:
    """The picture after ``revision``; None where it is not kept, or cannot be read."""
    return await _read(connection, revision)


async def _read(connection: AsyncConnection, revision: object) -> Picture | None:
    question = select(snapshots.c.revision, snapshots.c.body).where(snapshots.c.revision == revision)
    parts = (await connection.execute(question.order_by(snapshots.c.part))).all()
    picture = unpacked(b"".join(part.body for part in parts)) if parts else None
    # one that is about another revision was put there by somebody else
    return picture if picture and picture.revision == parts[0].revision else None


async def keep(connection: AsyncConnection, rung: Rung, body: bytes) -> bool:
    """Keep a packed picture at ``rung``. Returns whether it was not there already: another process may have been quicker."""
    there = select(snapshots.c.part).where(snapshots.c.revision == rung.revision).limit(1)
    if await connection.scalar(there) is not None:
        return False
    for part, start in enumerate(range(0, len(body), PART)):
        row = {**rung._asdict(), "part": part, "body": body[start : start + PART]}
        await connection.execute(insert(snapshots), [row])
    return True


async def drop(connection: AsyncConnection, revisions: Iterable[int]) -> None:
    """Forget snapshots."""
    for part in in_parts(revisions):
        await connection.execute(delete(snapshots).where(snapshots.c.revision.in_(part)))


__all__ = ["PART", "Picture", "Rung", "drop", "keep", "nearest", "newest", "packed", "read", "rungs"]
