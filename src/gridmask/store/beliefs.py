"""Beliefs in the database: when a person says that what probes see is real, however many hosts fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from gridmask.store.tables import beliefs

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Belief:
    """That the failures are real.

    Attributes:
        since, until: within these.
        actor: who says so; ``reason``: why.
    """

    since: datetime
    until: datetime
    actor: str
    reason: str


async def in_force(connection: AsyncConnection, now: datetime) -> Belief | None:
    """What somebody said that counts at ``now``; None: nobody did."""
    columns = (beliefs.c.since, beliefs.c.until, beliefs.c.actor, beliefs.c.reason)
    last = (await connection.execute(select(*columns).order_by(beliefs.c.id.desc()).limit(1))).first()
    return Belief(*last) if last is not None and last.since <= now < last.until else None


async def say(connection: AsyncConnection, belief: Belief) -> None:
    """Have ``belief`` count from now on, in place of any before."""
    said = {"since": belief.since, "until": belief.until, "actor": belief.actor, "reason": belief.reason}
    await connection.execute(insert(beliefs).values(said))


async def end(connection: AsyncConnection, now: datetime) -> None:
    """Have none count any more."""
    await connection.execute(update(beliefs).where(beliefs.c.until > now).values(until=now))
