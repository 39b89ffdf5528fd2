"""Measurements in the database: of each record, what was measured last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import and_, delete, or_, select, true

from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.evidence import Evidence, EvidenceKey
from gridmask.domain.measurements import VALUES
from gridmask.store.tables import evidence
from gridmask.store.targets import target_columns, target_of
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_CHUNK = 250
_KEY = ("source", "record", "family", "type", "name")


async def about(connection: AsyncConnection, handles: Iterable[str] | None) -> list[Evidence]:
    """What is about anything by one of ``handles``; None: by any.

    Also what has expired: that it is missing now is something else than that it never was.
    """
    if handles is None:
        return await _load(connection, true())
    found: list[Evidence] = []
    wanted = sorted(frozenset(handles))
    for start in range(0, len(wanted), _CHUNK):
        found += await _load(connection, evidence.c.name.in_(wanted[start : start + _CHUNK]))
    return found


async def called(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> list[EvidenceKey]:
    """The identities of ``which`` measurements."""
    found = await connection.execute(select(*(evidence.c[name] for name in _KEY)).where(which).order_by(evidence.c.id))
    return [EvidenceKey(record.source, record.record, target_of(record)) for record in found]


async def standing(connection: AsyncConnection, moment: datetime) -> list[Evidence]:
    """What was measured up to ``moment`` and counted then, as far as nothing newer stands in its place."""
    counts = or_(evidence.c.valid_until.is_(None), evidence.c.valid_until > moment)
    return await _load(connection, and_(evidence.c.observed_at <= moment, counts))


async def of_source(connection: AsyncConnection, source: str) -> dict[EvidenceKey, Evidence]:
    """All that ``source`` measured last."""
    return {item.key: item for item in await _load(connection, evidence.c.source == source)}


async def save(connection: AsyncConnection, measured: Iterable[Evidence]) -> None:
    """Keep measurements, in place of those before them."""
    await upsert(connection, evidence, [_columns(item) for item in measured], key=_KEY)


async def drop(connection: AsyncConnection, keys: Sequence[EvidenceKey]) -> None:
    """Forget measurements."""
    for key in keys:
        told = target_columns(key.about)
        which = and_(
            evidence.c.source == key.source,
            evidence.c.record == key.record,
            *(evidence.c[column] == value for column, value in told.items()),
        )
        await connection.execute(delete(evidence).where(which))


async def _load(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> list[Evidence]:
    found = await connection.execute(select(evidence).where(which).order_by(evidence.c.source, evidence.c.record))
    return [_evidence_of(record) for record in found if record.kind in VALUES]


def _evidence_of(record: sa.Row[Any]) -> Evidence:
    return Evidence(
        EvidenceKey(record.source, record.record, target_of(record)),
        record.kind,
        msgspec.convert(record.value, VALUES[record.kind]),
        record.observed_at,
        record.valid_until,
        record.vo,
    )


def _value_of(item: Evidence) -> object:
    """What was measured, as JSON can say it.

    Raises:
        MalformedAnswer: it is no number. JSON has no word for that, and what is kept would never be read again.
    """
    value = msgspec.to_builtins(item.value)
    if not _can_be_said(value):
        raise MalformedAnswer(item.key.source, f"measures in {item.key.record} what is no number: {str(value)[:200]}.")
    return value


def _can_be_said(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(map(_can_be_said, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_can_be_said, value))
    return not isinstance(value, float) or isfinite(value)


def _columns(item: Evidence) -> dict[str, Any]:
    return {
        "source": item.key.source,
        "record": item.key.record,
        **target_columns(item.key.about),
        "kind": item.kind,
        "vo": item.vo,
        "value": _value_of(item),
        "observed_at": item.observed_at,
        "valid_until": item.valid_until,
    }
