"""What the guard remembers, in the database: recent takings, and batches."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, exists, or_, select

from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.guard import Batch, BatchState, Because, Cause, Guard, Taking, Watch
from gridmask.domain.guarding import census
from gridmask.domain.vo import ALL
from gridmask.store import holdings, vos
from gridmask.store.elements import KEY
from gridmask.store.tables import batches, changes, elements, statuses
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.guard import Census

_REMEMBERED = 1000
"""So many batches are listed at most."""

_HOLDS = exists().where(statuses.c.hold_batch == batches.c.id)

_BATCHES = select(batches, _HOLDS.label("holds"))


async def load(connection: AsyncConnection, guard: Guard, now: datetime) -> Watch:
    """What counts at ``now``, but for what was taken of late (:func:`recall`); nothing where nothing is guarded."""
    if not guard.enabled:
        return Watch()
    # what was dropped counts for as long again, from when it was
    counting = or_(batches.c.expires_at > now, batches.c.decided_at > now - max(guard.window, guard.expires))
    found = await connection.execute(_BATCHES.where(counting))
    return Watch(batches={batch.id: batch for batch in map(_batch, found)}, is_complete=False)


async def recall(connection: AsyncConnection, guard: Guard, known_vos: frozenset[str], now: datetime) -> tuple[Taking, ...]:
    """What was taken of late, by ``now``."""
    wanted = (changes.c.at, changes.c.status_type, changes.c.vo, changes.c.taken)
    question = select(*wanted, *KEY, elements.c.offered).join_from(changes, elements)
    counting = question.where(changes.c.at > now - guard.window, changes.c.taken.is_not(None)).order_by(changes.c.id)
    return tuple(_taking(record, known_vos) for record in await connection.execute(counting))


async def count(connection: AsyncConnection) -> Census:
    """How many rows are usable, by VO and element type."""
    return census(await holdings.load(connection, None), await vos.load(connection))


async def distrusted_since(connection: AsyncConnection, cause: Cause, guard: Guard) -> datetime | None:
    """Since when rows are held for ``cause``, and nobody has said that it is right; None where none are.

    A batch that took over from one that expired goes on from when that was opened.
    """
    which = (batches.c.cause_kind == cause.kind) & (batches.c.cause_name == cause.name)
    undecided = which & (batches.c.state != BatchState.CONFIRMED)
    since: datetime | None = None
    for batch in await connection.execute(_BATCHES.where(undecided).order_by(batches.c.opened_at.desc())):
        if since is None and not batch.holds:
            return None
        lasted = batch.expires_at if batch.decided_at is None else batch.decided_at + guard.expires
        if since is not None and lasted + guard.window < since:
            break
        since = batch.opened_at
    return since


async def listed(connection: AsyncConnection, now: datetime, *, waiting: bool) -> list[Batch]:
    """The batches, newest first; ``waiting``: only those that wait for a person."""
    question = _BATCHES.order_by(batches.c.opened_at.desc(), batches.c.id).limit(_REMEMBERED)
    if waiting:
        question = question.where(batches.c.state == BatchState.HELD, batches.c.expires_at > now, _HOLDS)
    return [_batch(record) for record in await connection.execute(question)]


async def concerned(connection: AsyncConnection, found: Iterable[Batch]) -> Mapping[str, frozenset[str]]:
    """By the id of each batch, the VOs whose masks it keeps as they are, or would have too much taken from; and ``all``."""
    whose = {batch.id: batch.vos | {ALL} for batch in found}
    if whose:
        known = frozenset(await vos.mask_revisions(connection))
        question = select(statuses.c.hold_batch, statuses.c.vo, elements.c.offered).join_from(statuses, elements).distinct()
        for batch, vo, offered in await connection.execute(question.where(statuses.c.hold_batch.in_(sorted(whose)))):
            whose[batch] |= _whose(vo, offered, known)
    return whose


async def concerned_by_row(connection: AsyncConnection, name: str) -> Mapping[RowKey, frozenset[str]]:
    """By the key of each row that is held in the batch called ``name``, the VOs whose masks it is in."""
    known = frozenset(await vos.mask_revisions(connection))
    question = select(*KEY, statuses.c.status_type, statuses.c.vo, elements.c.offered).join_from(statuses, elements)
    return {
        RowKey(ElementKey(family, type_, called), aspect, vo): _whose(vo, offered, known)
        for family, type_, called, aspect, vo, offered in await connection.execute(
            question.where(statuses.c.hold_batch == name)
        )
    }


def _whose(vo: str, offered: frozenset[str], known: frozenset[str]) -> frozenset[str]:
    """Whose masks a row of ``vo`` is in. A VO with a row of its own sees that; to count it in as well hides nothing from it."""
    if vo != ALL:
        return frozenset({vo})
    return known & offered | {ALL} if offered else known


async def find(connection: AsyncConnection, name: str) -> Batch | None:
    """The batch called ``name``."""
    record = (await connection.execute(_BATCHES.where(batches.c.id == name))).one_or_none()
    return _batch(record) if record else None


async def save(connection: AsyncConnection, saved: Iterable[Batch]) -> None:
    """Keep batches, new or other than before."""
    await upsert(connection, batches, [_columns(batch) for batch in saved], key=("id",))


def because(taking: Taking) -> Because:
    """Why it was taken, as a change keeps it."""
    return Because(tuple(sorted(taking.causes)), taking.declared)


def _taking(record: Row[*tuple[Any, ...]], known_vos: frozenset[str]) -> Taking:
    key = RowKey(ElementKey(record.family, record.type, record.name), record.status_type, record.vo)
    # who had a row of their own by then is not known any more; to count them in is the careful way
    concerned = (known_vos & record.offered if record.offered else known_vos) | {ALL}
    whom = concerned if key.vo == ALL else frozenset((key.vo,))
    return Taking(record.at, key, whom, frozenset(record.taken.causes), record.taken.declared)


def _batch(record: Row[Any]) -> Batch:
    state = BatchState(record.state)
    return Batch(
        record.id,
        Cause(record.cause_kind, record.cause_name),
        record.opened_at,
        record.expires_at,
        record.rows,
        record.vos,
        BatchState.EMPTIED if state is BatchState.HELD and not record.holds else state,
        record.decided_at,
        record.decided_by,
        record.comment,
    )


def _columns(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.id,
        "cause_kind": batch.cause.kind,
        "cause_name": batch.cause.name,
        "opened_at": batch.opened_at,
        "expires_at": batch.expires_at,
        "rows": batch.rows,
        "vos": batch.vos,
        "state": batch.state,
        "decided_at": batch.decided_at,
        "decided_by": batch.decided_by,
        "comment": batch.comment,
    }
