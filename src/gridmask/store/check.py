"""Checks that what is in a database is as it should be: the promises of the store, looked at from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from gridmask.domain.element import TypeRegistry
from gridmask.domain.errors import SchemaMismatch
from gridmask.domain.listing import some
from gridmask.domain.vo import ALL
from gridmask.store import consistency, replay, snapshots, types, versions
from gridmask.store.dirac_views import keeper as dirac_views
from gridmask.store.elements import KEY, element_of, key_of
from gridmask.store.findings import Finding
from gridmask.store.tables import audit, batches, changes, elements, outbox, statuses, vos
from gridmask.store.vos import last_revision

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.store.database import Database
    from gridmask.store.versions import Version


async def check(database: Database) -> list[Finding]:
    """What is wrong in ``database``, all of it seen in one moment; changes nothing.

    Raises:
        StoreUnavailable: it could not be looked at.
    """
    try:
        await database.check()
    except SchemaMismatch as mismatch:
        return [Finding("schema", str(mismatch))]
    async with database.reading() as connection:
        return [finding for examine in CHECKS async for finding in examine(connection)]


_REVISION = "revision-"
_REVISIONS_TOLD = select(outbox.c.key).where(outbox.c.key.startswith(_REVISION, autoescape=True))


async def _revisions(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Each revision up to the counter has its audit record: none is missing, none is beyond it (promise K3)."""
    last = await last_revision(connection)
    made = select(func.count(audit.c.revision), func.min(audit.c.revision), func.max(audit.c.revision))
    count, first, highest = (await connection.execute(made)).one()
    if (count, first or 0, highest or 0) != (last, min(last, 1), last):
        text = (
            f"the counter is at {last}, and the audit has {count:,} revisions, from {first} to {highest}; it should have each."
        )
        yield Finding("revisions", text)
    for what, column in (("history", changes.c.revision), ("statuses", statuses.c.revision), ("VOs", vos.c.mask_revision)):
        found = await connection.scalar(select(func.max(column))) or 0
        if found > last:
            yield Finding("revisions", f"the counter is at {last}, but {what} know of revision {found}.")


async def _outbox(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Each revision is in the outbox, from the oldest that is kept there to the last (promise K1)."""
    last = await last_revision(connection)
    kept = {int(key.removeprefix(_REVISION)) for key in await connection.scalars(_REVISIONS_TOLD)}
    missing = sorted(set(range(min(kept, default=last), last + 1)) - kept) if last else []
    if missing:
        yield Finding("outbox", f"of revisions that should be there, these are not: {some(map(str, missing))}.")


async def _rows(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Each element in the inventory has a row of ``all`` for each of its status types."""
    registry = TypeRegistry().with_types(*await types.load(connection))
    general = select(statuses.c.element_id, statuses.c.status_type).where(statuses.c.vo == ALL)
    there = {(row.element_id, row.status_type) for row in await connection.execute(general)}
    known = await connection.execute(select(elements.c.id, *KEY).where(elements.c.taken_out_at.is_(None)).order_by(*KEY))
    missing = [
        f"{key_of(record)} {status_type}"
        for record in known
        for status_type in registry.status_types(key_of(record))
        if (record.id, status_type) not in there
    ]
    if missing:
        yield Finding("rows", f"without a row of {ALL!r}: {some(missing)}.")


async def _strays(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """No row is about an element or a VO that does not exist."""
    no_element = select(statuses).outerjoin(elements).where(elements.c.id.is_(None))
    no_vo = (
        select(statuses)
        .outerjoin(vos, statuses.c.vo == vos.c.name)
        .where(or_(vos.c.name.is_(None), vos.c.retired_at.is_not(None)))
    )
    async for finding in _without(connection, "elements", no_element):
        yield finding
    async for finding in _without(connection, "VOs", no_vo):
        yield finding


async def _holds(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Each row that is held belongs to a batch that tells why (promise D4)."""
    unexplained = select(statuses).outerjoin(batches, statuses.c.hold_batch == batches.c.id)
    unexplained = unexplained.where(statuses.c.hold_batch.is_not(None), batches.c.id.is_(None))
    async for finding in _without(connection, "batches", unexplained):
        yield finding


async def _without(connection: AsyncConnection, what: str, question: Select[Any]) -> AsyncIterator[Finding]:
    named = question.with_only_columns(statuses.c.element_id, statuses.c.status_type, statuses.c.vo)
    found = [f"element {row.element_id} {row.status_type} for {row.vo}" for row in await connection.execute(named)]
    if found:
        yield Finding("rows", f"of {what} that do not exist: {some(found)}.")


async def _versions(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """The last version of each element is what the element is now."""
    known: dict[int, Version] = {}
    await versions.note(connection, known, 0, await last_revision(connection) + 1)
    found = {
        row[0]: element_of(row) for row in await connection.execute(select(elements).where(elements.c.taken_out_at.is_(None)))
    }
    other = {number for number, element in found.items() if versions.edited(known.get(number), element)}
    names = [str(found[number].key) for number in sorted(other)] + [
        f"element {number}" for number in sorted(known.keys() - found)
    ]
    if names:
        yield Finding("versions", f"the last that is kept of elements is not what they are now: {some(names)}.")


async def _snapshots(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Two snapshots, the last and one in the middle, are what all changes up to them come to."""
    rungs = await snapshots.rungs(connection)
    for rung in {rungs[len(rungs) // 2], rungs[-1]} if rungs else ():
        if await snapshots.read(connection, rung.revision) != await replay.from_changes(connection, rung.revision):
            text = f"that of revision {rung.revision} is not what the changes up to it come to. Delete what is in snapshots:"
            yield Finding("snapshots", f"{text} gridmask db tidy makes them anew.")


async def _views(connection: AsyncConnection) -> AsyncIterator[Finding]:
    """Views as DIRAC's tables are those that this program makes."""
    for views in await dirac_views.found(connection):
        if not views.is_current:
            text = f"those in {views.schema} were made by Gridmask {views.program}, and this one makes others"
            yield Finding("views", f"{text}. Run: gridmask db upgrade")


CHECKS: tuple[Callable[[AsyncConnection], AsyncIterator[Finding]], ...] = (
    *(_revisions, _outbox, _rows, _strays, _holds),
    *(_versions, _snapshots, _views),
    *consistency.CHECKS,
)
