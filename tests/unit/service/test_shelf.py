"""A shelf: what is asked for by many is made once, and what nobody asks for goes first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gridmask.service.served import Served
from gridmask.service.shelf import Shelf

if TYPE_CHECKING:
    from gridmask.service.shelf import Made


class Bakery:
    """Makes things, and counts how often. ``ground``: what they are made of."""

    def __init__(self, most_bytes: int = 100) -> None:
        self.shelf: Shelf[str] = Shelf(most_bytes)
        self.ground: object = 1
        self.made: list[str] = []
        self.broken = False

    async def get(self, key: str, size: int = 10) -> Served:
        return await self.shelf.get(key, lambda: self.ground, lambda: self._make(key, size))

    async def _make(self, key: str, size: int) -> Made:
        ground = self.ground
        await asyncio.sleep(0)
        self.made.append(key)
        if self.broken:
            raise OSError
        return ground, Served(b"x" * size, '"a"', 1)


async def test_many_who_ask_together_get_one() -> None:
    bakery = Bakery()
    found = await asyncio.gather(*(bakery.get("a") for _ in range(9)))
    assert (bakery.made, len({id(one) for one in found})) == (["a"], 1)


async def test_it_is_made_anew_once_the_ground_is_another() -> None:
    bakery = Bakery()
    for ground in (1, 2, 2, 1):
        bakery.ground = ground
        await bakery.get("a")
    assert (bakery.made, len(bakery.shelf), bakery.shelf.size) == (["a"] * 3, 1, 10)


async def test_what_was_made_of_what_is_no_more_is_not_given_to_others() -> None:
    bakery = Bakery()
    first = asyncio.create_task(bakery.get("a"))
    await asyncio.sleep(0)
    bakery.ground = 2
    second = await bakery.get("a")
    assert (await first is second, bakery.made) == (False, ["a", "a"])


async def test_what_nobody_asked_for_for_longest_goes_first() -> None:
    bakery = Bakery(most_bytes=30)
    for key in ("a", "b", "c", "a", "d"):
        await bakery.get(key)
    await bakery.get("a")
    assert (bakery.made, bakery.shelf.size) == (["a", "b", "c", "d"], 30)
    await bakery.get("b")
    assert bakery.made[-1] == "b"


async def test_what_is_larger_than_the_shelf_is_kept_alone() -> None:
    bakery = Bakery(most_bytes=30)
    for key in ("a", "huge", "huge"):
        await bakery.get(key, 99)
    assert (bakery.made, len(bakery.shelf), bakery.shelf.size) == (["a", "huge"], 1, 99)


async def test_of_no_ground_nothing_is_kept() -> None:
    bakery = Bakery()
    bakery.ground = None
    for _ in range(2):
        await bakery.get("a")
    assert (bakery.made, len(bakery.shelf)) == (["a", "a"], 0)


async def test_one_who_fails_or_gives_up_does_not_keep_others_from_it() -> None:
    bakery = Bakery()
    bakery.broken = True
    asked = [asyncio.create_task(bakery.get("a")) for _ in range(3)]
    await asyncio.sleep(0)
    asked[0].cancel()
    assert [type(one) for one in await asyncio.gather(*asked, return_exceptions=True)] == [
        asyncio.CancelledError,
        OSError,
        OSError,
    ]
    bakery.broken = False
    assert (await bakery.get("a")).body


async def test_nothing_is_remembered_of_what_is_done() -> None:
    bakery = Bakery(most_bytes=30)
    for number in range(50):
        await bakery.get(str(number))
    assert (len(bakery.shelf), len(bakery.shelf._making)) == (3, 0)
    bakery.shelf.clear()
    assert (len(bakery.shelf), bakery.shelf.size) == (0, 0)


def test_keys_are_found_with_their_ground_alone() -> None:
    assert pytest.approx(0) == Shelf[str]().size
    assert Shelf[str]().find("a", 1) is None
