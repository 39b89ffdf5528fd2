"""What rows were, change by change, and what automation thought of them: for whoever looks at a stretch of the past."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, union

from gridmask.domain.comparison import Said
from gridmask.domain.decision import combine
from gridmask.domain.disputes import Turn
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.status import Status
from gridmask.store.elements import KEY
from gridmask.store.history import EDITED
from gridmask.store.past import revision_at
from gridmask.store.tables import changes, decisions, elements

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlalchemy as sa
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.decision import Reason

Presence = dict[ElementKey, list[tuple[datetime, bool]]]


async def since(connection: AsyncConnection, moment: datetime) -> tuple[dict[RowKey, list[Turn]], Presence]:
    """What each row was from ``moment`` on, and from when to when each element was in the inventory.

    The first of each may be earlier: what was so at ``moment``. Nothing that was imported is among it.
    """
    revision = await revision_at(connection, moment)
    row = (changes.c.element_id, changes.c.status_type, changes.c.vo)
    before = select(func.max(changes.c.id)).where(changes.c.revision.between(1, revision)).group_by(*row)
    after = select(changes.c.id).where(changes.c.revision > revision)
    wanted = union(before, after).subquery()
    columns = (changes.c.status_type, changes.c.vo, changes.c.kind, changes.c.new, changes.c.at, changes.c.binding)
    question = select(*columns, changes.c.reasons, *KEY).join(elements, changes.c.element_id == elements.c.id)
    question = question.join(wanted, wanted.c[0] == changes.c.id).order_by(changes.c.revision, changes.c.id)
    rows: dict[RowKey, list[Turn]] = {}
    presence: Presence = {}
    for record in await connection.execute(question):
        element = ElementKey(record.family, record.type, record.name)
        if record.status_type == "":
            presence.setdefault(element, []).append((record.at, record.kind == EDITED))
        else:
            rows.setdefault(RowKey(element, record.status_type, record.vo), []).append(_turn(record))
    return rows, presence


async def opinions_since(connection: AsyncConnection, moment: datetime) -> dict[RowKey, list[Turn]]:
    """What automation would have made of each row from ``moment`` on, whoever held the row and whatever it might do."""
    row = (decisions.c.element_id, decisions.c.status_type, decisions.c.vo)
    before = select(func.max(decisions.c.id)).where(decisions.c.at <= moment).group_by(*row)
    wanted = union(before, select(decisions.c.id).where(decisions.c.at > moment)).subquery()
    columns = (decisions.c.status_type, decisions.c.vo, decisions.c.opinion, decisions.c.verdicts, decisions.c.at)
    question = select(*columns, *KEY).join(elements, decisions.c.element_id == elements.c.id)
    question = question.join(wanted, wanted.c[0] == decisions.c.id).order_by(decisions.c.id)
    rows: dict[RowKey, list[Turn]] = {}
    for record in await connection.execute(question):
        key = RowKey(ElementKey(record.family, record.type, record.name), record.status_type, record.vo)
        reason = joined(combine(record.verdicts).reasons)
        rows.setdefault(key, []).append(Turn(record.at, Said.of(Status(record.opinion), reason, record.at, record.vo)))
    return rows


def joined(reasons: Iterable[Reason]) -> str:
    """``reasons`` in one text."""
    return " ".join(reason.text for reason in reasons)


def _turn(record: sa.Row[*tuple[Any, ...]]) -> Turn:
    if record.new is None:
        return Turn(record.at, None)
    said = Said.of(Status(record.new), joined(record.reasons), record.at, record.vo, binding=record.binding)
    return Turn(record.at, said)
