"""A wheel: looks after many things, each once in a turn, by one timer for all of them."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

TURN = 15.0
"""Seconds that a turn takes."""

SLOTS = 30
"""So many times in a turn, it is the turn of some."""

ASKED_AT_ONCE = 16
"""So many are asked about at once."""


class Tended(Protocol):
    """What has to be looked after."""

    def tend(self) -> None:
        """Do what is to be done once in a turn, and does not take long."""

    async def ask(self) -> None:
        """Do what may take long."""


class Wheel:
    """Turns as long as there is anything to look after. What comes gets a place by chance."""

    def __init__(self, turn: float | None = None) -> None:
        self._turn = TURN if turn is None else turn
        self._slots: list[dict[Tended, None]] = [{} for _ in range(SLOTS)]
        self._place: dict[Tended, int] = {}
        self._turning: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[None]] = set()

    def add(self, tended: Tended) -> None:
        """Look after it from now on."""
        place = random.randrange(SLOTS)  # noqa: S311 - no secret
        self._place[tended] = place
        self._slots[place][tended] = None
        if self._turning is None:
            self._turning = asyncio.create_task(self._run(), name="look after streams")

    def remove(self, tended: Tended) -> None:
        """Look after it no more."""
        self._slots[self._place.pop(tended)].pop(tended)
        if not self._place and self._turning is not None:
            self._turning.cancel()
            self._turning = None

    async def _run(self) -> None:
        clock, number = asyncio.get_running_loop().time, 0
        began = clock()
        while True:
            number += 1
            # by when it began, so that it does not fall behind
            await asyncio.sleep(began + number * self._turn / SLOTS - clock())
            self._look_after(list(self._slots[number % SLOTS]))

    def _look_after(self, those: list[Tended]) -> None:
        for tended in those:
            tended.tend()
        if those:
            asking = asyncio.create_task(_ask(those))
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)


async def _ask(those: Iterable[Tended]) -> None:
    waiting = iter(those)

    async def one_after_the_other() -> None:
        for tended in waiting:
            await tended.ask()

    await asyncio.gather(*(one_after_the_other() for _ in range(ASKED_AT_ONCE)))
