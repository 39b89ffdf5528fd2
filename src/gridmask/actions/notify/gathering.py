"""Gathering: the action that takes in all news, and puts messages into the outbox, for each address on its own."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import msgspec

from gridmask.actions.notify.grouping import Message, State, absorb, assigned, due, gathering, mature, wake_at
from gridmask.actions.notify.items import Item
from gridmask.actions.notify.layout import Layout, Letter
from gridmask.actions.notify.piles import Pile, Piles, bounded
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

T = TypeVar("T")

_STATE = msgspec.json.Decoder(State)
_ITEMS = msgspec.json.Decoder(tuple[Item, ...])


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
        additions = assigned(news, self.plans, before.position)
        piles = await self._at_hand(before, gathering(before, additions))
        upto = max((one.number for one in news), default=0)
        after = absorb(before, additions, upto, self.plans, self.clock(), piles)
        if after != before:
            await self._keep(body, before, after, piles, [])

    async def wake(self, now: datetime) -> datetime | None:
        """Send what is due, as much as is looked at in one go."""
        body, before = await self._recollected()
        busy = await self._busy()
        piles = await self._at_hand(before, bounded(due(before, self.plans, now, busy)))
        after, messages = mature(before, self.plans, now, busy, piles)
        if messages or after != before:
            await self._keep(body, before, after, piles, await asyncio.to_thread(self._written, messages, now))
        return wake_at(after, self.plans, now)

    async def state(self) -> State:
        """What it remembers."""
        return (await self._recollected())[1]

    async def _recollected(self) -> tuple[bytes | None, State]:
        async with self.database.reading() as connection:
            body = await deliveries.recollect(connection, NAME)
        return body, State() if body is None else await asyncio.to_thread(_unpacked, body, _STATE)

    async def _at_hand(self, state: State, wanted: Iterable[Pile]) -> Piles:
        """The piles of ``state`` that are ``wanted``."""
        numbers = {pile.number for pile in wanted}
        async with self.database.reading() as connection:
            bodies = await deliveries.recollect_parts(connection, NAME, numbers)
        items = {number: await asyncio.to_thread(_unpacked, body, _ITEMS) for number, body in bodies.items()}
        return Piles(items, max(state.piles(), default=0))

    async def _busy(self) -> frozenset[str]:
        """Who was not told yet what they were sent."""
        async with self.database.reading() as connection:
            return await deliveries.busy(connection, {to for plan in self.plans.plans for to in plan.to})

    async def _keep(
        self, body: bytes | None, before: State, after: State, piles: Piles, letters: list[tuple[str, str, dict[str, Any]]]
    ) -> None:
        """Keep ``after`` in place of ``before``, which was kept as ``body``; and send ``letters``."""
        kept, now = await asyncio.to_thread(_packed, after), self.clock()
        parts = await asyncio.to_thread(_all_packed, piles.made(set(after.piles())))
        gone = set(before.piles()) - set(after.piles())

        async def work(connection: AsyncConnection, _: int) -> None:
            if await deliveries.recollect(connection, NAME) != body:
                raise NotTold(NAME, "another process has gone on with it")
            await deliveries.keep(connection, NAME, kept)
            await deliveries.keep_parts(connection, NAME, parts, gone)
            await outbox.address(connection, now, letters)

        await self.database.change(work)

    def _written(self, messages: list[Message], now: datetime) -> list[tuple[str, str, dict[str, Any]]]:
        letters = self.layout.letters([said(message, self._vo(message), self.portal, now) for message in messages])
        return [
            (message.to, f"message-{uuid4().hex}", {"subject": letter.subject, "body": letter.body})
            for message, letter in zip(messages, letters, strict=True)
        ]

    def _vo(self, message: Message) -> str:
        """Whose it is; empty, if it is not of one VO alone."""
        vos = {plan.vo for name in message.plans if (plan := self.plans.called(name)) is not None}
        return vos.pop() if len(vos) == 1 else ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends an address what is put into the outbox for it."""

    channel: Channel

    async def tell(self, news: News) -> None:
        """See :class:`~gridmask.actions.action.Action`."""
        told = news.document()
        await self.channel.send(news.key, Letter(str(told["subject"]), str(told["body"])))


def _packed(what: object) -> bytes:
    return zlib.compress(msgspec.json.encode(what), 1)


def _all_packed(piles: Mapping[int, tuple[Item, ...]]) -> dict[int, bytes]:
    return {number: _packed(items) for number, items in piles.items()}


def _unpacked(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    return decoder.decode(zlib.decompress(body))
