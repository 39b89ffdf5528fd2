"""Downtimes in the database: every version, with when it was known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import and_, insert, or_, select, update

from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.element import ElementKey
from gridmask.store.tables import downtime_targets, downtimes

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

EDIT, WITHDRAWAL = "edit", "withdrawal"
_CHUNK = 250


@dataclass(frozen=True, slots=True)
class Version:
    """A downtime as it was known from ``known_from`` until ``known_to`` (None: still); ``number`` is its place among all."""

    downtime: Downtime
    known_from: datetime
    known_to: datetime | None = None
    ended_by: str | None = None
    number: int = field(default=0, compare=False)


async def current(connection: AsyncConnection, source: str) -> dict[DowntimeKey, Downtime]:
    """The versions of ``source`` that stand, over or not."""
    which = and_(downtimes.c.source == source, downtimes.c.known_to.is_(None))
    return {version.downtime.key: version.downtime for version in await versions(connection, which)}


async def pending(connection: AsyncConnection, targets: Iterable[ElementKey] | None, now: datetime) -> list[Version]:
    """The versions that stand and are not over at ``now``, about any of ``targets``; None: about anything."""
    which = and_(downtimes.c.known_to.is_(None), or_(downtimes.c.ends_at.is_(None), downtimes.c.ends_at > now))
    if targets is None:
        return await versions(connection, which)
    wanted = frozenset(targets)
    names = sorted({target.name for target in wanted})
    found: dict[DowntimeKey, Version] = {}
    for start in range(0, len(names), _CHUNK):
        part = downtime_targets.c.name.in_(names[start : start + _CHUNK])
        about = select(downtime_targets.c.downtime_id).where(part)
        found |= {v.downtime.key: v for v in await versions(connection, and_(which, downtimes.c.id.in_(about)))}
    return [version for version in found.values() if not wanted.isdisjoint(version.downtime.targets)]


async def versions(connection: AsyncConnection, which: sa.ColumnElement[bool], limit: int | None = None) -> list[Version]:
    """The versions for which ``which`` holds, in the order in which they became known."""
    question = select(downtimes).where(which).order_by(downtimes.c.id).limit(limit)
    records = list(await connection.execute(question))
    targets: dict[int, list[ElementKey]] = {}
    ids = [record.id for record in records]
    for start in range(0, len(ids), _CHUNK):
        part = downtime_targets.c.downtime_id.in_(ids[start : start + _CHUNK])
        for target in await connection.execute(select(downtime_targets).where(part)):
            targets.setdefault(target.downtime_id, []).append(ElementKey(target.family, target.type, target.name))
    return [_version_of(record, targets.get(record.id, ())) for record in records]


async def save(connection: AsyncConnection, saved: Iterable[Downtime], now: datetime) -> None:
    """Keep these versions as the ones that stand; those that stood before are kept as edited."""
    published = list(saved)
    await _end(connection, (downtime.key for downtime in published), EDIT, now)
    for downtime in published:
        result = await connection.execute(insert(downtimes).values(_columns(downtime, now)))
        number = result.inserted_primary_key[0] if result.inserted_primary_key else None
        targets = [{"downtime_id": number, **target._asdict()} for target in sorted(downtime.targets)]
        if targets:
            await connection.execute(insert(downtime_targets), targets)


async def withdraw(connection: AsyncConnection, keys: Iterable[DowntimeKey], now: datetime) -> None:
    """Keep that these downtimes were withdrawn."""
    await _end(connection, keys, WITHDRAWAL, now)


async def _end(connection: AsyncConnection, keys: Iterable[DowntimeKey], how: str, now: datetime) -> None:
    ended = [{"s": key.source, "r": key.record} for key in keys]
    if ended:
        stands = and_(
            downtimes.c.source == sa.bindparam("s"), downtimes.c.record == sa.bindparam("r"), downtimes.c.known_to.is_(None)
        )
        await connection.execute(update(downtimes).where(stands).values(known_to=now, ended_by=how), ended)


def _version_of(record: sa.Row[Any], targets: Iterable[ElementKey]) -> Version:
    downtime = Downtime(
        DowntimeKey(record.source, record.record),
        frozenset(targets),
        Interval(record.starts_at, record.ends_at),
        severity=record.severity,
        scheduling=record.scheduling,
        description=record.description,
        vo=record.vo,
        owner=record.owner,
        url=record.url,
        created_at=record.created_at,
    )
    return Version(downtime, record.known_from, record.known_to, record.ended_by, record.id)


def _columns(downtime: Downtime, now: datetime) -> dict[str, Any]:
    return {
        "source": downtime.key.source,
        "record": downtime.key.record,
        "known_from": now,
        "starts_at": downtime.interval.start,
        "ends_at": downtime.interval.end,
        "severity": downtime.severity,
        "scheduling": downtime.scheduling,
        "description": downtime.description,
        "vo": downtime.vo,
        "owner": downtime.owner,
        "url": downtime.url,
        "created_at": downtime.created_at,
    }
