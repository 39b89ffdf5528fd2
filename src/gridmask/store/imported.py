"""History that was made elsewhere: changes of before there was a revision here. Their revision is 0.

They are no part of any revision, so nobody who follows revisions is told of them. They come before all that has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, select

from gridmask.domain.vo import ALL
from gridmask.store import elements as elements_store
from gridmask.store.audit import Entry, sign
from gridmask.store.elements import KEY
from gridmask.store.tables import audit, changes, elements
from gridmask.store.upsert import insert_all

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.actor import Actor
    from gridmask.domain.element import Element, ElementKey
    from gridmask.domain.takeover import Past

BEFORE_ALL = 0
"""The revision of what happened before there was one."""


async def newest(connection: AsyncConnection) -> Sequence[Row[Any]]:
    """The last imported change of each row, with the identity of its element."""
    rows = (changes.c.element_id, changes.c.status_type, changes.c.vo)
    last = select(func.max(changes.c.id)).where(changes.c.revision == BEFORE_ALL).group_by(*rows)
    question = select(changes, *KEY).join(elements).where(changes.c.id.in_(last))
    return (await connection.execute(question)).all()


async def last(connection: AsyncConnection) -> int:
    """The id of the last imported change; 0 if there is none."""
    return await connection.scalar(select(func.max(changes.c.id)).where(changes.c.revision == BEFORE_ALL)) or 0


async def add(connection: AsyncConnection, past: Iterable[Past], ids: Mapping[ElementKey, int], actor: str) -> None:
    """Keep changes, which come in the order in which they happened to each row."""
    await insert_all(connection, changes, [_columns(one, ids, actor) for one in past])


def _columns(past: Past, ids: Mapping[ElementKey, int], actor: str) -> dict[str, Any]:
    return {
        "revision": BEFORE_ALL,
        "element_id": ids[past.key.element],
        "status_type": past.key.status_type,
        "vo": past.key.vo,
        "kind": past.kind,
        "old": past.old,
        "new": past.new,
        "reasons": (past.reason,),
        "token_owner": past.owner,
        "token_expires_at": past.until,
        "token_agreed": False,
        "token_from": past.owner_before,
        "binding": False,
        "actor": actor,
        "at": past.at,
        "taken": None,
    }


async def applied(connection: AsyncConnection, action: str) -> Sequence[Row[Any]]:
    """The changes of rows that the revisions of ``action`` made, oldest first, with the identity of their elements."""
    made = changes.join(audit, changes.c.revision == audit.c.revision).join(elements, changes.c.element_id == elements.c.id)
    question = select(changes, *KEY).select_from(made).where(audit.c.action == action, changes.c.status_type != "")
    return (await connection.execute(question.order_by(changes.c.id))).all()


async def later(connection: AsyncConnection, ids: Iterable[int], after: int) -> Sequence[Row[Any]]:
    """The changes here of all rows of these elements after the change ``after``, oldest first."""
    question = select(changes, *KEY).join(elements, changes.c.element_id == elements.c.id)
    wanted = (changes.c.element_id.in_(sorted(ids)), changes.c.id > after, changes.c.revision > BEFORE_ALL)
    return (await connection.execute(question.where(*wanted, changes.c.status_type != "").order_by(changes.c.id))).all()


async def note(connection: AsyncConnection, actor: Actor, action: str, comment: str, at: datetime) -> None:
    """Note that somebody did something that makes no revision."""
    await sign(connection, Entry(actor, action, comment, at), None, {ALL})


async def noted(connection: AsyncConnection, action: str) -> list[datetime]:
    """When ``action`` was noted."""
    return list(await connection.scalars(select(audit.c.at).where(audit.c.action == action)))


async def last_noted(connection: AsyncConnection, actions: Iterable[str]) -> tuple[str, str] | None:
    """Which of these ``actions`` was noted last, and the comment on it; None: none ever was."""
    question = select(audit.c.action, audit.c.comment).where(audit.c.action.in_(sorted(actions)))
    found = (await connection.execute(question.order_by(audit.c.id.desc()).limit(1))).first()
    return (found.action, found.comment) if found else None


async def make_known(connection: AsyncConnection, missing: Iterable[Element], now: datetime) -> None:
    """Keep elements that no inventory lists, as what is no longer listed is kept."""
    new = list(missing)
    await elements_store.save(connection, new, now)
    await elements_store.take_out(connection, (element.key for element in new), now)
