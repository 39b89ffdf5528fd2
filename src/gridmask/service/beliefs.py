"""Beliefs: when a person says that the failures which probes see are real, and whether that is so now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gridmask.domain.errors import Conflict, InvalidRequest
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.inspection.probing import WORK
from gridmask.inspection.work import PROBE
from gridmask.service.reasons import require_text
from gridmask.store import beliefs, leases, shares
from gridmask.store.audit import Entry, sign
from gridmask.store.beliefs import Belief

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.clock import Clock
    from gridmask.domain.actor import Actor
    from gridmask.store.database import Database

LONGEST = timedelta(days=7)
"""For so long somebody can say it at most: it is of an outage, and not for good."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who makes the probes now (several by commas; None: nobody), and what somebody said of what they find (None: nothing)."""

    made_by: str | None
    belief: Belief | None


class Beliefs:
    """The use cases around them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def watch(self) -> Watch:
        """Who makes the probes now, and what somebody said of what they find."""
        now = self._clock()
        async with self._database.reading() as connection:
            alone, belief = await leases.holder_of(connection, WORK, now), await beliefs.in_force(connection, now)
            holders = await shares.holders(connection, PROBE, now) or ([alone] if alone else [])
        # the last word tells runs of a process apart
        return Watch(", ".join(holder.rpartition(" ")[0] for holder in holders) or None, belief)

    async def believe(self, actor: Actor, until: datetime, reason: str) -> Belief:
        """Have failures that probes see believed ``until`` then, however many hosts fail; in place of what was said before.

        Raises:
            Forbidden: the actor does not administer the installation. InvalidRequest: there is no reason, or that is no time.
        """
        actor.require(Action.BELIEVE_PROBES, ALL)
        now = self._clock()
        belief = Belief(now, _within(until, now), actor.name, require_text(reason, "A reason"))

        async def work(connection: AsyncConnection, _: int) -> None:
            await beliefs.say(connection, belief)
            entry = Entry(actor, "probes believed", belief.reason, now)
            await sign(connection, entry, None, {ALL}, {"until": until})

        await self._database.change(work)
        return belief

    async def doubt(self, actor: Actor, reason: str) -> Belief:
        """Have failures doubted again as usual; what was believed meanwhile stays. What ends, by that.

        Raises:
            Forbidden: the actor does not administer the installation. InvalidRequest: there is no reason.
            Conflict: nobody said otherwise.
        """
        actor.require(Action.BELIEVE_PROBES, ALL)
        now, said = self._clock(), require_text(reason, "A reason")

        async def work(connection: AsyncConnection, _: int) -> Belief:
            before = await beliefs.in_force(connection, now)
            if before is None:
                raise Conflict("Failures are doubted already, where too many hosts begin to fail at once.")
            await beliefs.end(connection, now)
            await sign(connection, Entry(actor, "probes doubted", said, now), None, {ALL})
            return replace(before, until=now)

        return await self._database.change(work)


def _within(until: datetime, now: datetime) -> datetime:
    if not now < until <= now + LONGEST:
        raise InvalidRequest(f"Say until when, within {LONGEST.days} days: {until:%F %T} UTC is not.")
    return until
