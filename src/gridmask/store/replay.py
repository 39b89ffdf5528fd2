"""What there was after a revision, worked out from the nearest snapshot and the changes after it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, type_coerce

from gridmask.store import snapshots, versions
from gridmask.store.columns import AsRead, moment_of
from gridmask.store.pictures import Picture, RowId, State
from gridmask.store.tables import changes

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

MANY = 50_000
"""More changes than these are not looked at one by one: the database finds the last one of each row."""

_ROW = (changes.c.element_id, changes.c.status_type, changes.c.vo)
_SAID = (*_ROW, changes.c.new, type_coerce(changes.c.at, AsRead), changes.c.binding)


async def picture(connection: AsyncConnection, revision: int) -> Picture:
    """What there was after ``revision``."""
    return await _brought(connection, await snapshots.nearest(connection, revision), revision)


async def from_changes(connection: AsyncConnection, revision: int) -> Picture:
    """The same, whatever snapshots there are: from all changes."""
    return await _brought(connection, Picture(), revision)


async def last_states(connection: AsyncConnection, which: ColumnElement[bool]) -> dict[RowId, State]:
    """What each row was after these changes; those that had ended by then are left out."""
    found: dict[RowId, State] = {}
    last = select(func.max(changes.c.id).label("id")).where(which, changes.c.status_type != "").group_by(*_ROW).subquery()
    _take_in(found, await connection.execute(select(*_SAID).join(last, changes.c.id == last.c.id)))
    return found


async def _brought(connection: AsyncConnection, known: Picture, revision: int) -> Picture:
    """``known``, brought to ``revision``."""
    since = changes.c.revision.between(known.revision + 1, revision)
    question = select(*_SAID, changes.c.id).where(since).order_by(changes.c.revision, changes.c.id).limit(MANY + 1)
    found = (await connection.execute(question)).all() if known.revision < revision else ()
    if len(found) > MANY:
        found = await _last(connection, since)
    _take_in(known.rows, (change[:-1] for change in found if change.status_type))
    await versions.note(connection, known.versions, known.revision, revision)
    known.revision = revision
    return known


async def _last(connection: AsyncConnection, since: ColumnElement[bool]) -> Any:  # noqa: ANN401 - records of both kinds
    last = select(func.max(changes.c.id).label("id")).where(since).group_by(*_ROW).subquery()
    return (await connection.execute(select(*_SAID, changes.c.id).join(last, changes.c.id == last.c.id))).all()


def _take_in(rows: dict[RowId, State], found: Iterable[sa.Row[*tuple[Any, ...]] | tuple[Any, ...]]) -> None:
    last = {(element_id, status_type, vo): said for element_id, status_type, vo, *said in found}
    moments = {at: moment_of(at) for _, at, _ in last.values()}
    for row, (status, at, binding) in last.items():
        if status is None:
            rows.pop(row, None)
        else:
            rows[row] = State(status, moments[at], binding)
