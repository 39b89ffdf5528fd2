"""Whoever asks, dies, stands still or comes back, in whatever order: what is one's work is nobody else's."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gridmask.domain.errors import LeaseLost
from gridmask.store import fences, work
from gridmask.store.database import Database
from gridmask.store.fences import Fence
from gridmask.store.work import After, Claim, Item
from tests.clocks import Clock

TERM = timedelta(seconds=30)
KEYS = ("a",)

HOLDER = st.sampled_from("xy")
DEED = st.one_of(
    st.tuples(st.sampled_from(["claim", "claim", "commit", "complete", "renew", "release"]), HOLDER),
    st.tuples(st.just("wait"), st.sampled_from([6, 31])),
)


@dataclass
class World:
    """Who believes to have what, and who is right."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    believed: dict[str, list[Claim]] = field(default_factory=dict)
    right: dict[str, int] = field(default_factory=dict)
    until: dict[str, float] = field(default_factory=dict)

    def now(self) -> float:
        return self.clock().timestamp()

    async def claim(self, holder: str) -> None:
        found = await self.database.note(lambda c: work.claim(c, holder, {"read": 1}, self.clock(), TERM))
        for one in found:
            key = one.ticket.key
            assert key not in self.right or self.until[key] <= self.now(), "it was another's"
            self.right[key], self.until[key] = one.ticket.number, self.now() + TERM.total_seconds()
        self.believed.setdefault(holder, []).extend(found)

    def is_right(self, one: Claim) -> bool:
        return self.right.get(one.ticket.key) == one.ticket.number

    async def commit(self, holder: str) -> None:
        for one in self.believed.get(holder, []):
            try:
                with fences.within(Fence((one.ticket,), self.clock, TERM)):
                    await self.database.change(_nothing)
            except LeaseLost:
                assert not self.is_right(one)
            else:
                assert self.is_right(one)
                self.until[one.ticket.key] = self.now() + TERM.total_seconds()

    async def complete(self, holder: str) -> None:
        for one in self.believed.pop(holder, []):
            after = After(self.clock() + timedelta(seconds=5))
            noted = await self.database.note(partial(work.complete, done=one, after=after, now=self.clock()))
            assert noted == self.is_right(one)
            self._over(one)

    async def release(self, holder: str) -> None:
        given_up = self.believed.pop(holder, [])
        await self.database.note(lambda c: work.release(c, given_up))
        for one in given_up:
            self._over(one)

    async def renew(self, holder: str) -> None:
        held = self.believed.get(holder, [])
        tickets = [one.ticket for one in held]
        lost = await self.database.note(lambda c: work.renew(c, tickets, holder, self.clock(), TERM))
        assert lost == {one.ticket for one in held if not self.is_right(one)}
        for one in held:
            if self.is_right(one):
                self.until[one.ticket.key] = self.now() + TERM.total_seconds()

    async def wait(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    def _over(self, one: Claim) -> None:
        if self.is_right(one):
            del self.right[one.ticket.key]


async def _nothing(*_: object) -> None: ...


async def played(deeds: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Database(f"sqlite:///{Path(folder) / 'gridmask.db'}") as database:
            await database.upgrade()
            world = World(database)
            items = [Item("read", key, "all", "", world.clock()) for key in KEYS]
            await database.note(lambda c: work.plan(c, items, {"read"}))
            for deed, about in deeds:
                await getattr(world, deed)(about)


@settings(max_examples=12)
@given(st.lists(DEED, min_size=10, max_size=30))
def test_nobody_has_what_another_has(deeds: list[tuple[str, object]]) -> None:
    asyncio.run(played(deeds))
