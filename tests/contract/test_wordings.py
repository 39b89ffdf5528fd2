"""Why rows are as they are is followed on every database: by what changed, and by all where nobody can tell what did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.element import WHOLE
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from gridmask.service.wordings import WordingBook
from gridmask.store import wordings
from tests.clocks import at
from tests.grid import ADMIN, outage, sync

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

UNTIL = Wanted(until=at(days=1))


def told(book: WordingBook) -> Mapping[str, str]:
    return {key.name: words[WHOLE, "all"].text for key, words in book.words.items() if (WHOLE, "all") in words}


async def followed(made: Installation, book: WordingBook) -> Mapping[str, str]:
    await made.board.refresh()
    await book.follow()
    return told(book)


async def say(made: Installation, name: str, reason: str, status: Status = Status.BANNED, vo: str = "all") -> None:
    await made.statuses.set(ADMIN, [RowName(ElementName(name), vo=vo)], status, reason, wanted=UNTIL)


async def test_words_follow_whatever_changes_them(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        book = WordingBook(made.database, made.board)
        first = await followed(made, book)
        assert first.keys() == {"CE1"}
        await say(made, "CE2", "é")
        await say(made, "CE2", "only theirs", vo="cms")
        assert (await followed(made, book))["CE2"] == "é"
        assert {words[1]: one.text for key, its in book.words.items() for words, one in its.items() if key.name == "CE2"} == {
            "all": "é",
            "cms": "only theirs",
        }
        await say(made, "CE2", "the reason alone")
        assert (await followed(made, book))["CE2"] == "the reason alone"
        await say(made, "CE3", "Smoke.")
        assert (await followed(made, book))["CE3"] == "Smoke."
        for name in ("CE2", "CE3"):
            await say(made, name, "well again", Status.ACTIVE)
        assert await followed(made, book) == first
        grid.announce(outage("1", "CE1", at(hours=-1), at(hours=1), Description="Another text"))
        await sync(made)
        assert "Another text" in (await followed(made, book))["CE1"]
        assert (await followed(made, book)) == told(await whole(made))


async def whole(made: Installation) -> WordingBook:
    """A book that was never read before."""
    book = WordingBook(made.database, made.board)
    await book.follow()
    return book


async def test_only_what_changed_is_read_again(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []
    load = wordings.load

    async def noted(connection: AsyncConnection, numbers: frozenset[int] | None) -> list[wordings.Record]:
        read.append(numbers)
        return await load(connection, numbers)

    monkeypatch.setattr(wordings, "load", noted)
    async with grid.open() as made:
        await sync(made)
        book = await whole(made)
        words = book.words
        await followed(made, book)
        assert (read, book.words is words) == ([None], True)
        await say(made, "CE2", "Smoke.")
        await followed(made, book)
        assert [len(numbers) for numbers in read[1:]] == [1]
