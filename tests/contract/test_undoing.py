"""What people do is foreseen without being done, and taken back after it was, on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import InvalidRequest, StaleWrite
from gridmask.domain.status import Status
from gridmask.service.downtimes import Declaration
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from tests.clocks import at
from tests.contract import books
from tests.grid import ADMIN, CMS, sync

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.row import Row
    from gridmask.service.foresight import Desk
    from tests.grid import Grid

A, B, D, E = Status.ACTIVE, Status.BANNED, Status.DEGRADED, Status.ERROR
Told = tuple[Status, str | None]


def rows(*names: str, vo: str = "all") -> list[RowName]:
    return [RowName(ElementName(name), vo=vo) for name in names]


async def told(made: Installation, *names: str, vo: str = "all") -> list[Told]:
    """What rows are, and whose."""
    found: list[Row] = [(await made.statuses.why(name))[0].seen.row for name in rows(*names, vo=vo)]
    return [(row.status, row.token.owner if row.token else None) for row in found]


async def test_whatever_somebody_did_to_rows_is_taken_back(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(CMS, rows("CE3", vo="cms"), D, "slow", wanted=Wanted(until=at(hours=3)))
        before = await told(made, "CE1", "CE2"), await told(made, "CE1", "CE2", "CE3", vo="cms")
        deeds = [
            made.statuses.set(ADMIN, rows("CE1", "CE2"), B, "both"),
            made.statuses.set(ADMIN, rows("CE1"), A, "put back"),
            made.statuses.set(ADMIN, rows("CE2"), E, "bound", binding=True),
            made.statuses.set(ADMIN, rows("CE1", "CE2", "CE3", vo="cms"), B, "three kinds of rows"),
            made.tokens.take(ADMIN, rows("CE3", vo="cms"), "from somebody"),
            made.tokens.release(ADMIN, rows("CE3", vo="cms"), "no need"),
            made.tokens.extend(CMS, rows("CE3", vo="cms"), Wanted(lasting=True)),
        ]
        for deed in deeds:
            outcome, _ = await deed
            assert outcome.revision is not None
            await made.undoing.undo(ADMIN, outcome.revision)
            assert (await told(made, "CE1", "CE2"), await told(made, "CE1", "CE2", "CE3", vo="cms")) == before


async def test_what_followed_the_row_of_all_follows_it_again(grid: Grid) -> None:
    async with grid.open(vo={"cms": {}}) as made:
        await sync(made)
        await made.statuses.set(ADMIN, rows("CE2"), D, "slow", wanted=Wanted(lasting=True))
        await made.downtimes.add(CMS, Declaration((ElementName("CE2"),), at(hours=1), None, "OUTAGE", "later", "cms"))
        outcome, _ = await made.statuses.set(ADMIN, rows("CE2"), B, "worse", wanted=Wanted(lasting=True))
        assert outcome.revision is not None
        await made.undoing.undo(ADMIN, outcome.revision)
        assert [(await told(made, "CE2", vo=vo))[0] for vo in ("all", "cms")] == [(D, "admin")] * 2


async def test_what_was_changed_since_or_by_nobody_is_not_taken_back(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        first, _ = await made.statuses.set(ADMIN, rows("CE1", "CE2"), D, "one")
        await made.statuses.set(ADMIN, rows("CE2"), B, "two")
        before = await books.read(made.database)
        assert first.revision is not None
        for revision, error in ((first.revision, StaleWrite), (1, InvalidRequest)):
            with pytest.raises(error):
                await made.undoing.undo(ADMIN, revision)
        assert await books.read(made.database) == before


async def test_what_is_foreseen_is_what_happens_and_nothing_is_kept_of_it(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)

        async def free(desk: Desk) -> object:
            return await desk.statuses.set(ADMIN, rows("CE1", "CE2"), A, "all is well")

        before = await books.read(made.database)
        ahead = await made.foresight.of(free)
        assert await books.read(made.database) == before
        assert [(would.key.element.name, would.before and would.before.status, would.after.status) for would in ahead.rows] == [
            ("CE1", B, A),
            ("CE2", A, A),
        ]
        outcome, _ = await made.statuses.set(ADMIN, rows("CE1", "CE2"), A, "all is well")
        assert ahead.masks == outcome.masks
        # what is taken back of a ban owes nothing
        await made.undoing.undo(ADMIN, (await made.statuses.set(ADMIN, rows("CE2"), B, "by mistake"))[0].revision or 0)
        [now] = await made.statuses.why(rows("CE2")[0])
        assert not now.seen.row.standing.owes_probing
