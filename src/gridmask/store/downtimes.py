"""Downtimes in the database: every version, with when it was known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import and_, func, or_, select, update

from gridmask.domain.downtime import Downtime, DowntimeKey, Interval
from gridmask.domain.naming import Target
from gridmask.store.tables import downtime_targets, downtimes
from gridmask.store.targets import target_columns, target_of
from gridmask.store.upsert import insert_all

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

EDIT, WITHDRAWAL = "edit", "withdrawal"
_CHUNK = 250

T = TypeVar("T", int, str)


@dataclass(frozen=True, slots=True)
class Version:
    """A downtime as it was known from ``known_from`` until ``known_to`` (None: still); ``number`` is its place among all."""

    downtime: Downtime
    known_from: datetime
    known_to: datetime | None = None
    ended_by: str | None = None
    number: int = field(default=0, compare=False)


async def current(
    connection: AsyncConnection, source: str, now: datetime, listed: Iterable[str] = ()
) -> dict[DowntimeKey, Downtime]:
    """The versions of ``source`` that stand: those that are not over at ``now``, and, over or not, those of records ``listed``.

    What else there ever was grows with the years, and is of no interest to who compares a list with what is known.
    """
    stands = and_(downtimes.c.source == source, downtimes.c.known_to.is_(None))
    found = await versions(connection, and_(stands, _not_over(now)))
    for part in _parts(set(listed) - {version.downtime.key.record for version in found}):
        found += await versions(connection, and_(stands, downtimes.c.record.in_(part)))
    return {version.downtime.key: version.downtime for version in found}


async def known_before(
    connection: AsyncConnection, source: str, moment: datetime, now: datetime
) -> dict[DowntimeKey, Downtime]:
    """The versions of ``source`` that stood just before ``moment``, of downtimes that were not to be over at ``now``."""
    stood = and_(downtimes.c.known_from < moment, or_(downtimes.c.known_to.is_(None), downtimes.c.known_to >= moment))
    found = await versions(connection, and_(downtimes.c.source == source, stood, _not_over(now)))
    return {version.downtime.key: version.downtime for version in found}


async def pending(connection: AsyncConnection, handles: Iterable[str] | None, now: datetime) -> list[Version]:
    """The versions that stand and are not over at ``now``, and name anything by one of ``handles``; None: by any."""
    which = and_(downtimes.c.known_to.is_(None), _not_over(now))
    if handles is None:
        return await versions(connection, which)
    found: dict[DowntimeKey, Version] = {}
    for part in _parts(frozenset(handles)):
        found |= {v.downtime.key: v for v in await versions(connection, and_(which, named(part)))}
    return list(found.values())


Mark = tuple[int, int]
"""Another whenever any downtime became known, was edited or was withdrawn since."""


async def mark(connection: AsyncConnection) -> Mark:
    """How far downtimes have come."""
    # versions are never dropped; those that ended are counted, since several can end in one moment
    (found,) = await connection.execute(select(func.coalesce(func.max(downtimes.c.id), 0), func.count(downtimes.c.known_to)))
    return found[0], found[1]


async def latest(connection: AsyncConnection, since: datetime) -> list[tuple[Version, int]]:
    """The last version of each downtime that was not over at ``since``, and how often the downtime had changed by then.

    Of those that were withdrawn, those since ``since``. To be withdrawn, and to come back after that, is a change each.
    """
    stands_or_left = or_(downtimes.c.known_to.is_(None), and_(downtimes.c.ended_by == WITHDRAWAL, downtimes.c.known_to > since))
    found = await versions(connection, and_(stands_or_left, _not_over(since)))
    courses = await _courses(connection, {version.downtime.key for version in found})
    told = ((version, courses[version.downtime.key]) for version in found)
    return [(v, _changes(course)) for v, course in told if v.known_to is None or course[-1][0] == v.number]


async def between(connection: AsyncConnection, since: datetime, until: datetime) -> list[list[Version]]:
    """All versions, the oldest first, of each downtime that is between these moments, or was until it was withdrawn."""
    last = or_(downtimes.c.known_to.is_(None), downtimes.c.ended_by == WITHDRAWAL)
    found = await versions(connection, and_(last, downtimes.c.starts_at < until, _not_over(since)))
    courses: dict[DowntimeKey, list[Version]] = {}
    for which in _of({version.downtime.key for version in found}):
        for version in await versions(connection, which):
            courses.setdefault(version.downtime.key, []).append(version)
    # one that came back after it was withdrawn may stand at another time
    return [course for course in courses.values() if _is_between(course[-1], since, until)]


def _is_between(version: Version, since: datetime, until: datetime) -> bool:
    start, end = version.downtime.interval.start, version.downtime.interval.end
    return start < until and (end is None or end > since)


async def _courses(connection: AsyncConnection, keys: Iterable[DowntimeKey]) -> dict[DowntimeKey, list[tuple[int, str | None]]]:
    """The number of each version of these downtimes, and how it ended, in the order in which they became known."""
    question = select(downtimes.c.source, downtimes.c.record, downtimes.c.id, downtimes.c.ended_by)
    courses: dict[DowntimeKey, list[tuple[int, str | None]]] = {}
    for which in _of(keys):
        for source, record, number, ended_by in await connection.execute(question.where(which).order_by(downtimes.c.id)):
            courses.setdefault(DowntimeKey(source, record), []).append((number, ended_by))
    return courses


def _changes(course: list[tuple[int, str | None]]) -> int:
    return len(course) - 1 + sum(ended_by == WITHDRAWAL for _, ended_by in course)


def named(handles: Iterable[str] | sa.SelectBase) -> sa.ColumnElement[bool]:
    """That a downtime names anything by one of ``handles``."""
    wanted = handles if isinstance(handles, sa.SelectBase) else list(handles)
    return downtimes.c.id.in_(select(downtime_targets.c.downtime_id).where(downtime_targets.c.name.in_(wanted)))


async def versions(connection: AsyncConnection, which: sa.ColumnElement[bool], limit: int | None = None) -> list[Version]:
    """The versions for which ``which`` holds, in the order in which they became known."""
    question = select(downtimes).where(which).order_by(downtimes.c.id).limit(limit)
    records = list(await connection.execute(question))
    targets: dict[int, list[Target]] = {}
    for part in _parts(record.id for record in records):
        for target in await connection.execute(select(downtime_targets).where(downtime_targets.c.downtime_id.in_(part))):
            targets.setdefault(target.downtime_id, []).append(target_of(target))
    return [_version_of(record, targets.get(record.id, ())) for record in records]


async def save(connection: AsyncConnection, saved: Iterable[Downtime], now: datetime) -> None:
    """Keep these versions as the ones that stand; those that stood before are kept as edited."""
    published = {downtime.key: downtime for downtime in saved}
    await _end(connection, published, EDIT, now)
    await insert_all(connection, downtimes, [_columns(downtime, now) for downtime in published.values()])
    numbers = await _numbers(connection, published)
    targets = ((numbers[key], target) for key, downtime in published.items() for target in downtime.targets)
    rows = [{"downtime_id": number, **target_columns(target)} for number, target in targets]
    await insert_all(connection, downtime_targets, rows)


async def withdraw(connection: AsyncConnection, keys: Iterable[DowntimeKey], now: datetime) -> None:
    """Keep that these downtimes were withdrawn."""
    await _end(connection, keys, WITHDRAWAL, now)


async def _end(connection: AsyncConnection, keys: Iterable[DowntimeKey], how: str, now: datetime) -> None:
    for stand in _standing(keys):
        await connection.execute(update(downtimes).where(stand).values(known_to=now, ended_by=how))


async def _numbers(connection: AsyncConnection, keys: Iterable[DowntimeKey]) -> dict[DowntimeKey, int]:
    """The numbers of the versions that stand, by key."""
    question = select(downtimes.c.id, downtimes.c.source, downtimes.c.record)
    found = [await connection.execute(question.where(stand)) for stand in _standing(keys)]
    return {DowntimeKey(row.source, row.record): row.id for rows in found for row in rows}


def _standing(keys: Iterable[DowntimeKey]) -> Iterator[sa.ColumnElement[bool]]:
    """Conditions that hold for the versions of ``keys`` that stand, and for no other; each holds for some."""
    return (and_(which, downtimes.c.known_to.is_(None)) for which in _of(keys))


def _of(keys: Iterable[DowntimeKey]) -> Iterator[sa.ColumnElement[bool]]:
    """Conditions that hold for the versions of ``keys``, and for no other; each holds for some."""
    by_source: dict[str, list[str]] = {}
    for key in keys:
        by_source.setdefault(key.source, []).append(key.record)
    for source, records in by_source.items():
        for part in _parts(records):
            yield and_(downtimes.c.source == source, downtimes.c.record.in_(part))


def _not_over(now: datetime) -> sa.ColumnElement[bool]:
    return or_(downtimes.c.ends_at.is_(None), downtimes.c.ends_at > now)


def _parts(values: Iterable[T]) -> Iterator[list[T]]:
    """``values`` in order, in parts that fit into a statement."""
    ordered = sorted(values)
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))


def _version_of(record: sa.Row[Any], targets: Iterable[Target]) -> Version:
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
