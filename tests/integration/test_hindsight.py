"""What a mask of the past should have been: which differences there are, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import delete, update

from gridmask.domain.errors import InvalidRequest, NotKnownThen
from gridmask.domain.hindsight import Whose
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store.tables import policy_revisions
from tests import osg
from tests.clocks import at
from tests.grid import ADMIN, Grid, catch_up, outage, sync, toml_policies
from tests.hindsight import LOST, MISSED, changed, seen, told

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@pytest.fixture
def grid(tmp_path: Path) -> Grid:
    """Three resources, of which one is down."""
    grid = Grid(tmp_path)
    grid.publish(osg.group("SITE", *(osg.resource(name, "CE") for name in ("CE1", "CE2", "CE3"))))
    grid.announce(outage("1", "CE1", at(hours=-1), at(hours=1)))
    return grid


async def test_knowledge_of_before_the_announcement_does_not_have_it(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.clock.advance(minutes=30)
        known = await changed(grid, made, outage("1", "CE1", at(hours=-1), at(hours=1)), outage("7", "CE2", at(), at(hours=2)))
        moment = at(hours=0.25)
        assert await seen(made, moment, known - timedelta(microseconds=1)) == {}
        assert await seen(made, moment, known) == {"CE2": MISSED}
        (row,) = (await made.hindsights.look("cms", moment, known)).differences().rows
        assert row.learnt_at == known
        assert "In downtime 7" in row.after.reasons[0].text


async def test_a_downtime_that_was_withdrawn_has_cost_capacity(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.clock.advance(minutes=10)
        withdrawn = await changed(grid, made)
        assert await seen(made, at()) == {"CE1": LOST}
        assert await seen(made, at(), withdrawn - timedelta(microseconds=1)) == {}
        (row,) = (await made.hindsights.look("cms", at())).differences().rows
        assert (row.learnt_at, row.served.standing.since) == (withdrawn, at())


async def test_an_outage_that_took_longer_than_announced_is_missed_after_its_first_end(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.clock.advance(hours=1)
        await catch_up(made)
        grid.clock.advance(minutes=30)
        await changed(grid, made, outage("1", "CE1", at(hours=-1), at(hours=3)))
        assert await seen(made, at(hours=0.5)) == {}
        assert await seen(made, at(hours=1.4)) == {"CE1": MISSED}


async def test_what_was_known_and_not_acted_upon_is_told_as_such(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        # while nothing runs, the downtime of CE1 ends
        moment = grid.clock.advance(hours=1)
        assert await seen(made, moment, moment) == {"CE1": "Banned, Active: lost, not-acted"}
        grid.clock.advance(minutes=1)
        await catch_up(made)
        assert await seen(made, grid.clock()) == {}


async def test_a_word_that_was_corrected_later_makes_nothing_late(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.clock.advance(minutes=10)
        await changed(grid, made, outage("1", "CE1", at(hours=-1), at(hours=1), Description="Fans"))
        assert await seen(made, at()) == {}


async def test_what_people_had_decided_stands_in_hindsight(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [RowName(ElementName("CE2"))], Status.DEGRADED, "smoke")
        grid.clock.advance(minutes=10)
        await changed(grid, made, outage("7", "CE2", at(), at(hours=2)))
        hindsight = await made.hindsights.look("cms", at())
        assert "CE2" not in told(hindsight)
        (row,) = (row for row in hindsight.rows if row.key.element.name == "CE2")
        assert (row.after.status, row.after.opinion) == (Status.DEGRADED, Status.BANNED)


async def test_what_the_guard_held_is_missed(grid: Grid) -> None:
    caps = "[guard]\ndeclared_share = 0.1\ndeclared_number = 1\n"
    async with grid.open(policies=toml_policies(grid.folder, caps)) as made:
        grid.announce()
        await sync(made)
        grid.clock.advance(minutes=10)
        moment = await changed(grid, made, *(outage(str(n), f"CE{n}", at(hours=-1), at(hours=2)) for n in (1, 2, 3)))
        expected = {f"CE{n}": "Active, Banned: missed, guard" for n in (1, 2, 3)}
        assert await seen(made, moment, moment) == expected


async def test_policies_of_now_judge_only_if_asked_to(grid: Grid) -> None:
    warnings = '[policy.declared-downtimes.arguments]\noutage = "Degraded"\n'
    policies = toml_policies(grid.folder)
    async with grid.open(policies=policies) as made:
        await sync(made)
        before = made.inspector.policies.revision
        grid.clock.advance(minutes=10)
        toml_policies(grid.folder, warnings)
        assert await made.reloading.look()
        then, now = [await made.hindsights.look("cms", at(), by=by) for by in (Whose.THEN, Whose.NOW)]
        assert (told(then), then.policies) == ({}, before)
        assert told(now) == {"CE1": "Banned, Degraded: lost, policies"}
        assert now.policies == made.inspector.policies.revision != before


async def test_a_source_that_spoke_again_tells_of_the_time_between(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.clock.advance(hours=30)
        await catch_up(made)
        moment, silent = grid.clock(), await seen(made, grid.clock())
        await changed(grid, made)
        assert silent == {}
        assert set((await seen(made, moment)).values()) <= {"Banned, Active: lost, silence"}


@pytest.mark.parametrize("on_missing", ["hold", "unknown"])
async def test_measurements_count_for_as_long_as_they_did(grid: Grid, on_missing: str) -> None:
    policies = f'[policy.probes]\ntype = "probe"\non_missing = "{on_missing}"\n'
    async with grid.open(policies=toml_policies(grid.folder, policies)) as made:
        await sync(made)
        await made.evidence.report(ADMIN, "script", [probe("CE2", until=at(hours=0.5))])
        moments = [grid.clock(), grid.clock.advance(minutes=40)]
        await catch_up(made)
        await made.evidence.report(ADMIN, "script", [probe("CE2", until=at(hours=2), result="OK")])
        grid.clock.advance(minutes=40)
        await catch_up(made)
        assert [await seen(made, moment) for moment in moments] == [{}, {}]
        (row,) = (row for row in (await made.hindsights.look("cms", at())).rows if row.key.element.name == "CE2")
        assert (row.after.status, row.after.reasons[0].source) == (Status.BANNED, "script")


async def test_what_a_ban_by_measurements_owes_is_owed_by_other_policies_too(grid: Grid) -> None:
    async with grid.open(policies=toml_policies(grid.folder, '[policy.probes]\ntype = "probe"\n')) as made:
        await sync(made)
        await made.evidence.report(ADMIN, "script", [probe("CE2", until=at(hours=2))])
        moment = grid.clock()
        grid.clock.advance(minutes=10)
        toml_policies(grid.folder)
        assert await made.reloading.look()
        hindsight = await made.hindsights.look("cms", moment, by=Whose.NOW)
        assert told(hindsight) == {"CE2": "Banned, Probing: other, policies"}


async def test_policies_of_then_that_no_longer_can_be_are_told_with_what_to_ask(grid: Grid) -> None:
    async with grid.open(policies=toml_policies(grid.folder)) as made:
        await sync(made)
        grid.clock.advance(minutes=10)
        toml_policies(grid.folder, '[policy.probes]\ntype = "probe"\n')
        assert await made.reloading.look()
        gone = {"all": {"policy": {"old": {"type": "no-such-rule"}}}}
        broken = update(policy_revisions).values(document=gone)
        await made.database.change(lambda connection, _: connection.execute(broken))
        with pytest.raises(InvalidRequest, match=r"2026-08-21T17:00:00Z.*no rule 'no-such-rule'.*policies of now"):
            await made.hindsights.look("cms", at())
        await made.database.change(lambda connection, _: connection.execute(delete(policy_revisions)))
        with pytest.raises(InvalidRequest, match="is not kept"):
            await made.hindsights.look("cms", at())
        assert (await made.hindsights.look("cms", at(), by=Whose.NOW)).rows


def probe(name: str, *, until: datetime, result: str = "CRITICAL") -> msgspec.Raw:
    about = {"type": "ComputingElement", "name": name}
    value = {"metric": "submit", "result": result}
    told = {"kind": "probe", "about": about, "value": value, "observed_at": at(), "valid_until": until}
    return msgspec.Raw(msgspec.json.encode(told))


async def test_what_is_asked_of_a_wrong_moment_is_refused(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        grid.clock.advance(hours=1)
        for moment, known in ((at(hours=2), None), (at(), at(hours=2))):
            with pytest.raises(InvalidRequest, match="still to come"):
                await made.hindsights.look("cms", moment, known)
        with pytest.raises(InvalidRequest, match="says nothing of"):
            await made.hindsights.look("cms", at(hours=0.5), at())
        with pytest.raises(NotKnownThen, match="known since 2026-08-21T17:00:00Z"):
            await made.hindsights.look("cms", at(hours=-1))
