"""Processes that do work, as long as they are heard of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from gridmask.store.tables import workers
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

HEARD_WITHIN = timedelta(seconds=30)
"""Who was silent for longer counts as gone."""

FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that does work.

    Attributes:
        name: tells it apart from all others.
        host: the machine that it runs on.
        version: of Gridmask.
        kinds: what it does, by commas.
        places: how many sources it reads at once.
        began_at: when it began; ``seen_at``: when it was last heard of.
    """

    name: str
    host: str
    version: str
    kinds: str
    places: int
    began_at: datetime
    seen_at: datetime


async def greet(connection: AsyncConnection, worker: Worker) -> None:
    """Hear of ``worker``."""
    await upsert(connection, workers, [asdict(worker)], key=("name",))


async def leave(connection: AsyncConnection, name: str) -> None:
    """Let there be none called ``name`` any more."""
    await connection.execute(delete(workers).where(workers.c.name == name))


async def forget(connection: AsyncConnection, now: datetime) -> None:
    """Forget those who were not heard of for long."""
    await connection.execute(delete(workers).where(workers.c.seen_at < now - FORGOTTEN_AFTER))


async def present(connection: AsyncConnection, now: datetime) -> list[Worker]:
    """Those who were heard of within their term."""
    question = select(workers).where(workers.c.seen_at > now - HEARD_WITHIN).order_by(workers.c.began_at, workers.c.name)
    return [Worker(*row) for row in await connection.execute(question)]


async def count(connection: AsyncConnection, kind: str, now: datetime) -> int:
    """How many of these do work of ``kind``."""
    return sum(kind in one.kinds.split(",") for one in await present(connection, now))
