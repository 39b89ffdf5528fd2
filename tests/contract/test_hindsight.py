"""What a mask of the past should have been, by what became known of it later (promise K4), on every database."""

from __future__ import annotations

from datetime import timedelta

from gridmask.domain.status import Status
from gridmask.service.downtimes import Declaration
from gridmask.service.selection import ElementName, RowName
from gridmask.service.tokens import Wanted
from tests.clocks import at
from tests.contract.test_looking_back import ACTS, COMINGS, Play, is_edited, played, scripts
from tests.grid import ADMIN, Grid, outage, sync, toml_policies
from tests.hindsight import MISSED, changed, seen


async def test_what_was_known_then_makes_nothing_another(grid: Grid) -> None:
    async with grid.open() as made:
        play = await played(grid, made, scripts(*ACTS, *COMINGS, is_edited, seed=5, length=15))
        assert await looked_at(play) > 20


async def looked_at(play: Play) -> int:
    """Look at a third of the masks that were served, by what was known then. How many rows there were."""
    found = 0
    for moment, served in play.served[::3]:
        hindsight = await play.made.hindsights.look(served.vo, moment, moment)
        told = {(row.key.element, row.key.status_type): row.served.status for row in hindsight.rows}
        expected = {(key, aspect): status for key, entry in served.entries.items() for aspect, status in entry.statuses}
        assert {row for row in told.items() ^ expected.items() if row[0][0] not in hindsight.unsure} == set()
        assert hindsight.differences().rows == ()
        found += len(told)
    return found


async def test_a_downtime_that_was_announced_late_is_missed_in_its_interval_before_that(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await changed(grid, made)
        known = await changed(grid, made, outage("7", "CE2", at(hours=0.25), at(hours=2)))
        assert await seen(made, at(hours=0.2)) == {}
        assert (await seen(made, at(hours=0.25)))["CE2"] == MISSED
        assert (await seen(made, known - timedelta(microseconds=1)))["CE2"] == MISSED
        assert "CE2" not in await seen(made, known)


async def test_an_outage_of_one_vo_that_was_announced_late_is_missed_for_it_alone(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.clock.advance(minutes=10)
        first = (await made.downtimes.add(ADMIN, declared("CE2", "cms")))[1]
        assert first.interval.start == at()
        assert await seen(made, at(), vo="cms") == {"CE2": MISSED}
        assert await seen(made, at(), vo="atlas") == {}


def declared(name: str, vo: str) -> Declaration:
    return Declaration((ElementName(name),), at(), at(hours=2), "OUTAGE", "Fans", vo)


async def test_a_debt_is_owed_in_hindsight_too(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [RowName(ElementName("CE2"))], Status.BANNED, "smoke", wanted=Wanted(at(hours=0.5)))
        await changed(grid, made, outage("7", "CE2", at(), at(hours=2)))
        grid.clock.advance(minutes=30)
        await changed(grid, made)
        assert await seen(made, at(hours=0.75)) == {"CE2": "Banned, Probing: other, taken-back"}


async def test_policies_that_came_into_force_again_are_told_from_those_between(grid: Grid) -> None:
    policies = toml_policies(grid.folder)
    async with grid.open(policies=policies) as made:
        await sync(made)
        first = made.inspector.policies.revision
        for text in ('[policy.declared-downtimes.arguments]\noutage = "Degraded"\n', ""):
            grid.clock.advance(minutes=10)
            toml_policies(grid.folder, text)
            assert await made.reloading.look()
        revisions = [(await made.hindsights.look("cms", at(hours=minutes / 60))).policies for minutes in (0, 10, 20)]
        assert [revision == first for revision in revisions] == [True, False, True]
