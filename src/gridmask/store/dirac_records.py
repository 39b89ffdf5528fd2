"""The records that clients of DIRAC keep in its caches: texts, of which nothing here follows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, true

from gridmask.store.elements import in_parts
from gridmask.store.tables import dirac_records
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Record:
    """A record.

    Attributes:
        key: what tells it apart from others of its cache: a digest.
        about: what it is about: likewise, so that records can be looked for.
        text: what it says.
        number: its own; 0: it is not kept yet.
    """

    key: str
    about: str
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Records of the cache called ``cache``: with one of ``keys``, about one of ``about``; None: with or about any."""

    cache: str
    keys: Collection[str] | None = None
    about: Collection[str] | None = None


async def load(connection: AsyncConnection, wanted: Wanted) -> list[Record]:
    """The records that are wanted, in the order in which they came."""
    columns = dirac_records.c
    question = select(columns.key, columns.about, columns.body, columns.id).where(columns.cache == wanted.cache)
    found: list[Record] = []
    for part in _parts(columns.key, wanted.keys):
        for other in _parts(columns.about, wanted.about):
            found += [Record(*row) for row in await connection.execute(question.where(part, other))]
    return sorted(found, key=lambda record: record.number)


async def keep(connection: AsyncConnection, cache: str, records: Sequence[Record], at: datetime) -> None:
    """Keep ``records``, in place of those with their keys."""
    rows = [
        {"cache": cache, "key": one.key, "about": one.about, "body": one.text, "size": len(one.text), "written_at": at}
        for one in records
    ]
    await upsert(connection, dirac_records, rows, key=("cache", "key"))


async def drop(connection: AsyncConnection, numbers: Iterable[int]) -> None:
    """Forget the records with these numbers."""
    for part in in_parts(numbers):
        await connection.execute(delete(dirac_records).where(dirac_records.c.id.in_(part)))


async def measure(connection: AsyncConnection, cache: str) -> tuple[int, int]:
    """How many records a cache has, and how many characters these have together."""
    sums = select(func.count(), func.coalesce(func.sum(dirac_records.c.size), 0)).where(dirac_records.c.cache == cache)
    count, size = (await connection.execute(sums)).one()
    return int(count), int(size)


def _parts(column: ColumnElement[str], values: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [true()] if values is None else [column.in_(part) for part in in_parts(values)]
