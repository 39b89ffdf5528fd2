"""Actuators: what they would do, what other systems have that the mask does not say, and having it done now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.actions.actuating import memory as memories
from gridmask.actions.actuating.values import HELD, UNKNOWN
from gridmask.domain.errors import NotKnown
from gridmask.domain.rights import Action
from gridmask.domain.vo import ALL
from gridmask.service.exclusive import Exclusive
from gridmask.service.reasons import require_text
from gridmask.store.audit import Entry, sign

if TYPE_CHECKING:
    from gridmask.actions.actuating.actuator import Actuator
    from gridmask.actions.actuating.memory import Memory
    from gridmask.clock import Clock
    from gridmask.domain.actor import Actor
    from gridmask.store.database import Database


@dataclass(frozen=True, slots=True)
class Drifting:
    """A thing that is not what the mask says.

    Attributes:
        thing: what the other system calls it.
        state: why it is so: one of :data:`~gridmask.actions.actuating.values.STATES`; ``detail``: more of that, in words.
        found: what it is in the aspects that differ; ``wished``: what it should be. Both are empty where it is not known.
        since: since when that is known.
        touched_by: who made it what it is: ``gridmask``, ``others``; empty: nobody knows.
        written_at: when we last wrote it.
    """

    thing: str
    state: str
    found: dict[str, bool | str]
    wished: dict[str, bool | str]
    since: datetime
    touched_by: str
    written_at: datetime | None
    detail: str


@dataclass(frozen=True, slots=True)
class ActuatorState:
    """How an actuator fares.

    Attributes:
        name, kind, vo: what it is, and whose mask it goes by; ``dry_run``: whether it only tells what it would do.
        state: ``good``; ``drifting``, ``failing`` (nothing could be compared of late), or ``new`` (nothing was compared yet).
        things: how many things of the other system the mask says something about; ``in_line``: how many are as it says.
        held: how many changes wait for an administrator.
        compared_at: when all was last compared, by ``revision`` of the mask.
        changed_at: when something was last changed.
        problem: why nothing can be compared; ``problem_since``: since when.
    """

    name: str
    kind: str
    vo: str
    dry_run: bool
    state: str
    things: int
    in_line: int
    held: int
    revision: int
    compared_at: datetime | None
    changed_at: datetime | None
    problem: str
    problem_since: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """An actuator, and all that is not as it should be."""

    actuator: ActuatorState
    drift: tuple[Drifting, ...]


class Actuators:
    """The use cases around them."""

    def __init__(self, made: Sequence[Actuator], database: Database, clock: Clock) -> None:
        self._made = {one.name: one for one in made}
        self._database = database
        self._clock = clock

    async def list(self, actor: Actor) -> list[ActuatorState]:
        """How each actuator of the settings fares.

        Raises:
            Forbidden: the actor does not administer the installation.
        """
        actor.require(Action.USE_ACTUATORS, ALL)
        async with self._database.reading() as connection:
            return [_state(one, await memories.recollected(connection, name)) for name, one in sorted(self._made.items())]

    async def drift(self, actor: Actor, name: str) -> Report:
        """What was not as the mask says when it was last looked at.

        Raises:
            Forbidden. NotKnown: there is no such actuator.
        """
        actor.require(Action.USE_ACTUATORS, ALL)
        one = self._named(name)
        async with self._database.reading() as connection:
            return _report(one, await memories.recollected(connection, name))

    async def plan(self, actor: Actor, name: str) -> Report:
        """What is not as the mask says now, and what would be done about it. Nothing is.

        Raises:
            Forbidden. NotKnown. GridmaskError: the other system, or the mask, cannot be read.
        """
        actor.require(Action.USE_ACTUATORS, ALL)
        one = self._named(name)
        return _report(one, await one.preview())

    async def run(self, actor: Actor, name: str, reason: str, *, everything: bool = False) -> Report:
        """Have done now what is to be done; with ``everything``, also what is held. What is left then.

        Raises:
            Forbidden. NotKnown. InvalidRequest: no reason. Conflict: the settings in force have no such actuator, or it is at
            work. GridmaskError: the other system, or the mask, cannot be read.
        """
        actor.require(Action.USE_ACTUATORS, ALL)
        one, said = self._named(name), require_text(reason, "A reason")

        async def work() -> Report:
            entry = Entry(actor, "actuator run", f"{name}: {said}", self._clock())
            details = {"actuator": name, "all": everything}
            await self._database.change(lambda connection, _: sign(connection, entry, None, {one.terms.vo}, details))
            return _report(one, await one.run(actor, everything=everything))

        return await Exclusive(self._database, self._clock, name).do(work)

    def _named(self, name: str) -> Actuator:
        if name not in self._made:
            raise NotKnown("actuator", name, self._made)
        return self._made[name]


def _report(one: Actuator, memory: Memory) -> Report:
    return Report(_state(one, memory), tuple(Drifting(**{f: getattr(e, f) for f in Drifting.__slots__}) for e in memory.drift))


def _state(one: Actuator, memory: Memory) -> ActuatorState:
    drifts = any(entry.state != UNKNOWN for entry in memory.drift)
    state = "failing" if memory.problem else "new" if memory.read_at is None else "drifting" if drifts else "good"
    held = sum(entry.state == HELD for entry in memory.drift)
    counts = (memory.things, memory.in_line, held, memory.revision)
    problem = (memory.problem, memory.problem_since)
    when = (memory.read_at, memory.changed_at)
    return ActuatorState(one.name, one.terms.kind, one.terms.vo, one.terms.dry_run, state, *counts, *when, *problem)
