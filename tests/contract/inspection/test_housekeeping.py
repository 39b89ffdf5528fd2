"""What need not be kept goes, a little at a time; what must be kept stays for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, insert, literal, select, update

from gridmask.domain.status import Status
from gridmask.inspection.housekeeping import Housekeeping, Tidied
from gridmask.service.selection import ElementName, RowName
from gridmask.settings import Recording, Retention
from gridmask.store import ladder, retention
from gridmask.store.check import check
from gridmask.store.tables import decisions, outbox, sweeps
from tests.clocks import at
from tests.contract import books
from tests.grid import ADMIN, outage, sync

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmask.bootstrap import Installation
    from tests.grid import Grid

KEPT = ("changes", "audit", "policy_revisions", "downtimes", "downtime_targets", "element_versions", "statuses")
TABLES = (
    *("sweeps", "decisions", "deliveries", "outbox", "evidence", "idempotency_keys"),
    *("dirac_records", "snapshots", "recorded_events"),
)
NOTHING = dict.fromkeys(TABLES, 0)
NOBODY: dict[str, Any] = {"webhook": ({"name": "nobody", "url": "http://127.0.0.1:1/"},)}


async def lived(grid: Grid, made: Installation, days: int) -> None:
    """Let some days pass, in which a downtime comes and goes, and everything is swept over and told."""
    for day in range(days):
        grid.announce(outage(str(day), "CE1", at(days=day, hours=1), at(days=day, hours=2), Severity="Outage"))
        await sync(made)
        await made.loop.once(tell=True)
        grid.clock.advance(days=1)


async def copied(made: Installation, times: int) -> None:
    """Have every decision that there is decided again so often, in vain."""
    columns = [column for column in decisions.c if column.name not in {"id", "revision"}]
    async with made.database.writing() as (connection, _):
        for _ in range(times):
            question = select(*columns, literal(None)).where(decisions.c.id <= 4)
            await connection.execute(insert(decisions).from_select([*columns, decisions.c.revision], question))


def keeping(made: Installation, **kept: timedelta) -> Housekeeping:
    """Housekeeping that keeps what is named so long, and all else as usual."""
    return Housekeeping(made.database, made.clock, Retention(**kept), Recording())


async def test_what_must_be_kept_stays_and_the_rest_goes(grid: Grid) -> None:
    async with grid.open() as made:
        await lived(grid, made, 3)
        await copied(made, 3)
        before, masks = await books.read(made.database), await made.masks.mask("cms")
        grid.clock.advance(days=500)
        told = await made.housekeeping.preview()
        assert await books.read(made.database) == before
        done = await made.housekeeping.tidy()
        assert done == told
        assert {name for name, count in done.dropped.items() if count} == {"sweeps", "decisions", "outbox"}
        after = await books.read(made.database)
        assert {name: after[name] for name in KEPT} == {name: before[name] for name in KEPT}
        assert await made.housekeeping.tidy() == Tidied(NOTHING)
        assert (await check(made.database), await made.masks.mask("cms")) == ([], masks)


async def test_the_last_decision_about_a_row_and_those_that_led_to_something_stay(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await copied(made, 2)
        async with made.database.reading() as connection:
            effective = set(await connection.scalars(select(decisions.c.id).where(decisions.c.revision.is_not(None))))
            rows = (decisions.c.element_id, decisions.c.status_type, decisions.c.vo)
            last = set(await connection.scalars(select(func.max(decisions.c.id)).group_by(*rows)))
        grid.clock.advance(days=401)
        await made.housekeeping.tidy()
        async with made.database.reading() as connection:
            assert set(await connection.scalars(select(decisions.c.id))) == effective | last


async def test_nothing_young_goes(grid: Grid) -> None:
    async with grid.open() as made:
        await lived(grid, made, 2)
        assert await made.housekeeping.tidy() == Tidied(NOTHING)


async def test_what_the_outside_was_not_told_stays_however_old_it_is(grid: Grid) -> None:
    async with grid.open(**NOBODY) as made:
        await sync(made)
        grid.clock.advance(days=900)
        assert (await made.housekeeping.tidy()).dropped["outbox"] == 0
    async with grid.open() as made:
        assert (await made.housekeeping.tidy()).dropped["outbox"] > 0
        await made.statuses.set(ADMIN, [RowName(ElementName("CE1"))], Status.BANNED, "smoke")
        assert await check(made.database) == []


async def test_much_is_dropped_in_parts(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "FEW", 3)
    async with grid.open() as made:
        await sync(made)
        mark = {"at": at(), "checked": 1, "changed": 0, "policy_revision": ""}
        async with made.database.writing() as (connection, _):
            await connection.execute(insert(sweeps), [mark] * 8)
        grid.clock.advance(days=100)
        with books.counted(made.database) as statements:
            assert (await made.housekeeping.tidy()).dropped["sweeps"] == 8
        assert len([one for one in statements if one.startswith("DELETE FROM sweeps")]) == 3


async def test_several_may_tidy_at_once(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "FEW", 2)
    monkeypatch.setattr(ladder.climb, "__defaults__", (3,))
    async with grid.open() as made, grid.open() as beside:
        await lived(grid, made, 3)
        before = await books.counts(made.database, "outbox")
        grid.clock.advance(days=500)
        done = await asyncio.gather(*(one.housekeeping.tidy() for one in (made, beside)))
        assert sum(one.dropped["outbox"] for one in done) == before["outbox"] - 1
        assert (await books.counts(made.database, "outbox", "sweeps")) == {"outbox": 1, "sweeps": 0}
        assert await check(made.database) == []


async def test_what_comes_to_count_again_meanwhile_stays(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.loop.once(tell=True)
        kind = retention.Leftovers(outbox, outbox.c.topic != "x", still=outbox.c.topic != "x")
        async with made.database.reading() as connection:
            ids = await kind.some(connection)
        async with made.database.writing() as (connection, _):
            await connection.execute(update(outbox).values(topic="x"))
            assert await kind.drop(connection, ids) == 0


def dropped(told: Iterable[Tidied]) -> list[int]:
    """How much went in all, in each round."""
    return [sum(one.dropped.values()) for one in told]


async def test_how_long_each_is_kept_is_a_setting(grid: Grid) -> None:
    async with grid.open() as made:
        await lived(grid, made, 3)
        told = [await keeping(made, sweeps=timedelta(days=kept)).preview() for kept in (1, 2, 3)]
        assert dropped(told) == [2, 1, 0]
