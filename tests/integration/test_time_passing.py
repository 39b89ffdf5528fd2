"""Nothing happens but that time passes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from gridmask.store import statuses
from tests.clocks import NOW, at
from tests.contract import books
from tests.grid import ADMIN, catch_up, outage, said, sync, toml_policies

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.grid import Grid

CE1, CE2 = RowName(ElementName("CE1")), RowName(ElementName("CE2"))
TICK = timedelta(microseconds=1)


async def ce1(made: Installation) -> str:
    await catch_up(made)
    return said(await made.masks.mask("cms"))["CE1"]


async def test_a_downtime_begins_and_ends_to_the_microsecond(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        seen = []
        for moment in (at(), at(hours=1) - TICK, at(hours=1), at(hours=2) - TICK, at(hours=2)):
            grid.clock.now = moment
            seen.append(await ce1(made))
        assert seen == ["Active", "Active", "Banned", "Banned", "Active"]


async def test_each_edge_is_one_revision_of_each_mask_and_nothing_else_is(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        before = (await made.masks.serve("cms")).revision
        for _ in range(12 * 5):
            grid.clock.advance(minutes=5)
            await catch_up(made)
        assert (await made.masks.serve("cms")).revision == before + 2
        assert set((await made.masks.revisions()).values()) == {before + 2}


async def test_what_the_loop_sleeps_until_is_the_next_edge(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        dues = []
        for _ in range(3):
            async with made.database.reading() as connection:
                dues.append(await statuses.next_due(connection))
            grid.clock.now = dues[-1] or NOW
            await catch_up(made)
        assert dues == [at(hours=1), at(hours=2), at(hours=6)]


async def test_edges_that_passed_while_nothing_ran_are_made_up_for(grid: Grid) -> None:
    grid.database = f"sqlite:///{grid.folder / 'gridmask.db'}"
    async with grid.open() as made:
        await sync(made)
    for hours, expected in ((1.5, "Banned"), (3, "Active")):
        grid.clock.now = at(hours=hours)
        async with grid.open() as made:
            assert await ce1(made) == expected


async def test_a_downtime_that_was_extended_ends_later_and_one_shortened_sooner(grid: Grid) -> None:
    grid.announce(outage("1", "CE1", at(hours=1), at(hours=2)), outage("2", "CE2", at(hours=1), at(hours=9)))
    async with grid.open() as made:
        await sync(made)
        grid.clock.now = at(hours=1.5)
        grid.announce(outage("1", "CE1", at(hours=1), at(hours=4)), outage("2", "CE2", at(hours=1), at(hours=3)))
        assert (await sync(made, "feed"))["feed"].edited == 2
        seen = []
        for hours in (2, 3, 4):
            grid.clock.now = at(hours=hours)
            seen.append((await ce1(made), said(await made.masks.mask("cms"))["CE2"]))
        assert seen == [("Banned", "Banned"), ("Banned", "Active"), ("Active", "Active")]


async def test_a_downtime_that_was_withdrawn_ends_at_once(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.clock.now = at(hours=1.5)
        assert await ce1(made) == "Banned"
        grid.announce()
        assert (await sync(made, "feed"))["feed"].removed == 1
        assert await ce1(made) == "Active"


async def test_a_downtime_that_moved_to_another_resource_moves_its_ban(grid: Grid) -> None:
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=2)))
    async with grid.open() as made:
        await sync(made)
        grid.announce(outage("1", "CE2", at(hours=-1), at(hours=2)))
        await sync(made, "feed")
        mask = said(await made.masks.mask("cms"))
        assert (mask["CE1"], mask["CE2"]) == ("Active", "Banned")


async def test_after_a_feed_fell_silent_what_was_decided_is_held(grid: Grid) -> None:
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=8)))
    async with grid.open() as made:
        await sync(made)
        before = (await made.masks.serve("cms")).etag
        for hours in (6, 8, 48):  # its answer counts no more; the downtime ends; two days are gone
            grid.clock.now = at(hours=hours)
            await catch_up(made)
            assert (await made.masks.serve("cms")).etag == before
        assert [health.state for health in await made.sources.health()] == ["stale", "good"]
        [explained] = await made.statuses.why(CE1)
        assert [verdict.held for verdict in explained.seen.row.verdicts] == [True]


async def test_what_a_silent_feed_announced_before_comes_true_all_the_same(grid: Grid) -> None:
    grid.announce(outage("1", "CE1", at(hours=8), at(hours=9)))
    async with grid.open() as made:
        await sync(made)
        seen = []
        for hours in (7, 8):
            grid.clock.now = at(hours=hours)
            seen.append(await ce1(made))
        assert seen == ["Active", "Banned"]


async def test_a_feed_that_speaks_again_ends_what_was_held(grid: Grid) -> None:
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=8)))
    async with grid.open() as made:
        await sync(made)
        grid.clock.now = at(hours=12)
        assert await ce1(made) == "Banned"
        assert (await sync(made, "feed"))["feed"].unchanged
        assert await ce1(made) == "Active"


async def test_a_policy_can_ask_for_unknown_instead(grid: Grid) -> None:
    policies = toml_policies(grid.folder, '[policy.declared-downtimes]\non_missing = "unknown"')
    async with grid.open(policies=policies) as made:
        await sync(made)
        grid.clock.now = at(hours=6)
        await catch_up(made)
        assert set(said(await made.masks.mask("cms")).values()) == {"Unknown"}


async def test_a_token_ends_when_it_was_to_end(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [CE1], Status.DEGRADED, "slow", wanted=Wanted(at(0.5)))
        seen = []
        for moment in (at(), at(0.5) - TICK, at(0.5)):
            grid.clock.now = moment
            status, [explained] = await ce1(made), await made.statuses.why(CE1)
            seen.append((status, explained.seen.row.token is not None))
        assert seen == [("Degraded", True), ("Degraded", True), ("Active", False)]


async def test_after_a_persons_ban_a_row_proves_itself_first(grid: Grid) -> None:
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "security", wanted=Wanted(at(hours=1)))
        seen = {}
        for minutes in (0, 60, 70, 89, 90):
            grid.clock.now = at(hours=minutes / 60)
            seen[minutes] = await ce1(made)
        assert seen == {0: "Banned", 60: "Probing", 70: "Probing", 89: "Probing", 90: "Active"}


async def test_what_was_bad_while_it_proved_itself_begins_anew(grid: Grid) -> None:
    grid.announce(outage("1", "CE1", at(hours=1.25), at(hours=1.5)))
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [CE1], Status.BANNED, "security", wanted=Wanted(at(hours=1)))
        seen = {}
        for minutes in (60, 75, 90, 119, 120):
            grid.clock.now = at(hours=minutes / 60)
            seen[minutes] = await ce1(made)
        assert seen == {60: "Probing", 75: "Banned", 90: "Probing", 119: "Probing", 120: "Active"}


async def test_a_row_that_a_person_gave_back_is_decided_about_at_once(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [CE1], Status.DEGRADED, "slow", wanted=Wanted(lasting=True))
        grid.clock.advance(days=0.01)
        await made.tokens.release(ADMIN, [CE1], "fast again")
        assert await ce1(made) == "Active"


async def test_a_token_holds_against_a_downtime_but_the_opinion_is_recorded(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [CE1], Status.ACTIVE, "it is up, whatever they say", wanted=Wanted(lasting=True))
        grid.clock.now = at(hours=1)
        decided = await books.counts(made.database, "decisions")
        assert await ce1(made) == "Active"
        [explained] = await made.statuses.why(CE1)
        assert explained.seen.row.opinion is Status.BANNED
        assert (await books.counts(made.database, "decisions"))["decisions"] == decided["decisions"] + 1
