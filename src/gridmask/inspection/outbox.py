"""The dispatcher: has the actions told what is in the outbox. Each has a courier of its own: none waits for another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from gridmask.inspection.courier import Courier
from gridmask.inspection.telling import Rules
from gridmask.store import deliveries, outbox

if TYPE_CHECKING:
    from gridmask.actions.action import Subscription
    from gridmask.clock import Clock
    from gridmask.store.database import Database

BETWEEN_LOOKS = 1.0
"""Seconds between two looks whether another process put something into the outbox."""


class Dispatcher:
    """Delivers the outbox."""

    def __init__(
        self, database: Database, clock: Clock, subscriptions: Sequence[Subscription], rules: Rules | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._subscriptions = subscriptions
        self._couriers = [Courier(database, clock, to, rules or Rules()) for to in subscriptions]
        self._last = -1

    async def register(self) -> None:
        """Make these actions the ones that are configured; new ones begin at the present."""
        kinds = {to.name: to.kind for to in self._subscriptions}
        await self._database.change(lambda connection, _: deliveries.register(connection, kinds, self._clock()))

    def works(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        """What is to be done all the time, by what it is called."""
        if self._couriers:
            yield "look for news", self._look
        for courier in self._couriers:
            yield f"tell {courier.name}", courier.run

    def notice(self) -> None:
        """Something was committed, and there may be news."""
        for courier in self._couriers:
            courier.notice()

    async def deliver(self) -> bool:
        """Deliver what is due now, to all actions beside each other. Returns whether nothing is left to be told."""
        done = await asyncio.gather(*(courier.deliver() for courier in self._couriers))
        return all(done)

    async def _look(self) -> None:
        async with self._database.reading() as connection:
            last = await outbox.last(connection)
        if last != self._last:
            self._last = last
            self.notice()
        await asyncio.sleep(BETWEEN_LOOKS)
