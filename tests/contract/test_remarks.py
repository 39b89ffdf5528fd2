"""What there is to say of rows is followed on every database, and what was touched since is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.remarks import Reading, Remarks
from gridmask.service.selection import ElementName, RowName
from gridmask.store.wordings import Mark
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid


def said(reading: Reading) -> dict[str, dict[str, str]]:
    return {key.name: {vo: row.status.label for (_, vo), row in its.items()} for key, its in reading.said.items()}


async def say(made: Installation, name: str, status: Status, vo: str = "all") -> None:
    await made.statuses.set(ADMIN, [RowName(ElementName(name), vo=vo)], status, "Tried.")


async def test_what_is_said_follows_what_happens(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        remarks = Remarks(made.database)
        first = await remarks.read()
        assert said(first) == {"CE1": {"all": "Banned"}}
        await say(made, "CE2", Status.DEGRADED, "cms")
        second = await remarks.read(first.mark)
        assert said(second) == {"CE1": {"all": "Banned"}, "CE2": {"cms": "Degraded"}}
        assert {key.name for key in second.touched or ()} == {"CE2"}
        ce1 = next(key for key in first.said if key.name == "CE1")
        assert second.said[ce1] is first.said[ce1]


async def test_without_news_nothing_is_touched_and_of_a_future_nothing_is_known(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        remarks = Remarks(made.database)
        mark = (await remarks.read()).mark
        assert (await remarks.read(mark)).touched == frozenset()
        assert (await remarks.read(Mark(mark.revision + 1, mark.decision, mark.note))).touched is None


async def test_what_gets_well_is_said_no_longer(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        remarks = Remarks(made.database)
        await say(made, "CE2", Status.BANNED)
        assert said(await remarks.read())["CE2"] == {"all": "Banned"}
        await say(made, "CE2", Status.ACTIVE)
        await made.tokens.release(ADMIN, [RowName(ElementName("CE2"))], "It works.")
        released = said(await remarks.read())
        assert released.get("CE2", {}).get("all") != "Banned"
