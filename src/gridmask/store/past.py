"""What there was at a past moment, made again from the changes of rows.

Of elements, their changes tell when they came, were edited, were taken out or got another name; what an edit changed is not
kept. So elements are told as they are described now, and those that were edited since are told to be so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.mask import Holding
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.transition import Standing
from gridmask.store.elements import element_of
from gridmask.store.history import EDITED
from gridmask.store.imported import BEFORE_ALL
from gridmask.store.tables import audit, changes, elements, vos
from gridmask.store.vos import VO_RETIRED, last_revision

if TYPE_CHECKING:
    from datetime import datetime

    import sqlalchemy as sa
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

_ROW = (changes.c.element_id, changes.c.status_type, changes.c.vo)


@dataclass(frozen=True, slots=True)
class Scene:
    """What there was at a moment.

    Attributes:
        revision: the last revision that had been made.
        holdings: the elements that were there, each with as much of its rows as masks are made of.
        edited: those of them that were edited since: what they were offered to, their site and whether they were in service
            may have been otherwise.
    """

    revision: int
    holdings: tuple[Holding, ...]
    edited: frozenset[ElementKey]


async def terms(connection: AsyncConnection, vo: str) -> tuple[datetime, datetime | None] | None:
    """Since when ``vo`` is known, and when it left; None: it never was."""
    found = (await connection.execute(select(vos.c.known_since, vos.c.retired_at).where(vos.c.name == vo))).first()
    return (found.known_since, found.retired_at) if found else None


async def left_since(connection: AsyncConnection, vo: str, moment: datetime) -> bool:
    """Whether ``vo`` left after ``moment``, be it back or not: edits that concerned it alone are not noted while it is away."""
    said = (audit.c.action == VO_RETIRED) & audit.c.comment.startswith(f"{vo}: ", autoescape=True)
    return await connection.scalar(select(audit.c.id).where(said, audit.c.at > moment).limit(1)) is not None


async def revision_at(connection: AsyncConnection, moment: datetime) -> int:
    """The last revision that was made up to ``moment``; 0: none was."""
    low, high = 0, await last_revision(connection)
    # revisions have no gaps, and each was made after the one before it
    while low < high:
        middle = (low + high + 1) // 2
        made = await connection.scalar(select(audit.c.at).where(audit.c.revision == middle))
        low, high = (middle, high) if made is None or made <= moment else (low, middle - 1)
    return low


async def scene(connection: AsyncConnection, revision: int) -> Scene:
    """What there was after ``revision``."""
    rows, present = await _last(connection, changes.c.revision.between(1, revision))
    edits = select(changes.c.element_id).where(
        changes.c.revision > revision, changes.c.status_type == "", changes.c.kind == EDITED
    )
    edited = frozenset(await connection.scalars(edits.distinct()))
    return await _described(connection, revision, rows, present, edited)


async def scene_elsewhere(connection: AsyncConnection, moment: datetime) -> Scene:
    """What there was at ``moment``, by history that was made elsewhere. That tells of rows alone: elements are as now."""
    before = (changes.c.revision == BEFORE_ALL) & (changes.c.at <= moment)
    rows, _ = await _last(connection, before)
    there = frozenset(rows)
    return await _described(connection, BEFORE_ALL, rows, there, there)


_Known = dict[int, list["sa.Row[*tuple[Any, ...]]"]]


async def _last(connection: AsyncConnection, which: ColumnElement[bool]) -> tuple[_Known, frozenset[int]]:
    """The last of these changes of each row, by element; and the elements that were in the inventory after these changes."""
    last = select(func.max(changes.c.id).label("id")).where(which).group_by(*_ROW).subquery()
    said = (changes.c.kind, changes.c.new, changes.c.binding, changes.c.at)
    rows: _Known = {}
    present: set[int] = set()
    for record in await connection.execute(select(*_ROW, *said).join(last, changes.c.id == last.c.id)):
        if record.status_type == "":
            present.update({record.element_id} if record.kind == EDITED else ())
        elif record.new is not None:
            rows.setdefault(record.element_id, []).append(record)
    return rows, frozenset(present)


async def _described(
    connection: AsyncConnection, revision: int, rows: _Known, present: frozenset[int], edited: frozenset[int]
) -> Scene:
    holdings: list[Holding] = []
    unsure: set[ElementKey] = set()
    for record in await connection.execute(select(elements)):
        number: int = record[0]
        if number in present:
            element = element_of(record)
            made = (_row(element.key, change) for change in rows.get(number, ()))
            holdings.append(Holding(element, {row.key[1:]: row for row in made}))
            unsure.update({element.key} if number in edited else ())
    return Scene(revision, tuple(holdings), frozenset(unsure))


def _row(element: ElementKey, change: sa.Row[*tuple[Any, ...]]) -> Row:
    key = RowKey(element, change.status_type, change.vo)
    return Row(key, Standing(Status(change.new), change.at), binding=change.binding)
