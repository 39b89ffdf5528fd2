"""Each source silenced, emptied, cut off, slowed and spoiled: no status is another than promise D3 says.

Every kind of source is asked over loopback. All is well at first, with rows that are usable, banned by a downtime, and banned
by a measurement; then the source gets into one trouble after the other.
"""

from __future__ import annotations

import re
import socket
from functools import partial
from typing import TYPE_CHECKING

import pytest

from gridmask.kinds import KINDS
from gridmask.store.check import check
from tests.integration.sources.downtimes import ENDS
from tests.integration.sources.speakers import SPEAKERS, UNTRIED
from tests.integration.sources.speaking import CRITICAL, DOWN, WARNING
from tests.integration.sources.trouble import MANGLED, SLOW, UNREMARKABLE, changed
from tests.integration.sources.world import ROLES, differences, health, masks, read, read_impatiently

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from tests.integration.http.server import Reaction
    from tests.integration.sources.speaking import Speaker
    from tests.integration.sources.world import Masks, World

EVERY_KIND = pytest.mark.parametrize("speaker", SPEAKERS.values(), ids=SPEAKERS)


def modes(speaker: Speaker) -> list[str]:
    """What is tried of policies: that what is missing is unknown changes most."""
    if speaker.role == "inventory":
        return ["hold"]
    return ["hold", "unknown"] if speaker.role == "feed" or "is without a result" in speaker.spoils else ["unknown"]


def test_every_kind_of_source_is_tried() -> None:
    assert SPEAKERS.keys() | UNTRIED.keys() == KINDS.keys()
    assert all(UNTRIED.values())


async def test_all_is_well_at_first(world: World) -> None:
    async with world.open() as made:
        said = await masks(made)
        assert {said[f"aurora: {ce}"] for ce in (*DOWN, CRITICAL)} == {"Banned"}
        assert (said[f"aurora: {WARNING}"], said[f"borealis: {CRITICAL}"]) == ("Degraded", "Degraded")
        assert len(said) == 22 + 20 + 22  # what is offered to aurora alone is in no mask of borealis


async def comes_back(world: World, made: Installation, role: str, before: Masks) -> None:
    """The source says again what it said at first: so is everything."""
    world.mangled, world.changed = {}, {}
    assert [report.failure for report in (await read(made)).values()] == [None] * len(ROLES)
    assert differences(before, await masks(made)) == {}
    assert ((await health(made, role)).state, await made.batches.list(), await check(made.database)) == ("good", [], [])


async def later(world: World, made: Installation, role: str) -> None:
    """So much time passes that nothing which ``role`` said counts any more; all other sources are well."""
    world.clock.advance(hours=3)
    await read(made, *(other for other in ROLES if other != role))


async def well(made: Installation) -> Masks:
    """What is told while all is well: what is announced and measured bans."""
    said = await masks(made)
    assert {said[f"aurora: {ce}"] for ce in (*DOWN, CRITICAL)} == {"Banned"}
    assert said[f"borealis: {CRITICAL}"] == "Degraded"
    return said


@EVERY_KIND
async def test_what_is_no_answer_changes_nothing(world: World, speaker: Speaker) -> None:
    role = speaker.role
    world.kinds[role] = speaker.kind
    async with world.open() as made:
        before = await well(made)
        taken = {}
        for trouble, mangle in MANGLED.items():
            world.mangled[role] = mangle
            report = (await read(made, role))[role]
            if not report.failure:
                taken[trouble] = (report, differences(before, await masks(made)))
        assert taken == {}
        assert (await health(made, role)).noted.failure
        assert differences(before, await masks(made)) == {}
        for trouble, reaction in SLOW.items():
            world.mangled[role] = partial(_whatever_it_is, reaction)
            assert re.search("within|time allowed", (await read_impatiently(world, made, role)).failure or ""), trouble
            assert differences(before, await masks(made)) == {}, trouble
        await later(world, made, role)
        # what an inventory said does not expire; among what it was not believed, something may wait for a person
        assert (await health(made, role)).state in ({"failing", "quarantined"} if role == "inventory" else {"stale"})
        assert differences(before, await masks(made)) == {}
        await comes_back(world, made, role, before)
        if role != "inventory":
            await expires(world, made, role, before)


async def expires(world: World, made: Installation, role: str, before: Masks) -> None:
    """The source fails for longer than what it said counts, and while the downtimes end."""
    for trouble in ("status 500", "half of it"):
        world.mangled[role] = MANGLED[trouble]
        await later(world, made, role)
        assert (await read(made, role))[role].failure
        assert differences(before, await masks(made)) == {}
    world.clock.now = ENDS  # the downtimes end; that of a feed that is dead ends only in words
    await read(made)
    ended = {f"{vo}: {ce}" for vo in ("aurora", "borealis", "all") for ce in DOWN} if role != "feed" else set()
    assert ended <= differences(before, await masks(made)).keys()
    assert role != "feed" or differences(before, await masks(made)) == {}


def _whatever_it_is(reaction: Reaction, _: bytes) -> Reaction:
    return reaction


@pytest.mark.parametrize(
    ("speaker", "on_missing"),
    [
        pytest.param(speaker, on_missing, id=f"{speaker.kind}, {on_missing}")
        for speaker in SPEAKERS.values()
        for on_missing in modes(speaker)
    ],
)
async def test_what_should_not_be_believed_changes_nothing_and_is_told(world: World, speaker: Speaker, on_missing: str) -> None:
    role = speaker.role
    world.kinds[role] = speaker.kind
    async with world.open(on_missing) as made:
        before = await well(made)
        wrong = {}
        for trouble, change in changed(speaker).items():
            if "without a result" in trouble and on_missing == "unknown":
                continue  # that takes the place of the result before it, which is what is unknown then
            world.changed[role] = change
            report = (await read(made, role))[role]
            told = report.failure or report.problems or any(harmless in trouble for harmless in UNREMARKABLE)
            other = differences(before, await masks(made))
            if other or not told:
                wrong[trouble] = (report.failure, report.problems, other)
            world.changed.clear()
            if not report.failure:
                await read(made, role)
        assert wrong == {}
        await comes_back(world, made, role, before)


async def test_nobody_at_the_address_changes_nothing(world: World) -> None:
    async with world.open() as made:
        before = await masks(made)
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))  # and does not listen
            url = f"http://127.0.0.1:{bound.getsockname()[1]}/"
            for role in ROLES:
                assert "no connection" in ((await read_impatiently(world, made, role, url=url)).failure or "")
        assert differences(before, await masks(made)) == {}
