"""The audit: who did what, whence, and to whom. Entries are only ever added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from gridmask.domain.actor import Actor
from gridmask.domain.vo import ALL
from gridmask.store import offers
from gridmask.store.tables import audit, audit_vos, changes, elements
from gridmask.store.upsert import insert_all

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

MOST_CHANGES = 20
"""So many changes of rows are told with an entry; it tells how many there were."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what, when: how an event goes into the books. ``vos``: whom it concerned, where no row tells."""

    actor: Actor
    action: str
    comment: str
    at: datetime
    vos: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as it is in the books.

    Attributes:
        id: its number; a later one has a higher.
        vos: the VOs whose something was done to; ``all``, if it belongs to the installation.
        revision: the revision that it made; None if it changed no status.
        details: what no change of a row tells: before, and after; None: nothing.
        changed: how many changes it made of rows and elements; ``changes``: the first of them.
    """

    id: int
    at: datetime
    actor: str
    actor_kind: str
    issuer: str
    address: str
    request: str
    action: str
    comment: str
    vos: tuple[str, ...]
    revision: int | None
    details: Mapping[str, Any] | None
    changed: int = 0
    changes: tuple[Row[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None is any. ``before``: only those with a lower number.

    ``told``: the VOs of which entries tell; None: all of them. Of what was done to several at once, the rest is left out, and
    with it what is of elements that were not offered to ``vo``.
    """

    vo: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    request: str | None = None
    told: frozenset[str] | None = None
    actor_kind: str | None = None


async def sign(
    connection: AsyncConnection,
    entry: Entry,
    revision: int | None,
    vos: Iterable[str],
    details: Mapping[str, Any] | None = None,
) -> None:
    """Put ``entry`` into the books: it made ``revision``, if any, and concerned ``vos``."""
    origin = entry.actor.origin
    signed = {
        "at": entry.at,
        "actor": entry.actor.name,
        "actor_kind": entry.actor.kind,
        "action": entry.action,
        "comment": entry.comment,
        "revision": revision,
        "issuer": origin.issuer,
        "address": origin.address,
        "request": origin.request,
        "details": details,
    }
    made = await connection.execute(insert(audit).values(signed))
    assert made.inserted_primary_key is not None  # one row was inserted
    number = made.inserted_primary_key[0]
    await insert_all(connection, audit_vos, [{"audit_id": number, "vo": vo} for vo in sorted(set(vos))])


async def listed(connection: AsyncConnection, wanted: Wanted, limit: int) -> list[Record]:
    """Up to ``limit`` entries, the last first."""
    question = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if wanted.vo is not None:
        question = question.join(audit_vos).where(audit_vos.c.vo == wanted.vo)
    found = list(await connection.execute(question.where(*_conditions(wanted))))
    concerned = await _concerned(connection, [row.id for row in found])
    return [await _record(connection, row, concerned.get(row.id, ()), wanted) for row in found]


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.actor is not None:
        yield audit.c.actor == wanted.actor
    if wanted.action is not None:
        yield audit.c.action == wanted.action
    if wanted.since is not None:
        yield audit.c.at >= wanted.since
    if wanted.until is not None:
        yield audit.c.at < wanted.until
    if wanted.request is not None:
        yield audit.c.request == wanted.request
    if wanted.actor_kind is not None:
        yield audit.c.actor_kind == wanted.actor_kind
    if wanted.before is not None:
        yield audit.c.id < wanted.before


async def _concerned(connection: AsyncConnection, numbers: list[int]) -> Mapping[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    question = select(audit_vos).where(audit_vos.c.audit_id.in_(numbers)).order_by(audit_vos.c.audit_id, audit_vos.c.vo)
    for number, vo in await connection.execute(question):
        found[number] = (*found.get(number, ()), vo)
    return found


async def _record(connection: AsyncConnection, row: Row[Any], vos: tuple[str, ...], wanted: Wanted) -> Record:
    made = changes.c.revision == row.revision
    if wanted.told is not None:
        made &= changes.c.vo.in_(sorted(wanted.told))
        made &= offers.told_to(wanted.vo or ALL)
        vos = tuple(vo for vo in vos if vo in wanted.told)
    counted = select(func.count()).select_from(changes.join(elements)).where(made)
    count = 0 if row.revision is None else await connection.scalar(counted) or 0
    told: tuple[Row[Any], ...] = ()
    if count:
        question = select(changes, elements.c.family, elements.c.type, elements.c.name).join(elements).where(made)
        told = tuple(await connection.execute(question.order_by(changes.c.id).limit(MOST_CHANGES)))
    said = (row.id, row.at, row.actor, row.actor_kind, row.issuer, row.address, row.request, row.action, row.comment)
    return Record(*said, vos, row.revision, row.details, count, told)
