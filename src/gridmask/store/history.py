"""History in the database: what changed when, by whom, and what the policies said."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, func, not_, or_, select

from gridmask.domain.actor import ActorKind
from gridmask.domain.instructions import ChangeKind
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.store import elements as elements_store
from gridmask.store import offers
from gridmask.store.elements import KEY
from gridmask.store.tables import audit, changes, decisions, elements, sources

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import ElementKey, RowKey

EDITED = "saved"
"""The kind of a change of an element as such, by which it came, returned or was edited."""

RENAMED = "renamed"
"""The kind of a change of an element as such, by which it got another name."""


async def of_row(
    connection: AsyncConnection,
    row: RowKey,
    *,
    told_to: str = ALL,
    before: int | None,
    limit: int,
    inclusive: bool = False,
) -> list[Row[Any]]:
    """The changes of ``row`` that ``told_to``, a VO, is told, newest first.

    Those older than the one with the id ``before``, if that is given. If ``inclusive``, that one is the first of them.

    What happened to it while its element had another name is among them, under that name; and last, what happened to it
    elsewhere, before there was a revision here, whenever that was taken over.
    """
    lineage = await _of_lineage(connection, row.element)
    question = select(changes, *KEY).join(elements)
    question = question.where(lineage, changes.c.status_type == row.status_type, changes.c.vo == row.vo)
    question = question.where(offers.told_to(told_to))
    if before is not None:
        older = await _older(connection, before)
        question = question.where(or_(older, changes.c.id == before) if inclusive else older)
    return list(await connection.execute(question.order_by(*NEWEST_FIRST).limit(limit)))


NEWEST_FIRST = (changes.c.revision.desc(), changes.c.id.desc())


async def of_vos(connection: AsyncConnection, vos: Collection[str], since: datetime, limit: int) -> list[Row[Any]]:
    """The last ``limit`` changes from one status to another of rows of ``vos`` since then, newest first.

    What comes into a mask or leaves it is among them; what a row is held by alone is not.
    """
    is_another = or_(changes.c.old.is_(None), changes.c.new.is_(None), changes.c.old != changes.c.new)
    which = and_(changes.c.at >= since, changes.c.vo.in_(sorted(vos)), changes.c.status_type != "", is_another)
    question = select(changes, *KEY, elements.c.site, elements.c.offered).join(elements).where(which)
    return list(await connection.execute(question.order_by(*NEWEST_FIRST).limit(limit)))


_BROUGHT = ("evidence", "dirac evidence", "alerts", "answer forced")
"""Actions by which people bring what others said or measured."""


async def deeds(
    connection: AsyncConnection, element: ElementKey, vos: Collection[str], since: datetime, until: datetime, limit: int
) -> list[Row[Any]]:
    """The last ``limit`` changes in that time of rows that ``element`` has for ``vos`` which are not automation's alone.

    That is what people did, and what the guard held; newest first. Whoever only brings what was measured decides nothing. What
    became of rows of all while the element was offered to none of the other ``vos`` is not among them.
    """
    by_hand = and_(audit.c.actor_kind == ActorKind.PERSON, audit.c.action.not_in(_BROUGHT))
    decided = or_(changes.c.kind.in_([ChangeKind.TOKEN, ChangeKind.HELD]), by_hand)
    rows = and_(await _of_lineage(connection, element), changes.c.status_type != "", changes.c.vo.in_(sorted(vos)))
    # a row begins when somebody sets it, or by itself
    by_itself = and_(changes.c.kind.in_([ChangeKind.OPENED, ChangeKind.ENDED]), changes.c.token_owner.is_(None))
    which = and_(rows, decided, not_(by_itself))
    told = or_(*map(offers.told_to, sorted(set(vos) - {ALL}) or [ALL]))
    made = changes.join(elements).outerjoin(audit, audit.c.revision == changes.c.revision)
    question = select(changes).select_from(made).where(which, told, changes.c.at >= since, changes.c.at < until)
    return list(await connection.execute(question.order_by(*NEWEST_FIRST).limit(limit)))


def place(change: Row[Any]) -> tuple[int, int]:
    """Where ``change`` stands among all: the later, the higher."""
    return change.revision, change.id


async def _older(connection: AsyncConnection, before: int) -> ColumnElement[bool]:
    """That a change comes before the one with the id ``before``."""
    revision = await connection.scalar(select(changes.c.revision).where(changes.c.id == before))
    if revision is None:
        return changes.c.id < before
    return or_(changes.c.revision < revision, and_(changes.c.revision == revision, changes.c.id < before))


async def _of_lineage(connection: AsyncConnection, element: ElementKey) -> ColumnElement[bool]:
    """That a change is of ``element``, or of what it was before, until it was renamed: that name may mean another since."""
    numbers = await elements_store.lineage(connection, element)
    as_such = changes.c.element_id.in_(numbers[1:]) & (changes.c.status_type == "") & (changes.c.kind == RENAMED)
    question = select(changes.c.element_id, func.max(changes.c.revision).label("until")).where(as_such)
    renamed = await connection.execute(question.group_by(changes.c.element_id)) if numbers[1:] else ()
    earlier = ((changes.c.element_id == row.element_id) & (changes.c.revision <= row.until) for row in renamed)
    return or_(changes.c.element_id.in_(numbers[:1]), *earlier)


async def last_decision(connection: AsyncConnection, row: RowKey) -> Row[Any] | None:
    """When the policies last said something else about ``row`` than before, and what."""
    which = (decisions.c.status_type == row.status_type) & (decisions.c.vo == row.vo) & _is(row)
    question = select(decisions).join(elements).where(which).order_by(decisions.c.id.desc()).limit(1)
    return (await connection.execute(question)).first()


async def revision(connection: AsyncConnection, number: int) -> dict[str, Any]:
    """What a revision changed, ready to be told."""
    made = (await connection.execute(select(audit).where(audit.c.revision == number))).one()
    question = select(changes, *KEY).join(elements).where(changes.c.revision == number).order_by(changes.c.id)
    return {
        "revision": number,
        "at": made.at,
        "actor": made.actor,
        "action": made.action,
        "changes": [told(record) for record in await connection.execute(question) if record.status_type],
    }


async def signed(connection: AsyncConnection, number: int) -> Row[Any] | None:
    """Who made the revision ``number``, and what they called it; None: there is none."""
    return (await connection.execute(select(audit).where(audit.c.revision == number))).first()


async def with_previous(connection: AsyncConnection, number: int) -> list[tuple[Row[Any], Row[Any] | None]]:
    """The changes of rows in the revision ``number``, each with the one of the same row before it, as far as there is one."""
    made, earlier = changes.alias("made"), changes.alias("earlier")
    same = (earlier.c.element_id == made.c.element_id) & (earlier.c.status_type == made.c.status_type)
    same &= (earlier.c.vo == made.c.vo) & (earlier.c.revision < made.c.revision)
    last = select(func.max(earlier.c.id)).where(same).correlate(made).scalar_subquery().label("last")
    question = select(made, *KEY, last).join(elements, elements.c.id == made.c.element_id)
    found = list(await connection.execute(question.where(made.c.revision == number, made.c.status_type != "")))
    numbers = sorted({change.last for change in found if change.last is not None})
    before: dict[int, Row[Any]] = {}
    for part in elements_store.in_parts(numbers):
        before |= {row.id: row for row in await connection.execute(select(changes).where(changes.c.id.in_(part)))}
    return [(change, before.get(change.last)) for change in found]


async def last_answers(connection: AsyncConnection, names: set[str]) -> dict[str, datetime | None]:
    """By name of each of these that is a source, when it last gave a usable answer."""
    question = select(sources.c.name, sources.c.answered_at).where(sources.c.name.in_(sorted(names)))
    return {row.name: row.answered_at for row in await connection.execute(question)}


def told(record: Row[Any]) -> dict[str, Any]:
    """A change as it is told to the outside."""
    return {
        "family": record.family,
        "type": record.type,
        "name": record.name,
        "status_type": record.status_type,
        "vo": record.vo,
        "kind": record.kind,
        "old": _label(record.old),
        "new": _label(record.new),
        "reasons": [reason.text for reason in record.reasons],
    }


def _label(status: int | None) -> str | None:
    return None if status is None else Status(status).label


async def touched_since(connection: AsyncConnection, revision: int) -> set[int]:
    """The ids of the elements that something happened to after ``revision``."""
    return set(await connection.scalars(select(changes.c.element_id).where(changes.c.revision > revision).distinct()))


def _is(row: RowKey) -> ColumnElement[bool]:
    family, type_, name = row.element
    return (elements.c.family == family) & (elements.c.type == type_) & (elements.c.name == name)
