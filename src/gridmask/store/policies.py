"""The policies in force, in the database: what decisions refer to, and what everyone but the operator goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from gridmask.store.tables import policy_revisions
from gridmask.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Loaded:
    """Policies as they were loaded: their revision, when, and the document that they were read from."""

    revision: str
    at: datetime
    document: dict[str, Any]


async def note(connection: AsyncConnection, loaded: Loaded) -> None:
    """Note that these policies are in force from now on, again or for the first time."""
    row = {"revision": loaded.revision, "loaded_at": loaded.at, "document": loaded.document}
    await upsert(connection, policy_revisions, [row], key=("revision",), keep=("document",))


async def in_force(connection: AsyncConnection) -> Loaded | None:
    """The policies that were loaded last; None: nobody ever loaded any."""
    question = select(policy_revisions).order_by(policy_revisions.c.loaded_at.desc()).limit(1)
    found = (await connection.execute(question)).first()
    return Loaded(found.revision, found.loaded_at, found.document) if found else None
