"""Going back to DIRAC: what its tables are to say, so that it goes on from where rows are here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from gridmask.dirac_db import translate
from gridmask.dirac_db.writing import Entry, cut, naive
from gridmask.domain.rights import Action
from gridmask.domain.row import seen_by
from gridmask.domain.state import NO_ROWS, group
from gridmask.domain.vo import ALL
from gridmask.store import courses, elements, imported, statuses
from gridmask.store.past import revision_at

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.dirac_db.record import Record
    from gridmask.domain.actor import Actor
    from gridmask.domain.element import Element, ElementKey, RowKey
    from gridmask.domain.row import Row, Rows
    from gridmask.inspection.inspector import Inspector

GIVEN_BACK = "export dirac-sql"
"""How it goes into the books. By the time of it, an import knows its records again."""


@dataclass(frozen=True, slots=True)
class Return:
    """What DIRAC is to be told, as of ``now``.

    Attributes:
        entries: the rows that it has otherwise.
        unchanged: how many rows it has as they are here; ``earlier``: how many differ since before the moment asked for.
        left_out: elements of DIRAC's that are not in service here.
        without_vo: how many rows of VOs its tables have no place for.
    """

    now: datetime
    entries: tuple[Entry, ...]
    unchanged: int = 0
    earlier: int = 0
    left_out: frozenset[ElementKey] = frozenset()
    without_vo: int = 0


@dataclass(slots=True)
class _Here:
    """What there is here: the elements in service and their rows, and the last revision that does not count as a change."""

    now: datetime
    inventory: Mapping[ElementKey, Element]
    rows: Mapping[ElementKey, Rows]
    before: int
    counts: Counter[str] = field(default_factory=Counter)

    def seen(self, key: RowKey) -> Row | None:
        """What readers of the row's VO get (promises V1, V4); None: nothing."""
        element = self.inventory.get(key.element)
        if element is None or not element.in_service:
            return None
        return seen_by(key.vo, key.status_type, self.rows.get(key.element, NO_ROWS))

    def own(self, element: ElementKey, status_type: str) -> Iterator[Row]:
        """The rows that VOs have of their own in this respect."""
        rows = self.rows.get(element, NO_ROWS).values()
        return (row for row in rows if row.key.status_type == status_type and row.key.vo != ALL)


async def to_return(
    inspector: Inspector, actor: Actor, standing: list[tuple[RowKey, Record]], since: datetime | None
) -> Return:
    """What DIRAC, whose rows are ``standing``, is to be told: what changed here since ``since``; None: all that differs.

    Rows of elements that DIRAC does not have are left to its own synchronisation. That it was asked for is noted.

    Raises:
        Forbidden: ``actor`` does not administer the installation.
    """
    actor.require(Action.IMPORT_HISTORY, ALL)
    async with inspector.database.reading() as connection:
        before = 0 if since is None else await revision_at(connection, since)
        rows = group(await statuses.load(connection))
        here = _Here(inspector.clock(), await elements.load(connection), rows, before)
    found = _found(here, standing)
    if found.entries:
        note = partial(_note, actor, f"{len(found.entries)} rows", here.now)
        await inspector.database.change(note)
    return found


async def _note(actor: Actor, comment: str, now: datetime, connection: AsyncConnection, _: int) -> None:
    await imported.note(connection, actor, GIVEN_BACK, comment, now)


def _found(here: _Here, standing: list[tuple[RowKey, Record]]) -> Return:
    there = dict(standing)
    entries = [entry for key, record in standing if (entry := _entry(here, key, record)) is not None]
    entries += [entry for key, record in standing if key.vo == ALL for entry in _new(here, key, record, there)]
    left = frozenset(key.element for key in there if here.seen(key) is None)
    counts = here.counts
    return Return(here.now, tuple(entries), counts["unchanged"], counts["earlier"], left, counts["without VO"])


def _entry(here: _Here, key: RowKey, record: Record) -> Entry | None:
    """What is to be written over ``record``; None: nothing."""
    row = here.seen(key)
    if row is None:
        return None
    entry = _told(row, record, here.now)
    if _says(entry) == _is(record):
        here.counts["unchanged"] += 1
        return None
    # a VO that has no row of its own here follows that of all, whenever that changed
    if row.revision <= here.before and row.key.vo == key.vo:
        here.counts["earlier"] += 1
        return None
    return entry


def _new(here: _Here, general: RowKey, record: Record, there: Mapping[RowKey, Record]) -> Iterator[Entry]:
    """The rows of VOs that DIRAC does not have, as far as they say something else than the row of all."""
    everyones = here.seen(general)
    if everyones is None:
        return
    for own in here.own(*general[:2]):
        row = here.seen(own.key)
        if row is None or own.key in there or row.revision <= here.before or _same(row, everyones):
            continue
        if not record.table.has_vo:
            here.counts["without VO"] += 1
            continue
        yield replace(_told(row, record, here.now), vo=own.key.vo, is_new=True)


def _same(row: Row, other: Row) -> bool:
    return (row.status, row.token) == (other.status, other.token)


def _told(row: Row, record: Record, now: datetime) -> Entry:
    token = row.token if row.held(now) else None
    return Entry(
        record.table,
        record.name,
        record.status_type,
        record.vo,
        record.element_type,
        row.status,
        courses.joined(row.reasons),
        row.standing.since,
        token.owner if token else None,
        token.expires_at if token else None,
    )


def _says(entry: Entry) -> tuple[str, str, str | None]:
    until = naive(entry.until) if entry.owner and entry.until else None
    return entry.status.label, cut(entry.owner, entry.table), until


def _is(record: Record) -> tuple[str, str, str | None]:
    owner = translate.owner(record.owner, {})
    until = translate.moment(record.expires) if owner else None
    return record.status, cut(owner, record.table), naive(until) if until else None
