"""Rows and their changes as a journal tells them: each with when it was written, and by which action."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row as Record
from sqlalchemy import Text, and_, func, select, true, type_coerce

from gridmask.domain.instructions import ChangeKind
from gridmask.store.columns import AsRead
from gridmask.store.elements import KEY, in_parts
from gridmask.store.statuses import row_of
from gridmask.store.tables import audit, changes, elements, statuses

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.row import Row

_TOLD = (ChangeKind.OPENED, ChangeKind.STATUS, ChangeKind.TOKEN)
"""The kinds of changes after which a row has a status that can be told."""


@dataclass(frozen=True, slots=True)
class Written:
    """A row, and when it last changed; None: never since it began."""

    row: Row
    at: datetime | None


async def rows(connection: AsyncConnection, family: str, names: Iterable[str] | None) -> list[Written]:
    """The rows of the elements in service of a family, with these names; None: with any."""
    question = select(statuses, *KEY, audit.c.at.label("written_at"))
    question = question.select_from(statuses.join(elements).outerjoin(audit, audit.c.revision == statuses.c.revision))
    there = and_(elements.c.family == family, elements.c.taken_out_at.is_(None), elements.c.in_service)
    found: list[Written] = []
    for part in _named(names):
        for record in await connection.execute(question.where(there, part)):
            *row, at = record
            found.append(Written(row_of(row), at))  # type: ignore[arg-type]  # it is taken apart by position
    return found


async def told(connection: AsyncConnection, numbers: Iterable[int] | None) -> list[Record[*tuple[Any, ...]]]:
    """What is told of the rows of these elements (None: of all) that are in service, moments and reasons as they are kept.

    By position: the identity of the element, status type, VO, status, since when, whether it is binding, the reasons, whose it
    is and until when, and when it last changed.
    """
    of_row = (statuses.c.status_type, statuses.c.vo, statuses.c.status, *_as_read(statuses.c.since), statuses.c.binding)
    held = (type_coerce(statuses.c.reasons, Text), statuses.c.token_owner)
    question = select(*KEY, *of_row, *held, *_as_read(statuses.c.token_expires_at, audit.c.at))
    question = question.select_from(statuses.join(elements).outerjoin(audit, audit.c.revision == statuses.c.revision))
    question = question.where(elements.c.taken_out_at.is_(None), elements.c.in_service)
    parts = [true()] if numbers is None else [statuses.c.element_id.in_(part) for part in in_parts(numbers)]
    return [record for part in parts for record in await connection.execute(question.where(part))]


def _as_read(*columns: ColumnElement[datetime | None]) -> list[ColumnElement[Any]]:
    return [type_coerce(column, AsRead()) for column in columns]


async def changes_of(
    connection: AsyncConnection, family: str, names: Iterable[str] | None, most: int, since: datetime | None = None
) -> list[Record[Any]]:
    """The changes of the rows of a family's elements with these names (None: any), oldest first; ``most`` of them and one.

    Each comes with the identity of its element, and with the ``action`` that made its revision.
    """
    question = select(changes, *KEY, audit.c.action)
    joined = changes.join(elements, changes.c.element_id == elements.c.id)
    question = question.select_from(joined.outerjoin(audit, audit.c.revision == changes.c.revision))
    which = and_(elements.c.family == family, changes.c.status_type != "", changes.c.kind.in_(_TOLD))
    if since is not None:
        which = and_(which, changes.c.at >= since)
    question = question.order_by(changes.c.revision, changes.c.id).limit(most + 1)
    parts = [list(await connection.execute(question.where(which, part))) for part in _named(names)]
    return parts[0] if len(parts) == 1 else sorted((one for part in parts for one in part), key=lambda c: (c.revision, c.id))


async def last_change(connection: AsyncConnection) -> int:
    """The id of the newest change."""
    return await connection.scalar(select(func.max(changes.c.id))) or 0


async def notes(connection: AsyncConnection, action: str, after: int) -> list[Record[Any]]:
    """What was noted of ``action`` behind the audit record with the id ``after``, oldest first."""
    question = select(audit.c.id, audit.c.comment).where(audit.c.id > after, audit.c.action == action)
    return list(await connection.execute(question.order_by(audit.c.id)))


def _named(names: Iterable[str] | None) -> list[ColumnElement[bool]]:
    return [true()] if names is None else [elements.c.name.in_(part) for part in in_parts(set(names))]
