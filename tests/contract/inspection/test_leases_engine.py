"""Several processes that share the work of one installation, on MariaDB; what they do in the database is tried on each."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.bootstrap import installation
from gridmask.engine import Engine, Part
from gridmask.inspection.intake import Intake
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from gridmask.store import work
from gridmask.store.check import check
from gridmask.store.database import Database
from tests import osg
from tests.clocks import at
from tests.grid import ADMIN, Grid, files_only, outage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from gridmask.source import Source


class Readings:
    """Who read what. ``hold``: a source, whose reading by the first is not done until it is let go of."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun: asyncio.Queue[tuple[Intake, str]] = asyncio.Queue()
        self.done: asyncio.Queue[tuple[Intake, str, object]] = asyncio.Queue()
        self.hold: str | None = None
        self.let_go = asyncio.Event()
        collect = Intake.collect

        async def noted(intake: Intake, source: Source, **more: Any) -> object:  # noqa: ANN401 - as it is called
            self.begun.put_nowait((intake, source.name))
            if source.name == self.hold:
                self.hold = None
                await asyncio.shield(self.let_go.wait())
            try:
                report: object = await collect(intake, source, **more)
            except BaseException as error:
                self.done.put_nowait((intake, source.name, error))
                raise
            self.done.put_nowait((intake, source.name, report))
            return report

        monkeypatch.setattr(Intake, "collect", noted)


pytestmark = pytest.mark.mariadb

TERM = timedelta(seconds=30)


@pytest.fixture
def shared(tmp_path: Path, made_mariadb: str) -> Grid:
    grid = Grid(tmp_path, made_mariadb)
    grid.publish(osg.group("SITE", *(osg.resource(name, "CE") for name in ("CE1", "CE2"))))
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=1)))
    return grid


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Readings:
    monkeypatch.setattr("gridmask.inspection.engines.leases.LONGEST_NAP", 0.1)
    monkeypatch.setattr("gridmask.inspection.engines.leases.BLOCKED_NAP", 0.1)
    return Readings(monkeypatch)


@asynccontextmanager
async def process(grid: Grid, part: Part) -> AsyncIterator[Installation]:
    """One of the processes, which runs its loop."""
    settings = grid.settings(engine=Engine(kind="leases"))
    async with installation(settings, clock=grid.clock, client=files_only(grid.clock), part=part) as made:
        task = asyncio.create_task(made.loop.run())
        try:
            yield made
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def rows(grid: Grid) -> list[Any]:
    async with Database(grid.database) as database, database.reading() as connection:
        return await work.listed(connection)


async def due_at(grid: Grid) -> datetime:
    """When rows are to be evaluated next."""
    found: datetime = next(row.due_at for row in await rows(grid) if row.kind == "evaluate")
    return found


async def test_who_serves_reads_nothing_and_a_worker_all(shared: Grid, readings: Readings) -> None:
    async with process(shared, Part("nothing")):
        async with process(shared, Part("share")) as worker:
            read = [await readings.done.get() for _ in range(2)]
            assert {(who, name) for who, name, _ in read} == {(worker.intake, "osg"), (worker.intake, "feed")}
        assert readings.begun.qsize() == 2
    assert {row.kind for row in await rows(shared)} == {"read", "evaluate", "sweep", "tidy", "record"}
    assert not [row.key for row in await rows(shared) if row.holder]


async def silent(_: object) -> None:
    await asyncio.Event().wait()


async def test_who_stands_still_is_followed_and_commits_nothing_when_it_goes_on(
    shared: Grid, readings: Readings, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = shared
    async with AsyncExitStack() as stack:
        frozen = await stack.enter_async_context(process(grid, Part("share")))
        readings.hold = "feed"
        begun = {await readings.begun.get() for _ in range(2)}
        assert begun == {(frozen.intake, "osg"), (frozen.intake, "feed")}
        await readings.done.get()
        # it says nothing any more: neither that it goes on, nor that it takes up anything
        monkeypatch.setattr(frozen.database, "note", silent)
        monkeypatch.setattr("gridmask.inspection.engines.leases.LEFT_WITHIN", 0.1)
        grid.clock.advance(seconds=31)
        other = await stack.enter_async_context(process(grid, Part("share")))
        who, name, report = await readings.done.get()
        while (who, name) != (other.intake, "feed"):
            who, name, report = await readings.done.get()
        assert not isinstance(report, BaseException)
        readings.let_go.set()
        who, name, report = await readings.done.get()
        assert (who, name, type(report).__name__) == (frozen.intake, "feed", "LeaseLost")
        assert [finding.text for finding in await check(frozen.database)] == []


async def test_each_worker_does_the_kinds_of_work_that_it_is_for(shared: Grid, readings: Readings) -> None:
    grid = shared
    async with process(grid, Part("share", ("evaluate", "read"))):
        for _ in range(2):
            await readings.done.get()
    done = {row.kind: bool(row.token) for row in await rows(grid)}
    assert done == {"read": True, "evaluate": True, "sweep": False, "tidy": False, "record": False}


async def test_who_serves_has_what_it_commits_evaluated_in_time(shared: Grid, readings: Readings) -> None:
    grid = shared
    async with process(grid, Part("share", ("read",))):
        for _ in range(2):
            await readings.done.get()
    soon = grid.clock() + timedelta(seconds=2)
    async with process(grid, Part("nothing")) as door:
        # nobody evaluates here: when it would be due, whoever comes will see
        await door.database.note(lambda c: work.wake(c, "evaluate", grid.clock()))
        [claim] = await door.database.note(lambda c: work.claim(c, "x", {"evaluate": 1}, grid.clock(), TERM))
        await door.database.note(lambda c: work.complete(c, claim, work.After(grid.clock() + TERM), grid.clock()))
        await door.tokens.take(ADMIN, [RowName(ElementName("CE2"))], "x", Wanted(soon))
        while await due_at(grid) > soon:  # noqa: ASYNC110 - it is in the database
            await asyncio.sleep(0.02)
