"""Writes, one at a time: by whom, noted before and after, and with which proof."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.actions.actuating.memory import recollected
from gridmask.actions.rucio.rses import Rses
from gridmask.domain.errors import Conflict, NotKnown, StoreUnavailable
from gridmask.domain.status import Status
from gridmask.service import exclusive
from gridmask.store import deliveries
from gridmask.store.audit import Wanted as Entries
from tests.grid import ADMIN
from tests.rucio import begin, put, storage, table

if TYPE_CHECKING:
    from gridmask.actions.actuating.values import Step
    from tests.actuated import RucioDouble
    from tests.grid import Grid


class Killed(BaseException):
    """In place of the end of a process."""


async def test_a_password_gets_the_token(grid: Grid, rucio: RucioDouble) -> None:
    storage(grid, "SE1")
    word = grid.folder / "word"
    word.write_text("secret\n")
    by = {"token_file": None, "account": "root", "user": "tester", "password_file": word}
    async with grid.open(**table(grid, rucio, **by)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED, "ReadAccess")
        await made.dispatcher.deliver()
        assert rucio.off("SE1") == "read"
        word.write_text("wrong")
        with pytest.raises(Exception, match="lets nobody in as root"):
            await made.actuators.plan(ADMIN, "ours")


async def test_while_our_database_is_away_nothing_is_sent(
    grid: Grid, rucio: RucioDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage(grid, "SE1")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        await put(made, "SE1", Status.BANNED)
        ours = made.actuators._made["ours"]

        async def away() -> None:
            raise StoreUnavailable("It is away.")

        monkeypatch.setattr(made.board, "refresh", away)
        with pytest.raises(StoreUnavailable):
            await ours.run(ADMIN, everything=True)
        assert rucio.said("PUT") == []


async def test_a_run_while_another_is_at_work_is_refused(
    grid: Grid, rucio: RucioDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage(grid, "SE1")
    monkeypatch.setattr(exclusive, "WAITS", 1)
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        term = timedelta(minutes=1)
        await made.database.change(lambda c, _: deliveries.claim(c, "ours", "another", grid.clock(), term))
        with pytest.raises(Conflict, match="at work"):
            await made.actuators.run(ADMIN, "ours", "now")


async def test_an_actuator_that_is_not_in_force_cannot_be_run(grid: Grid, rucio: RucioDouble) -> None:
    async with grid.open(**table(grid, rucio)) as made:
        with pytest.raises(NotKnown, match="ours"):
            await made.actuators.drift(ADMIN, "theirs")
        await made.database.change(lambda c, _: deliveries.register(c, {}, grid.clock()))
        with pytest.raises(Conflict, match="in force"):
            await made.actuators.run(ADMIN, "ours", "now")


async def test_before_anything_is_sent_it_is_noted_whose_doing_it_will_be(
    grid: Grid, rucio: RucioDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage(grid, "SE1")
    noted: list[dict[str, bool | str]] = []
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)

        async def killed(_: Rses, step: Step) -> str:
            async with made.database.reading() as connection:
                noted.append((await recollected(connection, "ours")).written[step.thing].states)
            raise Killed

        await put(made, "SE1", Status.BANNED, "ReadAccess")
        monkeypatch.setattr(Rses, "write", killed)
        with pytest.raises(Killed):
            await made.actuators.run(ADMIN, "ours", "now")
    assert noted == [{"read": False}]


async def test_what_became_of_a_write_that_was_cut_off_is_found_out_and_in_the_books(
    grid: Grid, rucio: RucioDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage(grid, "SE1")
    async with grid.open(**table(grid, rucio)) as made:
        await begin(made)
        write = Rses.write

        async def cut_off(side: Rses, step: Step) -> str:
            await write(side, step)
            raise StoreUnavailable("It went away.")

        monkeypatch.setattr(Rses, "write", cut_off)
        await put(made, "SE1", Status.BANNED, "ReadAccess")
        with pytest.raises(StoreUnavailable):
            await made.actuators.run(ADMIN, "ours", "now")
        monkeypatch.undo()
        await made.dispatcher.deliver()
        await made.dispatcher.deliver()
        (entry,) = await made.audit.list(ADMIN, Entries(action="actuator wrote"))
        assert (entry.comment, rucio.said("PUT")) == ("ours: SE1: found as it was written", ["PUT /rses/SE1"])
