"""The policies in force, in the database: what decisions refer to, and what everyone but the operator goes by."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from gridmask.domain.decision import Verdict
from gridmask.domain.element import ElementKey, RowKey
from gridmask.domain.status import Status
from gridmask.store.elements import KEY
from gridmask.store.tables import elements, policy_revisions, statuses
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Loaded:
    """Policies as they were loaded: their revision, when, the document that they were read from, and whose that was."""

    revision: str
    at: datetime
    document: dict[str, Any]
    author: str = ""


async def note(connection: AsyncConnection, loaded: Loaded) -> None:
    """Note that these policies are in force from now on, again or for the first time."""
    others = select(func.max(policy_revisions.c.loaded_at)).where(policy_revisions.c.revision != loaded.revision)
    last = await connection.scalar(others)
    # what is in force is what was loaded last, also where the clocks of two processes differ
    at = loaded.at if last is None else max(loaded.at, last + timedelta(microseconds=1))
    row = {"revision": loaded.revision, "loaded_at": at, "document": loaded.document, "author": loaded.author}
    await upsert(connection, policy_revisions, [row], key=("revision",), keep=("document", "author"))


async def revision_in_force(connection: AsyncConnection) -> str | None:
    """The revision of the policies that were loaded last; None: nobody ever loaded any."""
    return await connection.scalar(select(policy_revisions.c.revision).order_by(policy_revisions.c.loaded_at.desc()).limit(1))


async def in_force(connection: AsyncConnection) -> Loaded | None:
    """The policies that were loaded last; None: nobody ever loaded any."""
    question = select(policy_revisions).order_by(policy_revisions.c.loaded_at.desc()).limit(1)
    found = (await connection.execute(question)).first()
    return Loaded(found.revision, found.loaded_at, found.document, found.author) if found else None


async def documents(connection: AsyncConnection, revisions: Collection[str]) -> dict[str, dict[str, Any]]:
    """By revision, the documents of those of ``revisions`` that are kept."""
    columns = (policy_revisions.c.revision, policy_revisions.c.document)
    found = await connection.execute(select(*columns).where(policy_revisions.c.revision.in_(sorted(revisions))))
    return {one.revision: one.document for one in found}


class Judged(NamedTuple):
    """A row with what the policies last said of it, whether a person or the guard holds it, and its status since when."""

    key: RowKey
    verdicts: tuple[Verdict, ...]
    is_held: bool
    status: Status
    since: datetime
    is_guarded: bool = False


async def judged(connection: AsyncConnection, vos: Collection[str] | None = None) -> AsyncIterator[Judged]:
    """What the policies last said of every row of the inventory; with ``vos``, of theirs alone."""
    columns = (statuses.c.status_type, statuses.c.vo, statuses.c.verdicts, statuses.c.token_owner)
    question = select(*KEY, *columns, statuses.c.status, statuses.c.since, statuses.c.hold_batch).join(elements)
    question = question.where(elements.c.taken_out_at.is_(None))
    found = await connection.execute(question if vos is None else question.where(statuses.c.vo.in_(sorted(vos))))
    for family, type_, name, status_type, vo, verdicts, owner, status, since, batch in found:
        key = RowKey(ElementKey(family, type_, name), status_type, vo)
        yield Judged(key, verdicts, owner is not None, Status(status), since, batch is not None)
