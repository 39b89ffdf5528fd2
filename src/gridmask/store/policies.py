"""The policies in force, in the database: what decisions refer to, and what everyone but the operator goes by."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from gridmask.domain.decision import Verdict
from gridmask.domain.element import ElementKey, RowKey
from gridmask.store.elements import KEY
from gridmask.store.tables import decisions, elements, policy_revisions, statuses
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
    row = {"revision": loaded.revision, "loaded_at": loaded.at, "document": loaded.document, "author": loaded.author}
    await upsert(connection, policy_revisions, [row], key=("revision",), keep=("document", "author"))


async def in_force(connection: AsyncConnection) -> Loaded | None:
    """The policies that were loaded last; None: nobody ever loaded any."""
    question = select(policy_revisions).order_by(policy_revisions.c.loaded_at.desc()).limit(1)
    found = (await connection.execute(question)).first()
    return Loaded(found.revision, found.loaded_at, found.document, found.author) if found else None


class Judged(NamedTuple):
    """A row with what the policies last said of it, and whether a person holds it."""

    key: RowKey
    verdicts: tuple[Verdict, ...]
    is_held: bool


async def judged(connection: AsyncConnection) -> AsyncIterator[Judged]:
    """What the policies last said of every row of the inventory."""
    columns = (*KEY, statuses.c.status_type, statuses.c.vo, statuses.c.verdicts, statuses.c.token_owner)
    question = select(*columns).join(elements).where(elements.c.taken_out_at.is_(None))
    for family, type_, name, status_type, vo, verdicts, owner in await connection.execute(question):
        yield Judged(RowKey(ElementKey(family, type_, name), status_type, vo), verdicts, owner is not None)


async def decided(connection: AsyncConnection, since: datetime) -> AsyncIterator[tuple[str, tuple[Verdict, ...]]]:
    """The verdicts of every decision that was taken ``since`` then, each with the VO of its row."""
    question = select(decisions.c.vo, decisions.c.verdicts).where(decisions.c.at >= since)
    async with connection.stream(question) as found:
        async for vo, verdicts in found:
            yield vo, verdicts
