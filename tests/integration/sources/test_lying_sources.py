"""Sources and policies that would take the grid from everyone are held, whole, as one batch (promise D4)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from gridmask.domain.errors import NotKnown
from gridmask.store.check import check
from gridmask.store.tables import outbox, statuses
from tests.grid import ADMIN, catch_up
from tests.integration.sources.downtimes import gocdb_downtime, osg_downtime
from tests.integration.sources.inventories import toml_resource
from tests.integration.sources.judging import probe
from tests.integration.sources.speaking import CES, SLOW
from tests.integration.sources.trouble import MANGLED
from tests.integration.sources.world import differences, health, masks, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gridmask.bootstrap import Installation
    from gridmask.domain.guard import Batch
    from tests.integration.sources.speaking import Records
    from tests.integration.sources.world import World

STORES = tuple(f"se{number:02}.example.org" for number in range(12))
SPACE = '[policy.space]\ntype = "free-space"\nmatch = { type = "StorageElement" }\n'
EVERYTHING_BANNED = '[policy.mistake]\ntype = "always"\nmatch = { type = "Comp*" }\narguments = { status = "Banned" }\n'
TICKS = count(1)


@dataclass(frozen=True, slots=True)
class Lie:
    """Something wrong that would ban everything.

    Attributes:
        role: the source that says it; "" where it is policies.
        cause: what the batch is about.
        kind: the kind of the source.
        change: what it lists then.
        policies: what comes to the policies then.
    """

    role: str
    cause: str
    kind: str = ""
    change: Callable[[Records], Records] = dict
    policies: str = ""


def all_down(write: Callable[[str], str]) -> Callable[[Records], Records]:
    """Everything is down, now."""
    return lambda records: {place: [write(ce) for ce in CES] for place in records}


def adding(*more: str) -> Callable[[Records], Records]:
    """Some more than there are."""
    return lambda records: {place: [*listed, *more] for place, listed in records.items()}


def all_bad(records: Records) -> Records:
    """Every test fails, and no storage has any space."""
    spoiled = [said.replace('"OK"', '"CRITICAL"').replace('"WARNING"', '"CRITICAL"') for said in records[""]]
    return {"": [said.replace('"free": 1', '"free": 0') for said in spoiled]}


LIES = {
    "osg": Lie("feed", "source feed", "osg-downtimes", all_down(osg_downtime)),
    "gocdb": Lie("feed", "source feed", "gocdb-downtimes", all_down(gocdb_downtime)),
    "measurements": Lie("probes", "source probes", "measurements", all_bad),
    "policies": Lie("", "policies", policies=EVERYTHING_BANNED),
}


async def says(world: World, made: Installation, lie: Lie, *, true: bool = False) -> None:
    """The lie is told, or taken back."""
    if lie.role:
        world.changed = {} if true else {lie.role: lie.change}
        report = (await read(made, lie.role))[lie.role]
        assert (report.failure, report.problems) == (None, ())
        return
    for path in world.policies(more="" if true else lie.policies).rglob("*.toml"):
        os.utime(path, ns=(next(TICKS), 0))
    assert await made.reloading.look()
    await catch_up(made)


async def only_batch(made: Installation, cause: str) -> Batch:
    """The one batch that waits."""
    [batch] = await made.batches.list()
    assert str(batch.cause).startswith(cause)
    return batch


async def told(made: Installation) -> list[Any]:
    """What operators were told of batches."""
    async with made.database.reading() as connection:
        found = await connection.scalars(select(outbox.c.payload).where(outbox.c.topic == "batch").order_by(outbox.c.id))
        return [(payload["state"], payload["rows"]) for payload in found]


async def held(made: Installation) -> int:
    """How many rows are held."""
    async with made.database.reading() as connection:
        return len(list(await connection.execute(select(statuses.c.vo).where(statuses.c.hold.is_not(None)))))


@pytest.fixture(params=LIES)
def lie(request: pytest.FixtureRequest, world: World) -> Lie:
    """Each of the lies, by who can tell it."""
    found = LIES[request.param]
    world.kinds |= {found.role: found.kind} if found.role else {}
    return found


TRUST_PROBES_AS_ALL_DO = "[policy.probes]\narguments = {}\n"


async def test_what_would_ban_everything_is_held_as_one_batch_and_told(world: World, lie: Lie) -> None:
    async with world.open(vo_policies=TRUST_PROBES_AS_ALL_DO) as made:
        before = await masks(made)
        await says(world, made, lie)
        batch = await only_batch(made, lie.cause)
        assert differences(before, await masks(made)) == {}
        assert await told(made) == [("held", batch.rows)]
        assert batch.rows == await held(made) == len((await made.batches.show(batch.id)).rows) >= 14
        assert {"all", "aurora", "borealis"} <= batch.vos
        world.clock.advance(minutes=30)
        await says(world, made, lie) if lie.role else await made.inspector.sweep(7)
        assert (await only_batch(made, lie.cause)).id == batch.id
        assert differences(before, await masks(made)) == {}


async def test_what_is_confirmed_goes_through_whole(world: World, lie: Lie) -> None:
    async with world.open(vo_policies=TRUST_PROBES_AS_ALL_DO) as made:
        await says(world, made, lie)
        batch = await only_batch(made, lie.cause)
        await made.batches.confirm(ADMIN, batch.id, "It is so.")
        said = await masks(made)
        spared = SLOW if lie.role == "feed" else ()
        assert {said[f"{vo}: {ce}"] for vo in ("aurora", "all") for ce in CES if ce not in spared} == {"Banned"}
        assert (await made.batches.list(), await held(made), await check(made.database)) == ([], 0, [])


async def test_what_is_dropped_changes_nothing_whoever_asks_for_it_again(world: World, lie: Lie) -> None:
    async with world.open(vo_policies=TRUST_PROBES_AS_ALL_DO) as made:
        before = await masks(made)
        await says(world, made, lie)
        await made.batches.drop(ADMIN, (await only_batch(made, lie.cause)).id, "Nonsense.")
        for _ in range(3):
            world.clock.advance(minutes=30)
            await read(made)
            await made.inspector.sweep(7)
        assert (differences(before, await masks(made)), await made.batches.list()) == ({}, [])


@pytest.mark.parametrize("dropped", [False, True], ids=["undecided", "dropped"])
async def test_once_it_is_put_right_nothing_is_held_any_more(world: World, lie: Lie, dropped: bool) -> None:  # noqa: FBT001
    async with world.open(vo_policies=TRUST_PROBES_AS_ALL_DO) as made:
        before = await masks(made)
        await says(world, made, lie)
        batch = await only_batch(made, lie.cause)
        if dropped:
            await made.batches.drop(ADMIN, batch.id, "Nonsense.")
        world.clock.advance(minutes=10)
        await says(world, made, lie, true=True)
        assert differences(before, await masks(made)) == {}
        assert (await made.batches.list(), await held(made), await check(made.database)) == ([], 0, [])
        if not dropped:
            assert (await made.batches.show(batch.id)).batch.state == "emptied"
            with pytest.raises(NotKnown):
                await made.batches.confirm(ADMIN, batch.id, "Too late.")


async def test_what_nobody_decided_for_days_is_put_right_all_the_same(world: World) -> None:
    lie = LIES["osg"]
    async with world.open() as made:
        before = await masks(made)
        for _ in range(3):  # a batch that expires is looked at anew, as another
            await says(world, made, lie)
            await only_batch(made, lie.cause)
            world.clock.advance(hours=25)
        await read(made)
        assert differences(before, await masks(made)) == {}
        await says(world, made, lie, true=True)
        assert (differences(before, await masks(made)), await made.batches.list(), await held(made)) == ({}, [], 0)


async def test_a_feed_that_lies_and_then_says_nothing_frees_nobody(world: World) -> None:
    async with world.open() as made:
        before = await masks(made)
        world.clock.advance(minutes=10)
        await says(world, made, LIES["osg"])
        world.changed = {"feed": lambda records: dict.fromkeys(records, ())}
        assert "take out 12 of 12" in ((await read(made, "feed"))["feed"].failure or "")
        assert differences(before, await masks(made)) == {}


async def test_all_storage_without_any_space_is_held(world: World) -> None:
    def stores(records: Records) -> Records:
        made = [toml_resource(CES[0]).replace(CES[0], name).replace("Computing", "Storage") for name in STORES]
        return {**records, "": made}

    def free(space: float) -> Callable[[Records], Records]:
        def listed(records: Records) -> Records:
            about = [{"about": {"type": "StorageElement", "name": name}} for name in STORES]
            told = {**json.loads(probe(CES[0], world.clock())), "kind": "space", "value": {"total": 9e15, "free": space}}
            return {"": [*records[""], *(json.dumps(told | one) for one in about)]}

        return listed

    world.changed = {"inventory": stores, "probes": free(8e15)}
    async with world.open(more=SPACE) as made:
        before = await masks(made)
        assert before[f"aurora: {STORES[0]}"] == "+".join(["Active"] * 4)
        world.changed["probes"] = free(0)
        await read(made, "probes")
        assert (differences(before, await masks(made)), (await only_batch(made, "source probes")).rows) == ({}, 4 * 12)
        world.changed["probes"] = free(8e15)
        await read(made, "probes")
        assert (differences(before, await masks(made)), await made.batches.list(), await held(made)) == ({}, [], 0)


@pytest.mark.parametrize("lie", ["osg", "gocdb"], indirect=True)
@pytest.mark.parametrize(("minutes", "most"), [(5, 6), (45, 7)], ids=["within the window", "slower than that"])
async def test_a_feed_that_lies_little_by_little_takes_no_more_than_the_cap_within_the_window(
    world: World, lie: Lie, minutes: int, most: int
) -> None:
    write: Callable[[str], str] = osg_downtime if lie.kind == "osg-downtimes" else gocdb_downtime
    async with world.open() as made:
        before = await masks(made)
        for more in range(2, 10, 2):
            world.changed = {"feed": adding(*map(write, CES[-more:]))}
            world.clock.advance(minutes=minutes)
            await read(made, "feed", "probes")
        lost = [name for name in differences(before, await masks(made)) if name.startswith("all: ")]
        assert (len(lost), len(await made.batches.list())) == (most, 1 if most == 6 else 0)


async def test_what_went_through_before_the_rest_was_held_is_taken_back_by_force_alone(world: World) -> None:
    async with world.open() as made:
        before = await masks(made)
        for more in range(1, 9):
            world.changed = {"feed": adding(*map(osg_downtime, CES[-more:]))}
            world.clock.advance(minutes=5)
            await read(made, "feed")
        assert await made.batches.list()
        world.changed = {}
        failure = (await read(made, "feed"))["feed"].failure
        assert failure
        assert "kept in quarantine" in failure
        [feed] = [source for source in made.settings.source if source.name == "feed"]
        assert not (await made.intake.collect(feed, force=True)).failure
        await catch_up(made)
        assert (differences(before, await masks(made)), await made.batches.list(), await held(made)) == ({}, [], 0)


async def test_a_dead_feed_that_would_leave_nothing_known_is_held(world: World) -> None:
    only_downtimes = "[policy.probes]\nenabled = false\n"
    async with world.open("unknown", vo_policies=only_downtimes) as made:
        before = await masks(made)
        world.mangled["feed"] = MANGLED["status 500"]
        world.clock.advance(hours=3)
        await read(made)
        batch = await only_batch(made, "")
        assert {name for name in differences(before, await masks(made)) if "borealis: ce" in name} == set()
        world.mangled.clear()
        await read(made)
        assert (differences(before, await masks(made)), await made.batches.list(), await held(made)) == ({}, [], 0)
        assert "borealis" in batch.vos
        assert (await health(made, "feed")).state == "good"
