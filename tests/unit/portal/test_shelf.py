"""The shelf."""

from __future__ import annotations

import asyncio
from math import inf

import pytest

from gridmask.portal.frame.shelf import Shelf


class Maker:
    """Makes a number each time, and counts."""

    def __init__(self) -> None:
        self.made = 0

    async def __call__(self) -> int:
        await asyncio.sleep(0)
        self.made += 1
        return self.made


async def test_what_is_asked_for_at_once_is_made_once() -> None:
    shelf, make = Shelf(), Maker()
    assert await asyncio.gather(*(shelf.get("a", inf, make) for _ in range(5))) == [1] * 5


async def test_what_is_old_is_made_again() -> None:
    now = [0.0]
    shelf, make = Shelf(lambda: now[0]), Maker()
    assert not shelf.has("a", inf)
    assert [await shelf.get("a", 10, make), await shelf.get("a", 10, make)] == [1, 1]
    now[0] = 11.0
    assert (shelf.has("a", 10), shelf.has("a", inf), await shelf.get("a", 10, make)) == (False, True, 2)


async def test_what_nobody_asked_for_longest_goes_first() -> None:
    shelf, make = Shelf(most=2), Maker()
    for called in ("a", "b", "a", "c"):
        await shelf.get(called, inf, make)
    assert [shelf.has(called, inf) for called in "abc"] == [True, False, True]


async def test_what_cannot_be_made_is_tried_again() -> None:
    async def fail() -> int:
        raise ValueError("no")

    shelf = Shelf()
    with pytest.raises(ValueError, match="no"):
        await shelf.get("a", inf, fail)
    assert await shelf.get("a", inf, Maker()) == 1
