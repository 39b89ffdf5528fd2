"""Gathering: the action that takes in all news, and puts messages into the outbox, for each address on its own."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from gridmask.actions.notify.grouping import Message, State, absorb, mature, wake_at
from gridmask.actions.notify.layout import Layout, Letter
from gridmask.actions.notify.writing import said
from gridmask.domain.errors import NotTold
from gridmask.store import deliveries, outbox

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.actions.notify.channel import Channel
    from gridmask.actions.notify.plans import Plans
    from gridmask.domain.news import News
    from gridmask.store.database import Database

NAME = "notify"
"""What the action is called."""

_CODEC = msgspec.json.Decoder(State)


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Gathers what happens into messages. What it remembers and what it sends are written down together, or not at all.

    Attributes:
        plans: who is told what, and when.
        layout: how that is written.
        portal: where people find the portal; empty, where nobody says.
    """

    database: Database
    clock: Any
    plans: Plans
    layout: Layout
    portal: str = ""

    async def tell(self, news: News) -> None:
        """See :class:`~gridmask.actions.action.Action`."""
        await self.tell_all([news])

    async def tell_all(self, news: Sequence[News]) -> None:
        """Take in ``news``; what came before is taken in once."""
        body, before = await self._recollected()
        after = absorb(before, news, self.plans, self.clock())
        if after != before:
            await self._keep(body, after, [])

    async def wake(self, now: datetime) -> datetime | None:
        """Send what is due."""
        body, before = await self._recollected()
        after, messages = mature(before, self.plans, now, await self._busy())
        if messages or after != before:
            await self._keep(body, after, await asyncio.to_thread(self._written, messages, now))
        return wake_at(after, self.plans, now)

    async def state(self) -> State:
        """What it remembers."""
        return (await self._recollected())[1]

    async def _recollected(self) -> tuple[bytes | None, State]:
        async with self.database.reading() as connection:
            body = await deliveries.recollect(connection, NAME)
        return body, State() if body is None else await asyncio.to_thread(_unpacked, body)

    async def _busy(self) -> frozenset[str]:
        """Who was not told yet what they were sent."""
        async with self.database.reading() as connection:
            return await deliveries.busy(connection, {to for plan in self.plans.plans for to in plan.to})

    async def _keep(self, before: bytes | None, state: State, letters: list[tuple[str, str, dict[str, Any]]]) -> None:
        body, now = await asyncio.to_thread(_packed, state), self.clock()

        async def work(connection: AsyncConnection, _: int) -> None:
            if await deliveries.recollect(connection, NAME) != before:
                raise NotTold(NAME, "another process has gone on with it")
            await deliveries.keep(connection, NAME, body)
            await outbox.address(connection, now, letters)

        await self.database.change(work)

    def _written(self, messages: list[Message], now: datetime) -> list[tuple[str, str, dict[str, Any]]]:
        return list(map(partial(self._letter, now=now), messages))

    def _letter(self, message: Message, now: datetime) -> tuple[str, str, dict[str, Any]]:
        vos = {plan.vo for name in message.plans if (plan := self.plans.called(name)) is not None}
        letter = self.layout.letter(said(message, vos.pop() if len(vos) == 1 else "", self.portal, now))
        return message.to, f"message-{uuid4().hex}", {"subject": letter.subject, "body": letter.body}


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends an address what is put into the outbox for it."""

    channel: Channel

    async def tell(self, news: News) -> None:
        """See :class:`~gridmask.actions.action.Action`."""
        told = news.document()
        await self.channel.send(news.key, Letter(str(told["subject"]), str(told["body"])))


def _packed(state: State) -> bytes:
    return zlib.compress(msgspec.json.encode(state), 1)


def _unpacked(body: bytes) -> State:
    return _CODEC.decode(zlib.decompress(body))
