"""What happened to rows of many elements, and when these were there: read at once, as timelines are made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import and_, func, or_, select

from gridmask.domain.mask import Absence
from gridmask.domain.status import Status
from gridmask.domain.timeline import Change, Showing
from gridmask.domain.vo import ALL
from gridmask.store import families
from gridmask.store.elements import element_of, in_parts
from gridmask.store.history import RENAMED
from gridmask.store.imported import BEFORE_ALL
from gridmask.store.tables import audit, changes, elements
from gridmask.store.tables import element_versions as versions
from gridmask.store.versions import GUESS

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import Element

_STATUS = {status.value: status for status in Status}
_OUTLINE = (
    *(changes.c.revision, changes.c.id, changes.c.element_id, changes.c.status_type),
    *(changes.c.at, changes.c.vo, changes.c.new, changes.c.binding),
)
_DETAILS = (changes.c.token_owner, changes.c.kind, changes.c.actor, changes.c.reasons)
_VERSION = (
    *(versions.c.revision, versions.c.element_id, audit.c.at, versions.c.listed),
    *(versions.c.in_service, versions.c.offered, versions.c.basis),
)
_Record = sa.Row[*tuple[Any, ...]]


class Subject(NamedTuple):
    """An element that is or was there: its id, and how it is described now."""

    number: int
    element: Element


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        vo: who looks.
        since, until: from when up to when.
        ours: since when there is an installation; what is known of before was made elsewhere. None: there never was.
        status_type: about which; None: all.
        details: whether also by whom and why rows became what they were.
    """

    vo: str
    since: datetime
    until: datetime
    ours: datetime | None = None
    status_type: str | None = None
    details: bool = True


@dataclass(slots=True)
class Told:
    """What is known of an element.

    Attributes:
        rows: by status type, what became of its rows, in the order in which they were made.
        showings: since when the VO's mask shows it, and since when it does not; in order.
        unsure: whether the latter may have been otherwise: it was edited since, and what it was before is not kept.
    """

    rows: dict[str, list[Change]] = field(default_factory=dict)
    showings: list[Showing] = field(default_factory=list)
    unsure: bool = False


async def page(connection: AsyncConnection, where: Mapping[str, str], cursor: int, limit: int) -> list[Subject]:
    """Up to ``limit`` elements with these columns, in the inventory or not any more, by id, from after ``cursor``.

    Those that are called something else now are left out: what they were is told under that name.
    """
    question = select(elements).where(elements.c.id > cursor, elements.c.id.not_in(_renamed()))
    for column, value in where.items():
        question = question.where(elements.c[column] == value)
    found = await connection.execute(question.order_by(elements.c.id).limit(limit))
    return [Subject(record[0], element_of(record)) for record in found]


def _renamed() -> sa.Select[tuple[int]]:
    """The ids of the elements that the inventory has no more because they are called something else."""
    gone = select(elements.c.id).where(elements.c.renamed_to.is_not(None), elements.c.taken_out_at.is_not(None))
    as_such = (changes.c.status_type == "") & (changes.c.vo == "") & changes.c.element_id.in_(gone)
    last = select(func.max(changes.c.id)).where(as_such).group_by(changes.c.element_id)
    return select(changes.c.element_id).where(changes.c.id.in_(last), changes.c.kind == RENAMED)


async def told(connection: AsyncConnection, subjects: Collection[Subject], question: Question) -> dict[int, Told]:
    """What is known of each of ``subjects``, by its id: all that happened in that time, and what was so before."""
    known = await families.of(connection, {subject.number for subject in subjects})
    rows: dict[int, list[_Record]] = {subject.number: [] for subject in subjects}
    described: dict[int, list[_Record]] = {subject.number: [] for subject in subjects}
    for part in in_parts(known.members):
        for record in await _changes(connection, part, question):
            for heir in known.heirs(record[0], record[2]):
                rows[heir].append(record)
        for record in await _versions(connection, part, question):
            for heir in known.heirs(record[0], record[1]):
                described[heir].append(record)
    return {s.number: _told(s.element, rows[s.number], described[s.number], question) for s in subjects}


async def _changes(connection: AsyncConnection, part: Collection[int], question: Question) -> list[_Record]:
    """The changes of rows of these elements: the last of each up to the beginning, and all from there."""
    about = and_(changes.c.element_id.in_(part), _whose(question), _whence(question))
    before = select(func.max(changes.c.id).label("id")).where(about, changes.c.at <= question.since)
    last = before.group_by(changes.c.element_id, changes.c.status_type, changes.c.vo).subquery()
    columns = (*_OUTLINE, *_DETAILS) if question.details else _OUTLINE
    first = await connection.execute(select(*columns).join(last, changes.c.id == last.c.id))
    then = and_(about, changes.c.at > question.since, changes.c.at < question.until)
    return [*first, *await connection.execute(select(*columns).where(then))]


async def _versions(connection: AsyncConnection, part: Collection[int], question: Question) -> list[_Record]:
    """How these elements were described, and since when. What is of a revision that is not made yet was seen by nobody."""
    made = select(*_VERSION).join(audit, audit.c.revision == versions.c.revision)
    return list(await connection.execute(made.where(versions.c.element_id.in_(part), audit.c.at < question.until)))


def _whose(question: Question) -> ColumnElement[bool]:
    rows = changes.c.vo.in_(sorted({question.vo, ALL}))
    return rows if question.status_type is None else rows & (changes.c.status_type == question.status_type)


def _whence(question: Question) -> ColumnElement[bool]:
    """Of before there was an installation, what was made elsewhere; from then on, what happened here."""
    if question.ours is None:
        return changes.c.revision == BEFORE_ALL
    elsewhere = and_(changes.c.revision == BEFORE_ALL, changes.c.at < question.ours)
    here = changes.c.revision > BEFORE_ALL
    return here if question.ours <= question.since else or_(here, elsewhere)


_IN_ORDER = itemgetter(0, 1)
_BY_TIME = itemgetter(4, 1)
_REVISION = itemgetter(0)
_NOT_ASKED = (None, "", "", ())


def _told(element: Element, rows: list[_Record], described: list[_Record], question: Question) -> Told:
    made = Told()
    # what was taken over came row by row
    elsewhere = sorted((record for record in rows if record[0] == BEFORE_ALL), key=_BY_TIME)
    if elsewhere:
        _take(elsewhere, made)
        # that tells of rows alone: the element is taken to have been there, and as it is now
        made.showings.append(Showing(elsewhere[0][4], _absence(element, question.vo)))
        made.unsure = True
        _forget(made, question)
    _take(sorted((record for record in rows if record[0] != BEFORE_ALL), key=_IN_ORDER), made)
    _show(sorted(described, key=_IN_ORDER), made, question)
    return made


def _take(rows: Iterable[_Record], made: Told) -> None:
    for revision, number, _, status_type, at, vo, new, binding, *details in rows:
        status = None if new is None else _STATUS[new]
        by = details or _NOT_ASKED
        made.rows.setdefault(status_type, []).append(
            Change(at, vo, status, binding, revision, by[0], by[1], by[2], by[3], number)
        )


def _forget(made: Told, question: Question) -> None:
    """From the first moment here on, only what happened here counts."""
    if question.ours is None:
        return
    for happened in made.rows.values():
        happened += [Change(question.ours, vo, None) for vo in sorted({question.vo, ALL})]
    made.showings.append(Showing(question.ours, Absence.NOT_KNOWN))


class _Described(NamedTuple):
    """How an element was described, as :data:`_VERSION` tells it."""

    revision: int
    element_id: int
    at: datetime
    listed: bool
    in_service: bool
    offered: frozenset[str]
    basis: str

    def is_offered_to(self, vo: str) -> bool:
        return not self.offered or vo == ALL or vo in self.offered


def _show(described: Iterable[_Record], made: Told, question: Question) -> None:
    there: dict[int, Absence | None] = {}
    for _, together in groupby(described, key=_REVISION):
        made_together = list(map(_Described._make, together))
        for version in made_together:
            if version.listed:
                there[version.element_id] = _absence(version, question.vo)
            else:
                there.pop(version.element_id, None)
            # a guess about a time before what is asked about is none about that
            made.unsure = (made.unsure and version.at > question.since) or version.basis == GUESS
        made.showings.append(Showing(made_together[-1].at, next(iter(there.values())) if there else Absence.NOT_KNOWN))


def _absence(element: Element | _Described, vo: str) -> Absence | None:
    if not element.in_service:
        return Absence.OUT_OF_SERVICE
    return None if element.is_offered_to(vo) else Absence.NOT_OFFERED
