"""Debts of the past: which rows owed their Probing at a moment. That is not kept of them; what they had been tells it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, func, select, union

from gridmask.domain.decision import ReasonKind, combine
from gridmask.domain.instructions import ChangeKind
from gridmask.domain.status import Status, usable
from gridmask.store.elements import in_parts
from gridmask.store.tables import changes, decisions, statuses

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement, Row, Subquery, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.decision import Reason, Verdict

RowId = tuple[int, str, str]
"""Element id, status type, VO."""

_IDENTITY = ("element_id", "status_type", "vo")
_USABLE = [status.value for status in Status if usable(status)]
_RESTRICTED = frozenset({Status.BANNED, Status.PROBING})
_DECREED = frozenset({ReasonKind.PERSON, ReasonKind.IMPORTED})


class Bound(NamedTuple):
    """How far the books had been written at a moment: the last revision, and the last ids of changes and of decisions."""

    revision: int
    change: int
    decision: int


def rows_known(vos: Collection[str], until: Bound, numbers: Collection[int] | None = None) -> Subquery:
    """The rows of ``vos`` that there are, and those that ended since: no other can have been there.

    ``numbers``: the ids of their elements; None: of all.
    """
    now = select(*(statuses.c[name] for name in _IDENTITY)).where(_of(statuses, vos, numbers))
    over = and_(changes.c.revision > until.revision, changes.c.kind == ChangeKind.ENDED, _of(changes, vos, numbers))
    return union(now, select(*(changes.c[name] for name in _IDENTITY)).where(over)).subquery("whose")


def _of(table: Table, vos: Collection[str], numbers: Collection[int] | None) -> ColumnElement[bool]:
    whose = table.c.vo.in_(sorted(vos))
    return whose if numbers is None else and_(whose, table.c.element_id.in_(numbers))


def last(whose: Subquery, table: Table, until: int, *more: ColumnElement[bool]) -> Subquery:
    """The id of the last record of ``table`` about each row, as ``number``: up to ``until``, and of which ``more`` holds."""
    same = (table.c[name] == whose.c[name] for name in _IDENTITY)
    number = select(table.c.id).where(*same, table.c.id <= until, *more).order_by(table.c.id.desc()).limit(1)
    return select(*whose.c, number.correlate(whose).scalar_subquery().label("number")).subquery("last")


async def owing(
    connection: AsyncConnection, vos: Collection[str], until: Bound, stood: Mapping[RowId, Status]
) -> frozenset[RowId]:
    """Those of the rows, which ``stood`` so, that owed their Probing (promise D2)."""
    probing = {row for row, status in stood.items() if status is Status.PROBING}
    # what is usable owes nothing
    unclear = {row for row, status in stood.items() if not usable(status)} - probing
    found = set(probing)
    for part in in_parts({number for number, _, _ in unclear}):
        whose = rows_known(vos, until, part)
        decided = await _since_usable(connection, whose, decisions, decisions.c.status, until.decision, decisions.c.verdicts)
        found |= {(row[0], row[1], row[2]) for row in decided if _owes(Status(row[3]), row[4])}
        changed = await _since_usable(connection, whose, changes, changes.c.new, until.change, changes.c.reasons)
        found |= {(row[0], row[1], row[2]) for row in changed if row[3] is not None and _is_decreed(Status(row[3]), row[4])}
    return frozenset(found & (unclear | probing))


async def _since_usable(
    connection: AsyncConnection, whose: Subquery, table: Table, status: Column[Any], until: int, *told: Column[Any]
) -> list[Row[*tuple[Any, ...]]]:
    """What ``table`` has of each row since it was last usable."""
    # what was imported is of before all that
    ours = [changes.c.revision >= 1] if table is changes else []
    free = last(whose, table, until, status.in_(_USABLE), *ours)
    same = and_(*(table.c[name] == free.c[name] for name in _IDENTITY))
    since = and_(table.c.id > func.coalesce(free.c.number, 0), table.c.id <= until)
    columns = (*(table.c[name] for name in _IDENTITY), status, *told)
    return list(await connection.execute(select(*columns).join(free, same).where(since, *ours)))


def _owes(status: Status, verdicts: tuple[Verdict, ...]) -> bool:
    combination = combine(verdicts)
    return status is Status.PROBING or (status is combination.status is Status.BANNED and combination.lasting)


def _is_decreed(status: Status, reasons: tuple[Reason, ...]) -> bool:
    """Whether a person made it so, or it was taken over so."""
    return status in _RESTRICTED and any(reason.kind in _DECREED for reason in reasons)
