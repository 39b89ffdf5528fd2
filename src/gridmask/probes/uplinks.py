"""Uplinks: addresses that answer whenever our own network does. While none does, we judge nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic

from gridmask.domain.element import ElementKey
from gridmask.probes.address import Address
from gridmask.probes.conducting import conducted
from gridmask.probes.env import Workshop
from gridmask.probes.finding import Finding
from gridmask.probes.target import Target
from gridmask.probes.tcp import Tcp

PATIENCE = 3.0
"""Seconds that an uplink has to take a connection."""


class Uplinks:
    """Knows when they were last away. Without any, we are never in doubt by them."""

    def __init__(self, urls: Sequence[str], workshop: Workshop, clock: Callable[[], float] = monotonic) -> None:
        self._targets = [Target(ElementKey("", "", url), _plain(Address.of(url))) for url in urls]
        self._workshop = workshop
        self._clock = clock
        self._checked = float("-inf")
        self._away = float("-inf")
        self._checking = asyncio.Lock()

    async def answered_since(self, began: float, *, at_least: float) -> bool:
        """Whether they answered whenever they were asked since ``began``, the last time being ``at_least`` then."""
        if not self._targets:
            return True
        async with self._checking:
            if self._checked < at_least:
                await self.check()
        return self._away < began

    async def check(self) -> bool:
        """Ask them now."""
        began = self._clock()
        answers = await self._asked()
        self._checked = began
        if not answers:
            self._away = self._clock()
        return answers

    async def _asked(self) -> bool:
        """Whether any of them takes a connection; the first that does is enough."""
        asking = [asyncio.create_task(self._one(target)) for target in self._targets]
        try:
            for one in asyncio.as_completed(asking):
                if (await one).result == "OK":
                    return True
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        return not self._targets

    async def _one(self, target: Target) -> Finding:
        return await conducted(Tcp(), target, self._workshop, PATIENCE)


def _plain(address: Address) -> Address:
    """A connection is enough: no TLS."""
    return Address("tcp", address.host, address.port)
