"""Checks that records which are written together agree (promise K1): rows with their history, history with the audit...

Each is a question or two that the database answers by itself, so that a million changes take seconds. What was imported has no
revision, and is not looked at: it is as it was elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, or_, select, true

from gridmask.domain.listing import some
from gridmask.domain.naming import handles
from gridmask.domain.vo import ALL
from gridmask.store.elements import element_of
from gridmask.store.findings import Finding
from gridmask.store.tables import audit, changes, downtimes, element_handles, elements, policy_layers, statuses

if TYPE_CHECKING:
    from sqlalchemy import Row, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

_ROW = ("element_id", "status_type", "vo")
_KEPT = ("token_owner", "token_expires_at", "token_agreed", "binding")
"""What a change keeps as the row has it after."""

_OURS = and_(changes.c.revision > 0, changes.c.status_type != "")
_COURSE: dict[str, Any] = {"partition_by": [changes.c[name] for name in _ROW]}
_FORWARDS, _BACKWARDS = (changes.c.revision, changes.c.id), (changes.c.revision.desc(), changes.c.id.desc())


async def courses(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """What each row was before a change is what it had become by the one before."""
    earlier = func.lag(changes.c.id).over(**_COURSE, order_by=_FORWARDS).label("earlier")
    become = func.lag(changes.c.new).over(**_COURSE, order_by=_FORWARDS).label("become")
    course = select(changes, earlier, become).where(_OURS).subquery()
    broken = select(course).where(course.c.earlier.is_not(None), course.c.old.is_distinct_from(course.c.become))
    async for finding in _told(connection, "history", "was something else before than it had become:", broken):
        yield finding


async def last_changes(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Each row is what its last change says, and is there unless that was its end."""
    place = func.row_number().over(**_COURSE, order_by=_BACKWARDS).label("place")
    numbered = select(changes, place).where(_OURS).subquery()
    last = select(numbered).where(numbered.c.place == 1).subquery()
    same_row = and_(*(statuses.c[name] == last.c[name] for name in _ROW))
    pairs = [(statuses.c.status, last.c.new), (statuses.c.revision, last.c.revision)]
    pairs += [(statuses.c[name], last.c[name]) for name in _KEPT]
    other = or_(last.c.kind == "ended", *(row.is_distinct_from(said) for row, said in pairs))
    half = select(last).join(statuses, same_row).where(other)
    gone = select(last).outerjoin(statuses, same_row).where(statuses.c.vo.is_(None), last.c.kind != "ended")
    its_own = exists().where(_OURS, *(changes.c[name] == statuses.c[name] for name in _ROW))
    mute = select(statuses).where(statuses.c.revision > 0, ~its_own)
    for what, question in (
        ("is not what its last change says:", half),
        ("is gone, and its last change was not its end:", gone),
        ("has a revision, and no change by which it came:", mute),
    ):
        async for finding in _told(connection, "rows", what, question):
            yield finding


async def signatures(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Each change is of a revision that somebody signed for, then and by that name."""
    signed = audit.c.revision == changes.c.revision
    unsigned = or_(audit.c.id.is_(None), audit.c.at != changes.c.at, audit.c.actor != changes.c.actor)
    question = select(changes).outerjoin(audit, signed).where(changes.c.revision > 0, unsigned)
    async for finding in _told(connection, "audit", "changed otherwise than the audit signed for:", question):
        yield finding


async def tokens(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Only who holds a row does so for a term, and only a row of ``all`` binds others."""
    term = or_(*(statuses.c[name].is_not(None) for name in ("token_expires_at", "token_review_at", "token_notice_at")))
    nobodys = and_(statuses.c.token_owner.is_(None), or_(term, statuses.c.token_agreed == true()))
    binding = and_(statuses.c.binding == true(), statuses.c.vo != ALL)
    question = select(statuses).where(or_(nobodys, binding))
    async for finding in _told(connection, "tokens", "is held by nobody for a term, or binds without being of all:", question):
        yield finding


async def announcements(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Of each downtime, one version is known at a time."""
    course: dict[str, Any] = {"partition_by": [downtimes.c.source, downtimes.c.record], "order_by": downtimes.c.id}
    earlier, until = (func.lag(downtimes.c[name]).over(**course).label(name) for name in ("id", "known_to"))
    versions = select(downtimes.c.source, downtimes.c.record, downtimes.c.known_from, earlier, until).subquery()
    overlapping = or_(versions.c.known_to.is_(None), versions.c.known_to > versions.c.known_from)
    found = await connection.execute(select(versions).where(versions.c.id.is_not(None), overlapping))
    if names := [f"{row.record} of {row.source}" for row in found]:
        yield Finding("downtimes", f"two versions of the same one stood at a time: {some(names)}.")


async def names(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Elements are found by the names and hosts that they have."""
    kept: dict[int, set[str]] = {}
    for number, handle in await connection.execute(select(element_handles.c.element_id, element_handles.c.handle)):
        kept.setdefault(number, set()).add(handle)
    there = await connection.stream(select(elements).where(elements.c.taken_out_at.is_(None)))
    other = [
        str(element.key)
        async for row in there
        if {*handles(element := element_of(row))} - {element.key.name} != kept.get(row[0], set())
    ]
    if other:
        yield Finding("handles", f"found by other names than theirs: {some(other)}.")


async def layers(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """The versions of a VO's policies are numbered from 1 on."""
    version = policy_layers.c.version
    gap = or_(func.min(version) != 1, func.max(version) != func.count())
    found = await connection.scalars(select(policy_layers.c.vo).group_by(policy_layers.c.vo).having(gap))
    if vos := sorted(found):
        yield Finding("policies", f"versions are missing of the policies of {some(vos)}.")


async def _told(connection: AsyncConnection, check: str, what: str, question: Select[Any]) -> AsyncIterator[Finding]:
    columns = (question.selected_columns[name] for name in (*_ROW, "revision"))
    found = await connection.execute(
        question.with_only_columns(*columns).order_by(*(question.selected_columns[n] for n in _ROW))
    )
    if named := list(map(_named, found)):
        yield Finding(check, f"{what} {some(named)}.")


def _named(row: Row[Any]) -> str:
    about = f" {row.status_type} for {row.vo}" if row.status_type else ""
    return f"element {row.element_id}{about} in revision {row.revision}"


CHECKS = (courses, last_changes, signatures, tokens, announcements, names, layers)
