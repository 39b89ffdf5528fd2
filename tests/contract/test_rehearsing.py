"""Trying what settings and sources would do: everything can be seen, and nothing is kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from gridmask.bootstrap import rehearse
from gridmask.domain.errors import StoreBusy
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store.database import Database, Rehearsal
from tests import osg
from tests.clocks import at
from tests.contract import books
from tests.contract.conftest import filled
from tests.contract.sessions import IMPATIENCE
from tests.grid import ADMIN, Grid, outage, sync

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

    from gridmask.inspection.plans import Report


async def reports(grid: Grid, *names: str, **more: object) -> dict[str, Report]:
    return {report.source: report async for report in rehearse(grid.settings(**more), names, clock=grid.clock)}


def rehearsal_without_patience(url: str) -> tuple[Rehearsal, Engine]:
    """A rehearsal that does not wait for who else writes, and its engine."""
    rehearsal = Rehearsal(url)
    engine = rehearsal.engine.sync_engine

    @event.listens_for(engine, "connect")
    def hurry(connection: DBAPIConnection, _: object) -> None:
        connection.cursor().execute(IMPATIENCE[engine.dialect.name])
        connection.commit()

    return rehearsal, engine


async def test_it_tells_what_would_change_and_changes_nothing(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = await books.read(made.database)
        grid.publish(osg.group("SITE", *(osg.resource(name, "CE") for name in ("CE1", "CE2", "CE3", "CE4"))))
        grid.announce(outage("1", "CE1", at(hours=-1), at(hours=2)), outage("2", "CE4", at(hours=-1), at(hours=1)))
        told = await reports(grid)
        assert await books.read(made.database) == before
    assert (told["osg"].added, told["osg"].rows) == (1, 1)
    assert (told["feed"].added, told["feed"].edited, told["feed"].rows) == (1, 1, 1)


async def test_later_sources_see_what_earlier_ones_would_bring(grid: Grid) -> None:
    async with grid.open():
        pass
    assert [report.rows for report in (await reports(grid)).values()] == [4, 4]


async def test_settings_that_are_not_in_force_can_be_tried(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = await books.read(made.database)
        await reports(grid, vo={"new": {}})
        assert await books.read(made.database) == before


async def test_an_answer_that_would_be_refused_is_told_as_such(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.publish(osg.group("SITE"))
        told = await reports(grid, "osg")
        assert "would take out 3 of 4" in (told["osg"].failure or "")
        await made.statuses.set(ADMIN, [RowName(ElementName("CE1"))], Status.BANNED, "Nobody is locked out.")


async def test_where_nothing_is_yet_nothing_is_made(fresh_sqlite: str, tmp_path: Path) -> None:
    grid = filled(Grid(tmp_path, fresh_sqlite))
    assert (await reports(grid))["osg"].added == 4
    assert not Database(fresh_sqlite).exists


async def test_where_somebody_else_writes_it_says_so_and_lets_go(database: Database, upgradable_url: str) -> None:
    rehearsal, engine = rehearsal_without_patience(upgradable_url)
    async with database.writing():
        with pytest.raises(StoreBusy, match="nothing was changed"):
            await rehearsal.__aenter__()
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.checkedout() == 0


async def test_whatever_goes_wrong_in_it_it_lets_go(grid: Grid) -> None:
    async with grid.open() as made:
        trying = rehearse(grid.settings(), clock=grid.clock)
        await anext(trying)
        with pytest.raises(RuntimeError):
            await trying.athrow(RuntimeError())
        async with asyncio.timeout(5):
            await sync(made)
