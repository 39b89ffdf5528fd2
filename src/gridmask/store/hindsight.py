"""What a moment of the past is judged by again: rows with all that they rested on, and downtimes as they became known.

Decisions keep verdicts, the measurements behind them, and what held a row back; changes keep statuses, tokens and bans that
bind. What is not kept of a row, its debt, is told by :mod:`~gridmask.store.debts`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sqlalchemy import and_, func, or_, select

from gridmask.domain.decision import ReasonKind, Verdict
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.evidence import Coverage, Evidence, EvidenceKey, Used
from gridmask.domain.hindsight import Known
from gridmask.domain.measurements import VALUES
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.domain.transition import Standing
from gridmask.store import debts, downtimes
from gridmask.store.debts import Bound
from gridmask.store.elements import KEY
from gridmask.store.tables import changes, decisions, elements, policy_revisions, sweeps
from gridmask.store.tables import downtimes as versions

if TYPE_CHECKING:
    from sqlalchemy import Row as Record
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.store.debts import RowId


Coverages = dict[tuple[str, str], Coverage]


class Stood(NamedTuple):
    """A row as it stood at a moment, and the evidence that its verdicts rested on."""

    row: Row
    used: tuple[Used, ...] = ()


async def bound(connection: AsyncConnection, revision: int, moment: datetime) -> Bound:
    """How far the books had been written at ``moment``, when ``revision`` was the last one."""
    last = select(changes.c.id).where(changes.c.revision.between(1, revision))
    change = await connection.scalar(last.order_by(changes.c.revision.desc(), changes.c.id.desc()).limit(1))
    return Bound(revision, change or 0, await last_decision(connection, moment))


async def last_decision(connection: AsyncConnection, moment: datetime) -> int:
    """The id of the last decision that was made up to ``moment``; 0: none was."""
    low, high = 0, await connection.scalar(select(func.max(decisions.c.id))) or 0
    # each was made after the one before it; ids may have gaps
    while low < high:
        middle = (low + high + 1) // 2
        near = select(decisions.c.id, decisions.c.at).where(decisions.c.id <= middle).order_by(decisions.c.id.desc()).limit(1)
        found = (await connection.execute(near)).first()
        if found is None or found.at <= moment:
            low = middle
        else:
            high = found.id - 1
    return low


async def rows(connection: AsyncConnection, vos: Collection[str], until: Bound) -> list[Stood]:
    """The rows of ``vos`` as they stood, whether or not their elements were in the inventory."""
    whose = debts.rows_known(vos, until)
    last = debts.last(whose, changes, until.change, changes.c.revision >= 1)
    columns = (changes.c.element_id, changes.c.status_type, changes.c.vo, changes.c.new, changes.c.at, changes.c.reasons)
    held = (changes.c.token_owner, changes.c.token_expires_at, changes.c.token_agreed, changes.c.binding)
    question = select(*columns, *held, *KEY).join(last, changes.c.id == last.c.number).join(elements)
    stood = [record for record in await connection.execute(question) if record[3] is not None]
    decided = await _decided(connection, vos, until)
    owing = await debts.owing(connection, vos, until, {record[:3]: _STATUS[record[3]] for record in stood})
    return [_stood(record, decided.get(record[:3]), owes=record[:3] in owing) for record in stood]


async def _decided(connection: AsyncConnection, vos: Collection[str], until: Bound) -> dict[RowId, Record[*tuple[Any, ...]]]:
    """What the policies had last said of each row."""
    last = debts.last(debts.rows_known(vos, until), decisions, until.decision)
    columns = (decisions.c.element_id, decisions.c.status_type, decisions.c.vo, decisions.c.verdicts, decisions.c.opinion)
    more = (decisions.c.evidence, decisions.c.hold, decisions.c.penalty, decisions.c.policy_revision)
    question = select(*columns, *more).join(last, decisions.c.id == last.c.number)
    return {record[:3]: record for record in await connection.execute(question)}


def _stood(record: Record[*tuple[Any, ...]], decided: Record[*tuple[Any, ...]] | None, *, owes: bool) -> Stood:
    _, status_type, vo, status, since, reasons, owner, expires_at, agreed, binding, *key = record
    token = Token(owner, expires_at, agreed) if owner is not None else None
    identity, standing = RowKey(ElementKey(*key), status_type, vo), Standing(_STATUS[status], since, owes)
    if decided is None:
        return Stood(Row(identity, standing, reasons, token=token, binding=binding))
    _, _, _, verdicts, opinion, used, hold, penalty, revision = decided
    told = {"policy_revision": revision, "hold": hold, "penalty": penalty}
    return Stood(Row(identity, standing, reasons, verdicts, _STATUS[opinion], token, binding, **told), used or ())


_STATUS = {status.value: status for status in Status}


def measured(stood: Iterable[Stood]) -> Iterator[Evidence]:
    """The measurements that verdicts rested on then, or were wanting for having expired."""
    for row, used in stood:
        terms = _terms(row.verdicts) if used else {}
        for item in used:
            term = next((one for one in ((item.source, item.record), (item.source, "")) if one in terms), None)
            if term is not None and item.value is not None and item.kind in VALUES:
                key = EvidenceKey(item.source, item.record, row.key.element)
                value = msgspec.convert(item.value, VALUES[item.kind])
                yield Evidence(key, item.kind, value, item.observed_at, terms[term], item.vo)


def _terms(verdicts: Iterable[Verdict]) -> dict[tuple[str, str], datetime | None]:
    """By the records that ``verdicts`` name, until when each had counted; None: it did. Not those of which one is repeated."""
    reasons = [(verdict, reason) for verdict in verdicts for reason in verdict.reasons if reason.source]
    fresh = {(r.source, r.record): None for verdict, r in reasons if not verdict.held and r.kind is not ReasonKind.MISSING}
    # what is wanting has expired, also where another policy names it still
    return fresh | {(r.source, r.record): r.since for _, r in reasons if r.kind is ReasonKind.MISSING and r.record}


Silence = dict[str, datetime | None]
"""By source that was silent, until when its last answer had counted; None: it had never answered."""


def silent(verdicts: Iterable[tuple[Verdict, ...]]) -> Silence:
    """The sources for want of which something could not be said: with no record, the reason is their silence."""
    reasons = (reason for some in verdicts for verdict in some for reason in verdict.reasons)
    return {r.source: r.since for r in reasons if r.kind is ReasonKind.MISSING and r.source and not r.record}


async def still_silent(
    connection: AsyncConnection, vos: Collection[str], until: Bound, known: datetime, suspected: Silence
) -> Silence:
    """Those of ``suspected`` sources that were silent at ``known``, too, and so may not have spoken since."""
    if not suspected:
        return suspected
    later = Bound(until.revision, until.change, await last_decision(connection, known))
    then = silent(record.verdicts for record in (await _decided(connection, vos, later)).values())
    return {source: since for source, since in suspected.items() if source in then}


def covering(coverage: Coverages, at: datetime, silence: Silence) -> Coverages:
    """``coverage`` as it counts at ``at``: of what is not in ``silence``, that nothing was announced is known."""
    return {key: _covering(one, at, silence) for key, one in coverage.items()}


def _covering(one: Coverage, at: datetime, silence: Silence) -> Coverage:
    if one.source not in silence:
        return one if one.answered_at is None else replace(one, answered_at=at, valid_until=None)
    until = silence[one.source]
    if until is None or one.answered_at is None or one.valid_until is None:
        return replace(one, answered_at=None, valid_until=None)
    return replace(one, answered_at=until - (one.valid_until - one.answered_at), valid_until=until)


async def announced(connection: AsyncConnection, at: datetime, known: datetime) -> list[Known]:
    """The versions of downtimes not over at ``at`` that stood then or at ``known``."""
    not_over = or_(versions.c.ends_at.is_(None), versions.c.ends_at > at)
    stood = (
        and_(versions.c.known_from <= moment, or_(versions.c.known_to.is_(None), versions.c.known_to > moment))
        for moment in dict.fromkeys((at, known))
    )
    found = await downtimes.versions(connection, and_(not_over, or_(*stood)))
    return [Known(version.downtime, version.known_from, version.known_to) for version in found]


async def in_force(connection: AsyncConnection, until: Bound, at: datetime) -> str | None:
    """The revision of the policies by which was judged last up to ``at``; None: that is not kept.

    Policies that come into force again are noted once, with the last time: what was judged by them then tells of the first.
    """
    decided = select(decisions.c.at, decisions.c.policy_revision).where(decisions.c.id == until.decision)
    swept = select(sweeps.c.at, sweeps.c.policy_revision).where(sweeps.c.at <= at).order_by(sweeps.c.id.desc()).limit(1)
    loaded = select(policy_revisions.c.loaded_at, policy_revisions.c.revision).where(policy_revisions.c.loaded_at <= at)
    asked = (decided, swept, loaded.order_by(policy_revisions.c.loaded_at.desc()).limit(1))
    found = [record for question in asked if (record := (await connection.execute(question)).first()) is not None]
    return max(found, key=lambda record: record[0])[1] if found else None


async def policies(connection: AsyncConnection, revision: str) -> dict[str, Any] | None:
    """The document of the policies of ``revision``; None: it is not kept."""
    question = select(policy_revisions.c.document).where(policy_revisions.c.revision == revision)
    return (await connection.execute(question)).scalar_one_or_none()
