"""The outbox: what the outside must be told, at least once. Entries come in the order in which they were committed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, insert, select

from gridmask.store.tables import outbox
from gridmask.store.upsert import insert_all

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

ADDRESSED = "message:"
"""Before the name of the one action that an entry is for: no other is told of it."""

_LONGEST_NAME = 64 - len(ADDRESSED)


async def add(connection: AsyncConnection, now: datetime, key: str, topic: str, payload: Mapping[str, Any]) -> None:
    """Have the outside told of something, under a ``key`` that is used for nothing else."""
    await connection.execute(insert(outbox).values(created_at=now, key=key, topic=topic, payload=payload))


async def address(connection: AsyncConnection, now: datetime, letters: Iterable[tuple[str, str, Mapping[str, Any]]]) -> None:
    """Have actions told of what is for them alone: the name of each, a key that is used for nothing else, and what."""
    rows = [{"created_at": now, "key": key, "topic": _addressed(name), "payload": payload} for name, key, payload in letters]
    await insert_all(connection, outbox, rows)


async def last(connection: AsyncConnection) -> int:
    """The number of the last entry; 0, if there is none."""
    return await connection.scalar(select(func.max(outbox.c.id))) or 0


async def after(connection: AsyncConnection, position: int, limit: int, only: str | None = None) -> list[Row[Any]]:
    """The first entries after ``position``: for everybody, or ``only`` those that are for the one of that name."""
    question = select(outbox).where(outbox.c.id > position, for_whom(only)).order_by(outbox.c.id)
    return list(await connection.execute(question.limit(limit)))


async def numbered(connection: AsyncConnection, numbers: Iterable[int]) -> list[Row[Any]]:
    """The entries with these numbers, in order."""
    return list(await connection.execute(select(outbox).where(outbox.c.id.in_(sorted(numbers))).order_by(outbox.c.id)))


def for_whom(only: str | None) -> ColumnElement[bool]:
    """That an entry is for everybody, or ``only`` for the one of that name."""
    if only is not None:
        return outbox.c.topic == _addressed(only)
    return outbox.c.topic.not_like(f"{ADDRESSED}%")


def _addressed(name: str) -> str:
    """The topic of what is for the action called so; what is too long for a topic has a digest in its place."""
    return ADDRESSED + (name if len(name) <= _LONGEST_NAME else sha256(name.encode()).hexdigest()[:_LONGEST_NAME])
