from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from gridmask.api.wheel import Wheel


@dataclass(eq=False)
class Thing:
    tended: int = 0
    asked: int = 0
    thrice: asyncio.Event = field(default_factory=asyncio.Event)

    def tend(self) -> None:
        self.tended += 1

    async def ask(self) -> None:
        await asyncio.sleep(0)
        self.asked += 1
        if self.asked == 3:
            self.thrice.set()


async def test_each_is_looked_after_once_in_a_turn() -> None:
    wheel, things = Wheel(0.06), [Thing() for _ in range(200)]
    for thing in things:
        wheel.add(thing)
    async with asyncio.timeout(5):
        await asyncio.gather(*(thing.thrice.wait() for thing in things))
    assert max(thing.tended for thing in things) - min(thing.tended for thing in things) <= 1
    for thing in things:
        wheel.remove(thing)


async def test_who_left_is_looked_after_no_more() -> None:
    wheel, stays, left = Wheel(0.03), Thing(), Thing()
    wheel.add(stays)
    wheel.add(left)
    wheel.remove(left)
    await asyncio.wait_for(stays.thrice.wait(), 5)
    assert left.tended == 0
    wheel.remove(stays)
