"""History that was made elsewhere: changes of before there was a revision here. Their revision is 0.

They are no part of any revision, so nobody who follows revisions is told of them. They come before all that has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, select

from gridmask.store.elements import KEY
from gridmask.store.tables import changes, elements
from gridmask.store.upsert import insert_all

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import ElementKey
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
