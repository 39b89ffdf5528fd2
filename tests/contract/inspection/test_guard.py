"""The guard, from a feed that announces too much to a person's decision (promise D4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from gridmask.domain.errors import Forbidden, InvalidRequest, NotKnown
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store.check import check
from gridmask.store.tables import batches
from tests import osg
from tests.clocks import at
from tests.contract import books
from tests.contract.books import Sabotage
from tests.contract.store.test_ledger import whatever_fails
from tests.grid import ADMIN, CMS, catch_up, outage, said, sync, toml_policies

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid

NAMES = tuple(f"CE{number}" for number in range(12))
TIGHT = "[guard]\ndeclared_share = 0.5\ndeclared_number = 3\n"


def fill(grid: Grid, down: int) -> None:
    """Let the grid have twelve elements, and announce that so many of them are down."""
    grid.publish(osg.group("SITE", *(osg.resource(name, "CE") for name in NAMES)))
    grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=9)) for n, name in enumerate(NAMES[:down])))


async def up(made: Installation, vo: str = "cms") -> int:
    """How many elements ``vo`` may use."""
    return list(said(await made.masks.mask(vo)).values()).count("Active")


@pytest.fixture
def many(grid: Grid) -> Grid:
    """A grid of twelve elements that are all up."""
    fill(grid, 0)
    return grid


async def test_a_feed_that_takes_half_of_the_grid_is_held_until_somebody_confirms_it(many: Grid) -> None:
    async with many.open(policies=toml_policies(many.folder, TIGHT)) as made:
        await sync(made)
        fill(many, 12)
        await sync(made, "feed")
        assert await up(made) == 12
        [batch] = await made.batches.list()
        assert (str(batch.cause), batch.rows, sorted(batch.vos)) == ("source feed", 12, ["all", "atlas", "cms"])
        outcome = await made.batches.confirm(ADMIN, batch.id, "It is true.")
        assert (len(outcome.changed), await up(made), await made.batches.list()) == (12, 0, [])


async def test_a_batch_concerns_those_in_whose_masks_its_rows_are(grid: Grid) -> None:
    alone = "<AllowedVOs><VO>CMS</VO></AllowedVOs>"
    grid.publish(osg.group("SITE", *(osg.resource(name, "CE", extra=alone) for name in NAMES)))
    grid.announce()
    async with grid.open(policies=toml_policies(grid.folder, TIGHT)) as made:
        await sync(made)
        grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=9)) for n, name in enumerate(NAMES)))
        await sync(made, "feed")
        [batch] = await made.batches.list()
        await made.board.refresh()
        assert made.board.waiting == {batch.id: {"all", "cms"}}
        assert [one.vos for one in await made.batches.list(reads={"cms"}.__contains__)] == [{"all", "cms"}]
        assert len((await made.batches.show(batch.id, reads={"cms"}.__contains__)).rows) == 12
        assert await made.batches.list(reads={"atlas"}.__contains__) == []
        with pytest.raises(NotKnown):
            await made.batches.show(batch.id, reads={"atlas"}.__contains__)


async def test_what_is_held_stays_so_through_sweeps_and_restarts(many: Grid) -> None:
    policies = toml_policies(many.folder, TIGHT)
    async with many.open(policies=policies) as made:
        await sync(made)
        fill(many, 12)
        await sync(made, "feed")
        many.clock.advance(minutes=10)
        assert await made.inspector.sweep(5) == 0
    async with many.open(policies=policies) as again:
        await sync(again)
        assert (await up(again), len(await again.batches.list())) == (12, 1)


async def test_a_batch_in_which_nothing_is_held_any_more_takes_in_nothing(many: Grid) -> None:
    async with many.open(policies=toml_policies(many.folder, TIGHT)) as made:
        await sync(made)
        fill(many, 12)
        await sync(made, "feed")
        many.clock.advance(hours=10)
        await sync(made, "feed")
        await catch_up(made)
        assert await made.batches.list() == []
        [batch] = await made.batches.list(waiting=False)
        assert batch.state == "emptied"
        with pytest.raises(NotKnown):
            await made.batches.confirm(ADMIN, batch.id, "It is true.")
        many.announce(outage("99", NAMES[0], at(hours=9), at(hours=20)))
        await sync(made, "feed")
        assert (await up(made), await made.batches.list()) == (11, [])


async def test_a_feed_that_is_put_right_empties_its_batch_by_itself(many: Grid) -> None:
    async with many.open(policies=toml_policies(many.folder, TIGHT)) as made:
        await sync(made)
        for _ in range(2):  # a batch that expires goes on as another
            many.clock.advance(hours=25)
            many.announce(*(outage(str(n), name, at(hours=-1), at(days=9)) for n, name in enumerate(NAMES)))
            await sync(made, "feed")
            assert (await up(made), len(await made.batches.list())) == (12, 1)
        many.announce()
        assert (await sync(made, "feed"))["feed"].failure is None
        assert (await up(made), await made.batches.list()) == (12, [])


async def test_what_is_dropped_stays_until_the_feed_thinks_otherwise(many: Grid) -> None:
    async with many.open(policies=toml_policies(many.folder, TIGHT)) as made:
        await sync(made)
        fill(many, 12)
        await sync(made, "feed")
        [batch] = await made.batches.list()
        await made.batches.drop(ADMIN, batch.id, "A mistake of the registry.")
        many.clock.advance(hours=2)
        await catch_up(made)
        assert await up(made) == 12
        fill(many, 0)
        await sync(made, "feed", force=True)
        assert (await made.batches.show(batch.id)).rows == ()


async def test_little_by_little_counts_together(many: Grid) -> None:
    async with many.open(policies=toml_policies(many.folder, TIGHT)) as made:
        await sync(made)
        for down, left in ((3, 9), (6, 6), (9, 6)):
            fill(many, down)
            many.clock.advance(minutes=5)
            await sync(made, "feed")
            assert await up(made) == left


async def test_a_part_of_the_world_knows_the_share_of_the_whole(many: Grid) -> None:
    async with many.open(policies=toml_policies(many.folder, "[guard]\ndeclared_share = 0.9\ndeclared_number = 3\n")) as made:
        await sync(made)
        fill(many, 10)
        await sync(made, "feed")
        assert await up(made) == 2


async def test_only_who_may_change_the_rows_decides(many: Grid) -> None:
    async with many.open(policies=toml_policies(many.folder, TIGHT)) as made:
        await sync(made)
        fill(many, 12)
        await sync(made, "feed")
        [batch] = await made.batches.list()
        with pytest.raises(Forbidden):
            await made.batches.confirm(CMS, batch.id, "Me!")
        with pytest.raises(InvalidRequest, match="A reason"):
            await made.batches.confirm(ADMIN, batch.id, " ")
        with pytest.raises(NotKnown, match="no batch called 'x'"):
            await made.batches.drop(ADMIN, "x", "What?")
        assert await up(made) == 12


async def test_a_person_bans_what_is_held(many: Grid) -> None:
    async with many.open(policies=toml_policies(many.folder, TIGHT)) as made:
        await sync(made)
        fill(many, 12)
        await sync(made, "feed")
        await made.statuses.set(ADMIN, [RowName(ElementName("CE1"))], Status.BANNED, "I see smoke.")
        assert await up(made) == 11


async def test_the_outside_is_told_of_it_and_history_has_it(many: Grid) -> None:
    async with many.open(policies=toml_policies(many.folder, TIGHT)) as made:
        await sync(made)
        fill(many, 12)
        await sync(made, "feed")
        told = [row for row in (await books.read(made.database))["outbox"] if row[2] == "batch"]
        assert [(row[3]["state"], row[3]["rows"]) for row in told] == [("held", 12)]
        history = await made.statuses.history(RowName(ElementName("CE1")))
        assert history[0].kind == "held"


async def test_who_may_not_change_all_that_is_held_decides_nothing_of_it(many: Grid) -> None:
    tight_for_cms = '[guard]\ndeclared_number = 99\n[[guard.cap]]\nvo = "cms"\ndeclared_share = 0.5\ndeclared_number = 3\n'
    async with many.open(policies=toml_policies(many.folder, tight_for_cms)) as made:
        await sync(made)
        fill(many, 12)
        await sync(made, "feed")
        [batch] = await made.batches.list()
        assert batch.vos == {"cms"}
        with pytest.raises(Forbidden):
            await made.batches.confirm(CMS, batch.id, "For everyone.")


@pytest.mark.parametrize("decide", ["confirm", "drop"])
async def test_a_decision_that_fails_on_the_way_leaves_nothing_behind(many: Grid, decide: str) -> None:
    async with many.open(policies=toml_policies(many.folder, TIGHT)) as made:
        await sync(made)
        fill(many, 12)
        await sync(made, "feed")
        [batch] = await made.batches.list()

        async def happens(made: Installation) -> None:
            await getattr(made.batches, decide)(ADMIN, batch.id, "So be it.")

        assert await whatever_fails(made, happens) >= 3


async def test_a_batch_that_is_held_is_held_with_its_rows_or_not_at_all(many: Grid) -> None:
    async with many.open(policies=toml_policies(many.folder, TIGHT)) as made:
        await sync(made)
        fill(many, 12)

        async def happens(made: Installation) -> None:
            if (await sync(made, "feed"))["feed"].failure:
                raise Sabotage

        assert await whatever_fails(made, happens) >= 6


async def test_a_hold_without_a_batch_is_found(many: Grid) -> None:
    async with many.open(policies=toml_policies(many.folder, TIGHT)) as made:
        await sync(made)
        fill(many, 12)
        await sync(made, "feed")
        assert await check(made.database) == []
        async with made.database.writing() as (connection, _):
            await connection.execute(delete(batches))
        assert ["batches that do not exist" in finding.text for finding in await check(made.database)] == [True]


async def test_what_nobody_decided_is_looked_at_anew_as_a_whole_however_small_the_portions_are(many: Grid) -> None:
    async with many.open(policies=toml_policies(many.folder, TIGHT + 'expires = "2h"\n')) as made:
        await sync(made)
        fill(many, 12)
        await sync(made, "feed")
        many.clock.advance(hours=2)
        while (await made.inspector.catch_up(2)).changed:
            pass
        assert (await up(made), [batch.rows for batch in await made.batches.list()]) == (12, [12])
