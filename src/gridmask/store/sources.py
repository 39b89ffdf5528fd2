"""Sources in the database: how each fares, and until when its silence says something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select, update

from gridmask.domain.evidence import Coverage
from gridmask.store.columns import writable
from gridmask.store.tables import sources
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_UNTRIED: Mapping[str, Any] = {"failures": 0, "problems": (), "records": 0}


@dataclass(frozen=True, slots=True)
class Declared:
    """A source as the settings declare it. ``evidence`` is the kind that it gives; empty for an inventory."""

    name: str
    kind: str
    evidence: str
    url: str
    inventories: frozenset[str] = frozenset()


async def register(connection: AsyncConnection, declared: Iterable[Declared]) -> None:
    """Make the ``declared`` sources the ones that are configured; what is noted of them, and of others, stays."""
    await connection.execute(update(sources).values(configured=False))
    rows = [
        {
            "name": source.name,
            "kind": source.kind,
            "evidence": source.evidence,
            "configured": True,
            "url": source.url,
            "inventories": source.inventories,
            **_UNTRIED,
        }
        for source in declared
    ]
    await upsert(connection, sources, rows, key=("name",), keep=tuple(_UNTRIED))


async def load(connection: AsyncConnection, name: str | None = None) -> list[Row[Any]]:
    """What is noted of the configured source called ``name``; None: of all of them."""
    question = select(sources).where(sources.c.configured).order_by(sources.c.name)
    return list(await connection.execute(question if name is None else question.where(sources.c.name == name)))


async def note(connection: AsyncConnection, name: str, **noted: object) -> None:
    """Note how the last attempt went."""
    await connection.execute(update(sources).where(sources.c.name == name).values(**noted))


async def note_failure(connection: AsyncConnection, name: str, attempted_at: datetime, failure: str) -> None:
    """Note that the last attempt failed, and why."""
    noted = {"attempted_at": attempted_at, "failure": writable(failure), "failures": sources.c.failures + 1}
    await connection.execute(update(sources).where(sources.c.name == name).values(noted))


async def coverage(connection: AsyncConnection) -> dict[tuple[str, str], Coverage]:
    """What the configured sources of evidence cover, whether or not they ever answered."""
    return {
        (row.name, row.evidence): Coverage(row.name, row.evidence, row.answered_at, row.valid_until, row.inventories)
        for row in await load(connection)
        if row.evidence
    }


async def save_coverage(connection: AsyncConnection, saved: Coverage) -> None:
    """Keep that a source answered."""
    await note(connection, saved.source, answered_at=saved.answered_at, valid_until=saved.valid_until)
