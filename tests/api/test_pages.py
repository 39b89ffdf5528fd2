from __future__ import annotations

import asyncio

import pytest

from gridmask.portal.frame.pages import Page, Pages


class Maker:
    """Makes pages that can be told apart, when it is let."""

    def __init__(self) -> None:
        self.made = 0
        self.begun, self.let = asyncio.Event(), asyncio.Event()

    async def __call__(self) -> Page:
        self.made += 1
        number = self.made
        self.begun.set()
        await self.let.wait()
        return Page(b"%d" % number, b"", "")


async def test_all_who_ask_while_a_page_is_made_get_the_next_one_together() -> None:
    pages, make = Pages(), Maker()
    first = asyncio.create_task(pages.get("/", make))
    await make.begun.wait()
    later = [asyncio.create_task(pages.get("/", make)) for _ in range(5)]
    await asyncio.sleep(0)
    make.let.set()
    assert (await first).body == b"1"
    assert {page.body for page in await asyncio.gather(*later)} == {b"2"}


async def test_a_page_that_nobody_waits_for_is_not_kept() -> None:
    pages, make = Pages(), Maker()
    make.let.set()
    await pages.get("/", make)
    assert (await pages.get("/", make)).body == b"2"
    assert not pages._makings


async def test_a_page_that_could_not_be_made_is_tried_again_by_who_waits() -> None:
    pages, make = Pages(), Maker()
    make.let.set()

    async def fail() -> Page:
        raise ValueError

    failing, waiting = asyncio.create_task(pages.get("/", fail)), asyncio.create_task(pages.get("/", make))
    with pytest.raises(ValueError):  # noqa: PT011 - there is no text
        await failing
    assert (await waiting).body == b"1"
