"""Sources in the database: how each fares, and until when its silence says something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, select, update

from gridmask.domain.element import ElementKey
from gridmask.domain.evidence import Coverage
from gridmask.printable import writable
from gridmask.store.elements import KEY
from gridmask.store.tables import changes, downtimes, element_versions, elements, evidence, sources
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

OF_LATE = timedelta(days=1)
"""What answers of a source took out within this counts together."""

_UNTRIED: Mapping[str, Any] = {"failures": 0, "problems": (), "records": 0}


@dataclass(frozen=True, slots=True)
class Declared:
    """A source as the settings declare it. ``evidence`` is the kind that it gives; empty for an inventory."""

    name: str
    kind: str
    evidence: str
    url: str
    inventories: frozenset[str] = frozenset()
    every: timedelta | None = None


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
            "every": None if source.every is None else round(source.every.total_seconds()),
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
    why = writable(failure)
    noted = {
        "attempted_at": attempted_at,
        "failure": why,
        "failures": sources.c.failures + 1,
        "failing_since": func.coalesce(sources.c.failing_since, attempted_at),
        "failed_at": attempted_at,
        "last_failure": why,
    }
    await connection.execute(update(sources).where(sources.c.name == name).values(noted))


async def gone_of_late(connection: AsyncConnection, name: str, now: datetime) -> frozenset[ElementKey]:
    """The elements that its answers took out or put out of service within :data:`OF_LATE`, since a person last said: right."""
    trusted = await connection.scalar(select(sources.c.trusted_at).where(sources.c.name == name))
    since = max(filter(None, (now - OF_LATE, trusted)))
    own = select(*KEY).where(elements.c.source == name)
    taken_out = own.where(elements.c.taken_out_at > since, elements.c.renamed_to.is_(None))
    # what was in service by the last change before that, or by a later one, and is not now
    last = select(changes.c.revision).where(changes.c.at <= since, changes.c.revision > 0).order_by(changes.c.at.desc())
    upto = await connection.scalar(last.limit(1)) or 0
    versions = select(element_versions.c.in_service).where(element_versions.c.element_id == elements.c.id)
    earlier = versions.where(element_versions.c.revision <= upto).order_by(element_versions.c.revision.desc()).limit(1)
    later = versions.where(element_versions.c.revision > upto, element_versions.c.in_service)
    gone = elements.c.taken_out_at.is_(None) & elements.c.in_service.is_(False)
    put_out = own.where(gone, earlier.scalar_subquery().is_(True) | later.exists())
    found = [row for question in (taken_out, put_out) for row in await connection.execute(question)]
    return frozenset(ElementKey(*row) for row in found)


async def in_force(connection: AsyncConnection, now: datetime) -> dict[str, int]:
    """By source, how many elements, downtimes that are not over, or measurements that count are there of it."""
    there = elements.c.taken_out_at.is_(None)
    lasting = downtimes.c.known_to.is_(None) & (downtimes.c.ends_at.is_(None) | (downtimes.c.ends_at > now))
    counting = evidence.c.valid_until.is_(None) | (evidence.c.valid_until > now)
    found: dict[str, int] = {}
    for table, which in ((elements, there), (downtimes, lasting), (evidence, counting)):
        question = select(table.c.source, func.count()).where(which).group_by(table.c.source)
        found |= {name: found.get(name, 0) + count for name, count in await connection.execute(question)}
    return found


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
