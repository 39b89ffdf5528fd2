"""Notifications: who would be told of what, and whether they can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gridmask.actions.notify.grouping import Box, GroupKey, Message, Part, State
from gridmask.actions.notify.items import Item, Step, Subject, item_of
from gridmask.actions.notify.writing import said
from gridmask.domain.decision import combine
from gridmask.domain.errors import GridmaskError, NotKnown, TimedOut
from gridmask.domain.news import Change
from gridmask.domain.rights import Action
from gridmask.domain.status import Status, usable
from gridmask.domain.vo import ALL
from gridmask.service.statuses import Filter

if TYPE_CHECKING:
    from gridmask.actions.notify.channel import Channel
    from gridmask.actions.notify.gathering import Gatherer
    from gridmask.actions.notify.plans import Plan, Plans
    from gridmask.domain.actor import Actor
    from gridmask.service.selection import RowName
    from gridmask.service.statuses import Seen, Statuses

PATIENCE = 60.0
"""Seconds that a test message may take."""


@dataclass(frozen=True, slots=True)
class Notified:
    """Whether an address would be told of a change, by a table.

    Attributes:
        table: the name of the table.
        to: the address; empty: none, since the table is not about such a change.
        at: when it would be told; None: not at all.
        why: why not; or what delays it.
    """

    table: str
    to: str
    at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a change would lead to. It is no change that was made."""

    change: Change
    answers: tuple[Notified, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """How a test message went. ``failure`` is empty if all went well."""

    to: str
    failure: str


class Notifications:
    """The use cases around notifications."""

    def __init__(self, gatherer: Gatherer, statuses: Statuses, channel: Callable[[str], Channel]) -> None:
        self._gatherer = gatherer
        self._statuses = statuses
        self._channel = channel

    @property
    def plans(self) -> Plans:
        """The tables of the settings."""
        return self._gatherer.plans

    async def state(self) -> State:
        """What waits, for whom."""
        return await self._gatherer.state()

    async def explain(self, called: RowName, status: Status | None = None) -> list[Foreseen]:
        """Who would be told now if the rows ``called`` so became ``status``; None: the opposite of what they are.

        Raises:
            NotKnown: there is no such element, status type or VO. Ambiguous: there are several elements.
        """
        explanations, state = await self._statuses.why(called), await self._gatherer.state()
        changes = [self._supposed(one.seen, status, await self._apart(one.seen)) for one in explanations]
        return [Foreseen(change, tuple(self._answers(change, state))) for change in changes]

    async def _apart(self, seen: Seen) -> frozenset[str]:
        """The VOs that have a row of their own beside the one that is ``seen``."""
        family, type_, name = seen.element.key
        kept = await self._statuses.page(Filter(None, family, type_, name, status_type=seen.row.key.status_type))
        return frozenset(one.row.key.vo for one in kept.rows) - {ALL}

    def _supposed(self, seen: Seen, status: Status | None, apart: frozenset[str]) -> Change:
        row, now = seen.row, self._gatherer.clock()
        after = status if status is not None else (Status.BANNED if usable(row.status) else Status.ACTIVE)
        token = row.token.owner if row.token else None
        combined = combine(row.verdicts).status
        told = (row.status, after, now, now, row.reasons, "gridmask", 0, row.verdicts, combined, token, row.binding)
        return Change(0, row.key, seen.element, "status", *told, apart if row.key.vo == ALL else frozenset())

    def _answers(self, change: Change, state: State) -> Iterator[Notified]:
        told: dict[str, str] = {}
        for plan in self.plans.plans:
            refusal = plan.condition.refusal(change)
            if refusal is not None:
                yield Notified(plan.name, "", None, refusal)
                continue
            for to in plan.to:
                if to in told:
                    yield Notified(plan.name, to, None, f"{told[to]} tells them already")
                    continue
                told[to] = plan.name
                yield self._answer(plan, to, change, state)

    def _answer(self, plan: Plan, to: str, change: Change, state: State) -> Notified:
        now = self._gatherer.clock()
        group = plan.group_of(item_of(change).subject)
        waiting = [g.due for k, g in state.groups if GroupKey(plan.name, group, k.to) == k and to in k.to]
        gathered = min(waiting, default=now + plan.wait)
        at = plan.hours.next(max(gathered, now))
        why = [f"gathered until {gathered:%H:%M} UTC"]
        if at > gathered:
            why.append("a digest" if plan.hours.digests else "quiet until then")
        cap, box = self.plans.cap(to), state.boxes.get(to, Box())
        counting = sorted(sent for sent in box.sent if sent > at - cap.per)
        if len(counting) >= cap.most:
            at = max(at, counting[len(counting) - cap.most] + cap.per)
            why.append(f"{cap.most} messages were sent already, so in a digest")
        if box.open:
            why.append("what was sent before has not arrived yet")
        return Notified(plan.name, to, at, "; ".join(why))

    async def test(self, actor: Actor, name: str) -> list[Tried]:
        """Send a test message to all addresses of the table called ``name``, at once, whatever the hour.

        Raises:
            Forbidden. NotKnown: there is no such table.
        """
        actor.require(Action.MANAGE_ACTIONS, ALL)
        plan = self.plans.called(name)
        if plan is None:
            raise NotKnown("notify table", name, [one.name for one in self.plans.plans])
        return [await self._tried(plan, to) for to in plan.to]

    async def _tried(self, plan: Plan, to: str) -> Tried:
        now = self._gatherer.clock()
        step = Step("test", now, why="This is a test: nothing happened.")
        message = Message(to, (Part(plan.name, "test", (Item(Subject("test", "Test message"), (step,)),)),))
        letter = self._gatherer.layout.letter(said(message, plan.vo, self._gatherer.portal, now))
        try:
            async with asyncio.timeout(PATIENCE):
                await self._channel(to).send(f"test-{now:%Y%m%dT%H%M%S%f}", letter)
        except TimeoutError:
            return Tried(to, str(TimedOut(to, f"no answer within {PATIENCE:.0f} s")))
        except GridmaskError as error:
            return Tried(to, str(error))
        return Tried(to, letter.trouble)
