"""News in the database: what entries of the outbox stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Row, func, select

from gridmask.domain.decision import combine
from gridmask.domain.element import RowKey
from gridmask.domain.news import About, Change, Changes, HeldBatch, News, Notice, Reminder, SourceState
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL
from gridmask.store.elements import element_of, in_parts
from gridmask.store.ledger import CHANGED, HELD, REMINDER, SOURCE
from gridmask.store.tables import audit, changes, decisions, elements, statuses

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.element import Element

_VALUES: Mapping[str, type[Any]] = {HELD: HeldBatch, REMINDER: Reminder}

_Place = tuple[int, str, str]
"""Of a row: the id of its element, its status type, its VO."""


async def load(connection: AsyncConnection, entries: Sequence[Row[Any]]) -> list[News]:
    """What ``entries`` of the outbox stand for, in their order."""
    revisions = {entry.id: int(entry.payload["revision"]) for entry in entries if entry.topic == CHANGED}
    changed = await _changes(connection, sorted(set(revisions.values()))) if revisions else {}
    found: list[News] = []
    for entry in entries:
        about = changed.get(revisions[entry.id]) if entry.id in revisions else _about(entry)
        if about is not None:
            found.append(News(entry.key, entry.id, entry.created_at, about))
    return found


def _about(entry: Row[Any]) -> About:
    if entry.topic == SOURCE:
        told = entry.payload
        return SourceState(told["source"], told["state"], told["why"], told)
    kind = _VALUES.get(entry.topic)
    if kind is None:
        return Notice(entry.topic, entry.payload)
    value: About = msgspec.convert(entry.payload, kind, strict=False)
    return value


async def _changes(connection: AsyncConnection, revisions: list[int]) -> dict[int, Changes]:
    """What each of ``revisions`` changed."""
    records = await connection.execute(
        select(changes).where(changes.c.revision.in_(revisions), changes.c.status_type != "").order_by(changes.c.id)
    )
    rows = list(records)
    makers = await _Makers.load(connection, revisions, rows)
    by_revision: dict[int, list[Change]] = {}
    for record in rows:
        by_revision.setdefault(record.revision, []).append(makers.change(record))
    made = await connection.execute(select(audit).where(audit.c.revision.in_(revisions)))
    return {
        row.revision: Changes(row.revision, row.at, row.actor, row.action, tuple(by_revision.get(row.revision, ())))
        for row in made
    }


async def _inherited(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> dict[int, Status | None]:
    """By change, what ``all`` was before a VO's row began, or is since it ended."""
    wanted: dict[int, list[Row[Any]]] = {}
    for row in rows:
        if row.vo != ALL and (row.old is None or row.new is None):
            wanted.setdefault(row.revision - (row.old is None), []).append(row)
    found: dict[int, Status | None] = {}
    for upto, some in wanted.items():
        there = await _of_all(connection, {row.element_id for row in some}, upto)
        found |= {row.id: there.get((row.element_id, row.status_type)) for row in some}
    return found


async def _of_all(connection: AsyncConnection, numbers: set[int], upto: int) -> dict[tuple[int, str], Status | None]:
    """What the rows of ``all`` of these elements were as of that revision."""
    found: dict[tuple[int, str], Status | None] = {}
    place = (changes.c.element_id, changes.c.status_type)
    for part in in_parts(numbers):
        which = (changes.c.element_id.in_(part), changes.c.vo == ALL, changes.c.revision <= upto)
        last = select(func.max(changes.c.id).label("id")).where(*which).group_by(*place).subquery()
        question = select(*place, changes.c.new).join(last, last.c.id == changes.c.id)
        found |= {(row[0], row[1]): _status(row[2]) for row in await connection.execute(question)}
    return found


class _Makers:
    """All that it takes to make changes of records."""

    def __init__(
        self,
        known: Mapping[int, Element],
        judged: Mapping[tuple[int, _Place], Row[Any]],
        since: Mapping[_Place, datetime],
        inherited: Mapping[int, Status | None],
    ) -> None:
        self._elements = known
        self._inherited = inherited
        self._judged = judged
        self._since = since
        self._apart: dict[tuple[int, str], frozenset[str]] = {}
        for number, status_type, vo in since:
            if vo != ALL:
                self._apart[number, status_type] = self._apart.get((number, status_type), frozenset()) | {vo}

    @classmethod
    async def load(cls, connection: AsyncConnection, revisions: list[int], rows: Sequence[Row[Any]]) -> _Makers:
        """What is known of the elements of ``rows``, and was said of them in these ``revisions``."""
        numbers = {row.element_id for row in rows}
        known: dict[int, Element] = {}
        since: dict[_Place, datetime] = {}
        for part in in_parts(numbers):
            found = await connection.execute(select(elements).where(elements.c.id.in_(part)))
            known |= {row[0]: element_of(row) for row in found}
            columns = (statuses.c.element_id, statuses.c.status_type, statuses.c.vo, statuses.c.since)
            there = await connection.execute(select(*columns).where(statuses.c.element_id.in_(part)))
            since |= {(row[0], row[1], row[2]): row[3] for row in there}
        judged = dict(await _judgements(connection, revisions))
        return cls(known, judged, since, await _inherited(connection, rows))

    def change(self, record: Row[Any]) -> Change:
        """What ``record`` tells."""
        place = (record.element_id, record.status_type, record.vo)
        element, judged = self._elements[record.element_id], self._judged.get((record.revision, place))
        general = record.vo == ALL
        return Change(
            number=record.id,
            row=RowKey(element.key, record.status_type, record.vo),
            element=element,
            kind=record.kind,
            before=_status(record.old),
            after=_status(record.new),
            at=record.at,
            since=record.at if record.old != record.new else min(record.at, self._since.get(place, record.at)),
            reasons=record.reasons,
            actor=record.actor,
            revision=record.revision,
            verdicts=judged.verdicts if judged else (),
            combined=combine(judged.verdicts).status if judged else None,
            token_owner=record.token_owner,
            binding=record.binding,
            apart=self._apart.get(place[:2], frozenset()) if general else frozenset(),
            inherited=self._inherited.get(record.id),
        )


async def _judgements(connection: AsyncConnection, revisions: list[int]) -> Iterator[tuple[tuple[int, _Place], Row[Any]]]:
    columns = ("revision", "element_id", "status_type", "vo", "verdicts")
    question = select(*(decisions.c[name] for name in columns)).where(decisions.c.revision.in_(revisions))
    return (((row.revision, (row.element_id, row.status_type, row.vo)), row) for row in await connection.execute(question))


def _status(number: int | None) -> Status | None:
    return None if number is None else Status(number)


def in_words(topic: str, payload: Mapping[str, Any]) -> str:
    """What an entry of the outbox is about, in a few words."""
    match topic:
        case "statuses.changed":
            return f"revision {payload['revision']}"
        case "batch":
            return f"batch {payload['batch']} is {payload['state']}"
        case "reminder":
            return f"reminder of {payload['owner']}"
        case "source":
            return f"source {payload['source']} is {payload['state']}"
        case _:
            return str(payload.get("subject", topic))
