"""Why rows are as they are, in words: of many rows at once, and of those of which it changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Row, Text, func, select, true, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from gridmask.domain.status import Status
from gridmask.store import history
from gridmask.store.elements import KEY, in_parts
from gridmask.store.tables import audit, counter, decisions, elements, statuses

Record = Row[*tuple[Any, ...]]
"""An element's identity, a status type, a VO, the status, and the reasons as they are kept."""

MOST_TOUCHED = 5000
"""Of more elements than so many it is told as quickly of all."""


class Mark(NamedTuple):
    """How far the books have come: no reason changes unless one of these does.

    What changes a status makes a revision; what automation says otherwise, a decision; what a person does, an audit record.
    """

    revision: int
    decision: int
    note: int


async def mark(connection: AsyncConnection) -> Mark:
    """How far they have come now."""
    last = (select(func.max(column)).scalar_subquery() for column in (counter.c.revision, decisions.c.id, audit.c.id))
    return Mark(*(number or 0 for number in (await connection.execute(select(*last))).one()))


async def touched(connection: AsyncConnection, since: Mark, now: Mark) -> frozenset[int] | None:
    """The ids of the elements whose reasons may have changed between two marks; None: those of all."""
    if any(number < before for number, before in zip(now, since, strict=True)):
        return None
    noted = select(audit.c.id).where(audit.c.id > since.note, audit.c.revision.is_(None)).limit(1)
    if await connection.scalar(noted) is not None:
        return None
    judged = select(decisions.c.element_id).where(decisions.c.id > since.decision).distinct()
    found = set(await connection.scalars(judged)) | await history.touched_since(connection, since.revision)
    return frozenset(found) if len(found) <= MOST_TOUCHED else None


async def load(connection: AsyncConnection, numbers: Iterable[int] | None) -> list[Record]:
    """The reasons of the rows of these elements (None: of all in the inventory) that are not ``Active``."""
    kept = type_coerce(statuses.c.reasons, Text)
    question = select(*KEY, statuses.c.status_type, statuses.c.vo, statuses.c.status, kept).select_from(statuses.join(elements))
    question = question.where(statuses.c.status != Status.ACTIVE, elements.c.taken_out_at.is_(None))
    parts = [true()] if numbers is None else [statuses.c.element_id.in_(part) for part in in_parts(numbers)]
    return [record for part in parts for record in await connection.execute(question.where(part))]
