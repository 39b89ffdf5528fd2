"""Deliveries: how far actions are, what they could not tell, and what becomes of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from gridmask.domain.errors import InvalidRequest, NotKnown
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.service.reasons import require_text
from gridmask.store import deliveries as store
from gridmask.store import news
from gridmask.store.audit import Entry, sign

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.clock import Clock
    from gridmask.domain.actor import Actor
    from gridmask.store.database import Database

MOST_FAILURES = 1000
"""So much of what could not be told is listed at once."""


@dataclass(frozen=True, slots=True)
class ActionState:
    """How an action fares.

    Attributes:
        name: what it is called; ``kind``: what sort it is.
        configured: whether the settings name it.
        since: when it began.
        told_at: when it last told the outside something.
        waiting: how many entries of the outbox it is not through with; ``oldest_at``: when the first of them was made.
        failing: why it could not tell the first of them; empty, if it does not fail. ``attempts``: how often it tried.
        next_at: when it tries again.
        dead: how many dead letters it has.
    """

    name: str
    kind: str
    configured: bool
    since: datetime
    told_at: datetime | None
    waiting: int
    oldest_at: datetime | None
    failing: str
    attempts: int
    next_at: datetime | None
    dead: int

    @property
    def state(self) -> str:
        """``good``, ``failing``, or ``gone``: it is not configured any more."""
        if not self.configured:
            return "gone"
        return "failing" if self.failing else "good"


@dataclass(frozen=True, slots=True)
class Failed:
    """Something that an action could not tell.

    Attributes:
        action: the action; ``key``: what it could not tell; ``about``: that in words.
        made_at: when that happened.
        state: ``waiting`` (nothing later is told before it), ``recalled`` (by a person) or ``dead``.
        trouble: ``unreachable``, ``deferred``, ``fault`` or ``refused``; ``failure``: in words.
    """

    action: str
    key: str
    about: str
    made_at: datetime
    state: str
    attempts: int
    first_failed_at: datetime
    failed_at: datetime
    next_at: datetime | None
    trouble: str
    failure: str


class Deliveries:
    """The use cases around what actions tell."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(self, actor: Actor) -> list[ActionState]:
        """How each action fares; last, those that are not configured any more.

        Raises:
            Forbidden: the actor does not administer the installation.
        """
        actor.require(Action.MANAGE_ACTIONS, ALL)
        async with self._database.reading() as connection:
            return [await self._state(connection, row) for row in await store.listed(connection)]

    async def _state(self, connection: AsyncConnection, row: Row[Any]) -> ActionState:
        count, first = await store.waiting(connection, row.name) if row.configured else (0, None)
        work = await store.work(connection, row.name, self._clock())
        waits = work.waits if work else None
        failing = (waits.text, waits.attempts, waits.next_at) if waits else ("", 0, None)
        named = (row.name, row.kind, row.configured, row.since, row.told_at)
        return ActionState(*named, count, first, *failing, row.dead)

    async def failed(self, actor: Actor, name: str | None = None) -> tuple[Failed, ...]:
        """What could not be told, by the action called so (None: by any): what is waited for, and dead letters.

        Raises:
            Forbidden. NotKnown: there is no such action.
        """
        actor.require(Action.MANAGE_ACTIONS, ALL)
        async with self._database.reading() as connection:
            if name is not None:
                await _known(connection, name)
            return tuple([_failed(row) for row in await store.failed(connection, name, MOST_FAILURES)])

    async def retry(self, actor: Actor, name: str, keys: Sequence[str] | None, reason: str) -> tuple[str, ...]:
        """Have dead letters of an action, or what it waits for, tried again now; None: all of them. Returns their keys.

        Raises:
            Forbidden. NotKnown: no such action, or it did not fail on that. InvalidRequest: nothing named; no reason.
        """
        now = self._clock()
        return await self._decide(actor, name, keys, reason, "actions retried", lambda c: store.recall(c, name, keys, now))

    async def drop(self, actor: Actor, name: str, keys: Sequence[str] | None, reason: str) -> tuple[str, ...]:
        """Give up on dead letters of an action, or on what it waits for; None: on all of them. Returns their keys.

        Raises:
            Forbidden. NotKnown: no such action, or it did not fail on that. InvalidRequest: nothing named; no reason.
        """
        return await self._decide(actor, name, keys, reason, "actions dropped", lambda c: store.drop(c, name, keys))

    async def _decide(
        self,
        actor: Actor,
        name: str,
        keys: Sequence[str] | None,
        reason: str,
        what: str,
        do: Callable[[AsyncConnection], Awaitable[Sequence[str]]],
    ) -> tuple[str, ...]:
        actor.require(Action.MANAGE_ACTIONS, ALL)
        said, now = require_text(reason, "A reason"), self._clock()
        if keys is not None and not keys:
            raise InvalidRequest("Name the keys of what could not be told, or say that all of it is meant.")

        async def work(connection: AsyncConnection, _: int) -> tuple[str, ...]:
            await _known(connection, name)
            done = tuple(await do(connection))
            for key in keys or ():
                if key not in done:
                    raise NotKnown(f"failure of {name}", key, [row.key for row in await store.failed(connection, name)])
            if done:
                await sign(
                    connection, Entry(actor, what, f"{name}: {said}", now), None, {ALL}, {"action": name, "keys": [*done]}
                )
            return done

        return await self._database.change(work)


async def _known(connection: AsyncConnection, name: str) -> None:
    known = [row.name for row in await store.listed(connection)]
    if name not in known:
        raise NotKnown("action", name, known)


def _failed(row: Row[Any]) -> Failed:
    about = news.in_words(row.topic, row.payload)
    when = (row.first_failed_at, row.failed_at, row.next_at)
    return Failed(row.action, row.key, about, row.created_at, row.state, row.attempts, *when, row.trouble, row.failure)
