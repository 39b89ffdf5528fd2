"""Rows in the database: what they are now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import delete, select

from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.mask import Holding
from gridmask.domain.row import Row, Rows
from gridmask.domain.state import group
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.domain.transition import Standing
from gridmask.store.elements import KEY, key_of, page
from gridmask.store.tables import batches, elements, statuses
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection


_STATUS = {status.value: status for status in Status}
_IDENTITY = ("element_id", "status_type", "vo")
_CHUNK = 500


def row_of(record: sa.Row[*tuple[Any, ...]]) -> Row:
    """The row that ``record``, a whole one of the table followed by its element's identity, holds."""
    # by position: to ask a record for its columns by name costs more than all the rest
    _, status_type, vo, status, since, owes, run, reasons, verdicts, opinion, owner, expires_at, *rest = record
    binding, due_, policy_revision, revision, hold, _, penalty, agreed, review_at, notice_at, family, type_, name = rest
    return Row(
        RowKey(ElementKey(family, type_, name), status_type, vo),
        Standing(_STATUS[status], since, owes, run),
        reasons,
        verdicts,
        _STATUS[opinion],
        Token(owner, expires_at, agreed, review_at, notice_at) if owner is not None else None,
        binding,
        due_,
        policy_revision,
        revision,
        hold,
        penalty,
    )


async def load(connection: AsyncConnection, element_ids: Iterable[int] | None = None) -> list[Row]:
    """The rows of these elements; None: of all."""
    question = select(statuses, *KEY).join(elements)
    return [row_of(record) async for record in _by_element(connection, question, statuses.c.element_id, element_ids)]


async def of_element(connection: AsyncConnection, key: ElementKey) -> Rows:
    """The rows of one element."""
    family, type_, name = key
    which = (elements.c.family == family) & (elements.c.type == type_) & (elements.c.name == name)
    rows = [row_of(r) for r in await connection.execute(select(statuses, *KEY).join(elements).where(which))]
    return {(row.key.status_type, row.key.vo): row for row in rows}


async def remarkable(connection: AsyncConnection, owners: Iterable[str]) -> dict[RowKey, Row]:
    """The rows of these VOs in the inventory that are not ``Active``, or that somebody or the guard holds."""
    question = _of_note().where(statuses.c.vo.in_(sorted(owners)))
    rows = [row_of(record) for record in await connection.execute(question)]
    return {row.key: row for row in rows}


async def noted(connection: AsyncConnection, element_ids: Iterable[int] | None = None) -> list[Row]:
    """The same of all VOs, and of these elements; None: of all."""
    return [row_of(record) async for record in _by_element(connection, _of_note(), statuses.c.element_id, element_ids)]


def _of_note() -> sa.Select[Any]:
    of_note = (statuses.c.status != Status.ACTIVE) | statuses.c.token_owner.is_not(None) | statuses.c.hold_batch.is_not(None)
    return select(statuses, *KEY).join(elements).where(elements.c.taken_out_at.is_(None), of_note)


async def outlines(connection: AsyncConnection, owners: Iterable[str], element_ids: Iterable[int] | None) -> list[Row]:
    """The rows of these VOs and elements (None: all), with no more than their status, whether they bind, and whose they are."""
    held = (statuses.c.status, statuses.c.since, statuses.c.binding, statuses.c.token_owner, statuses.c.token_expires_at)
    question = select(statuses.c.element_id, statuses.c.status_type, statuses.c.vo, *held, *KEY).join(elements)
    question = question.where(statuses.c.vo.in_(sorted(owners)))
    found = []
    async for record in _by_element(connection, question, statuses.c.element_id, element_ids):
        _, status_type, vo, status, since, binding, owner, expires_at, family, type_, name = record
        key = RowKey(ElementKey(family, type_, name), status_type, vo)
        token = Token(owner, expires_at) if owner is not None else None
        found.append(Row(key, Standing(_STATUS[status], since), token=token, binding=binding))
    return found


async def held(connection: AsyncConnection, *, owner: str | None, vos: Iterable[str] | None) -> list[Row]:
    """The rows in the inventory with a token: of ``owner``, and of ``vos``; None is any."""
    question = select(statuses, *KEY).join(elements).where(elements.c.taken_out_at.is_(None))
    question = question.where(statuses.c.token_owner.is_not(None) if owner is None else statuses.c.token_owner == owner)
    if vos is not None:
        question = question.where(statuses.c.vo.in_(sorted(vos)))
    return [row_of(record) for record in await connection.execute(question)]


async def walk(connection: AsyncConnection, where: Mapping[str, str], cursor: int) -> AsyncIterator[tuple[int, Holding]]:
    """The elements with these columns, each with its id and whole rows, by id from after ``cursor``."""
    while part := await page(connection, where, cursor, _CHUNK):
        rows = group(await load(connection, [number for number, _ in part]))
        for number, element in part:
            yield number, Holding(element, rows.get(element.key, {}))
        cursor = part[-1][0]


async def _by_element(
    connection: AsyncConnection, question: sa.Select[Any], column: sa.Column[Any], element_ids: Iterable[int] | None
) -> AsyncIterator[sa.Row[*tuple[Any, ...]]]:
    """The answers to ``question`` about these elements; None: about all."""
    if element_ids is None:
        for record in await connection.execute(question):
            yield record
        return
    wanted = sorted(element_ids)
    for start in range(0, len(wanted), _CHUNK):
        for record in await connection.execute(question.where(column.in_(wanted[start : start + _CHUNK]))):
            yield record


async def due(connection: AsyncConnection, now: datetime, limit: int) -> frozenset[ElementKey]:
    """Up to ``limit`` elements with rows that may be another by now."""
    question = (
        select(*KEY).join(statuses).where(statuses.c.due <= now, elements.c.taken_out_at.is_(None)).distinct().limit(limit)
    )
    return frozenset(key_of(record) for record in await connection.execute(question))


async def held_no_longer(connection: AsyncConnection, now: datetime) -> frozenset[ElementKey]:
    """All elements with rows in any batch that has expired and of which a row is due: they are looked at together."""
    expired = select(statuses.c.hold_batch).join(batches, batches.c.id == statuses.c.hold_batch)
    expired = expired.where(statuses.c.due <= now, batches.c.expires_at <= now)
    question = select(*KEY).join(statuses).where(statuses.c.hold_batch.in_(expired), elements.c.taken_out_at.is_(None))
    return frozenset(key_of(record) for record in await connection.execute(question.distinct()))


async def held_in(connection: AsyncConnection, batch: str) -> list[Row]:
    """The rows that are held in ``batch``."""
    question = select(statuses, *KEY).join(elements).where(statuses.c.hold_batch == batch)
    return [row_of(record) for record in await connection.execute(question)]


async def keys_of(connection: AsyncConnection, owners: Iterable[str]) -> list[RowKey]:
    """The rows of these VOs."""
    question = select(*KEY, statuses.c.status_type, statuses.c.vo).join(elements).where(statuses.c.vo.in_(sorted(owners)))
    found = await connection.execute(question)
    return [RowKey(ElementKey(family, type_, name), aspect, vo) for family, type_, name, aspect, vo in found]


async def next_due(connection: AsyncConnection) -> datetime | None:
    """When the next row may become another by itself."""
    question = select(statuses.c.due).join(elements).where(elements.c.taken_out_at.is_(None), statuses.c.due.is_not(None))
    return await connection.scalar(question.order_by(statuses.c.due).limit(1))


async def save(connection: AsyncConnection, rows: Iterable[Row], ids: Mapping[ElementKey, int]) -> None:
    """Keep rows, new or changed."""
    await upsert(connection, statuses, [_columns(row, ids[row.key.element]) for row in rows], key=_IDENTITY)


async def remove(connection: AsyncConnection, keys: Iterable[RowKey], ids: Mapping[ElementKey, int]) -> None:
    """Forget rows that have ended."""
    # those that end together have mostly the same status type and VO
    alike: dict[tuple[str, str], list[int]] = {}
    for key in keys:
        alike.setdefault((key.status_type, key.vo), []).append(ids[key.element])
    for (status_type, vo), numbers in alike.items():
        which = (statuses.c.status_type == status_type) & (statuses.c.vo == vo)
        for start in range(0, len(numbers), _CHUNK):
            part = statuses.c.element_id.in_(numbers[start : start + _CHUNK])
            await connection.execute(delete(statuses).where(which & part))


def _columns(row: Row, element_id: int) -> Mapping[str, Any]:
    token = row.token
    return {
        "element_id": element_id,
        "status_type": row.key.status_type,
        "vo": row.key.vo,
        "status": row.status,
        "since": row.standing.since,
        "owes_probing": row.standing.owes_probing,
        "run": row.standing.run,
        "reasons": row.reasons,
        "verdicts": row.verdicts,
        "opinion": row.opinion,
        "token_owner": token.owner if token else None,
        "token_expires_at": token.expires_at if token else None,
        "token_agreed": bool(token and token.agreed),
        "token_review_at": token.review_at if token else None,
        "token_notice_at": token.notice_at if token else None,
        "binding": row.binding,
        "due": row.due,
        "policy_revision": row.policy_revision,
        "hold": row.hold,
        "hold_batch": row.hold.batch if row.hold else None,
        "penalty": row.penalty,
        "revision": row.revision,
    }
