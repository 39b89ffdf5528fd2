"""An answer that would change too much waits for a person, and what its source said before stands (promise D3)."""

from __future__ import annotations

import pytest

from gridmask.inspection.fetching import Fetched, fetch
from gridmask.store import quarantine
from tests import osg
from tests.grid import ADMIN, files_only, sync
from tests.quarantined import CES, Play, ces, later


async def test_an_answer_that_takes_out_too_much_is_kept_and_changes_nothing(play: Play) -> None:
    assert "would take out 10 of 21 (48%)" in (await play.answers(10) or "")
    health = await play.health()
    assert (health.state, health.in_force, await play.there()) == ("quarantined", 21, 20)
    held = await play.held()
    assert (held.since, held.fetched_at, held.times, held.waits) == (later(10), later(10), 1, True)
    assert (held.upheaval.removed, held.size) == (10, play.grid.inventory.stat().st_size)
    assert [item.name for item in held.upheaval.items] == [f"ComputingElement {name}" for name in CES[10:]]
    async with play.made.database.reading() as connection:
        [body] = quarantine.unpacked(await quarantine.body(connection, "osg"))
    assert body == play.grid.inventory.read_bytes()


async def test_the_same_again_is_counted_and_told_once(quick: Play) -> None:
    for _ in range(3):
        await quick.answers(10)
    held = await quick.held()
    assert (held.since, held.fetched_at, held.repeated_at, held.times) == (
        later(10),
        later(10),
        later(30),
        3,
    )
    assert (await quick.told(), (await quick.health()).noted.failures) == (["quarantined"], 3)


async def test_what_would_change_the_same_leaves_what_somebody_may_be_looking_at(quick: Play) -> None:
    await quick.answers(10)
    before = await quick.held()
    await quick.answers(10, HiddenNote="<!-- another time -->")
    now = await quick.held()
    assert (now.sha256, now.times) == (before.sha256, 2)


async def test_another_that_is_as_bad_takes_its_place_and_keeps_since_when(play: Play) -> None:
    await play.answers(10)
    first = await play.held()
    await play.answers(5)
    held = await play.held()
    assert (held.since, held.fetched_at, held.times, held.upheaval.removed) == (later(10), later(20), 1, 15)
    assert (held.sha256 != first.sha256, await play.told(), await play.parts()) == (True, ["quarantined"], 1)


async def test_an_answer_of_any_size_comes_back_as_it_came(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "PART", 100)
    await play.answers(10)
    assert await play.parts() > 2
    await play.made.sources.accept(ADMIN, "osg", (await play.held()).sha256, "right")
    assert (await play.there(), await play.parts()) == (10, 0)


async def test_what_was_fetched_before_the_last_good_answer_is_not_kept(quick: Play) -> None:
    [source] = quick.made.sources.chosen(["osg"])
    quick.grid.publish(ces(3))
    late: Fetched = await fetch(files_only(quick.grid.clock), source, None, quick.grid.clock())
    assert await quick.answers(19) is None
    assert (await quick.made.intake.take(late)).failure
    assert ((await quick.health()).held, (await quick.health()).state) == (None, "failing")


async def test_what_goes_in_slices_within_a_day_waits_as_well(play: Play) -> None:
    assert [await play.answers(count) for count in (18, 17)] == [None, None]
    assert "would take out, with what went of late, 6 of 21 (29%)" in (await play.answers(14) or "")
    await play.made.sources.accept(ADMIN, "osg", (await play.held()).sha256, "They are closed.")
    # that a person said it is right counts for what went before, too
    assert await play.answers(13) is None


async def test_what_goes_out_of_service_in_slices_waits_as_well(play: Play) -> None:
    async def out(count: int) -> str | None:
        play.grid.clock.advance(minutes=10)
        listed = (osg.resource(name, "CE", Active="false" if n < count else "true") for n, name in enumerate(CES))
        play.grid.publish(osg.group("SITE", *listed))
        return (await sync(play.made, "osg"))["osg"].failure

    assert [await out(count) for count in (2, 4, 0, 4)] == [None] * 4
    assert "would take out, with what went of late, 7 of 21 (33%)" in (await out(7) or "")
    play.grid.clock.advance(hours=24)
    assert await out(7) is None


async def test_what_went_a_day_ago_does_not_count_any_more(quick: Play) -> None:
    assert await quick.answers(17) is None
    quick.grid.clock.advance(hours=24)
    assert await quick.answers(14) is None
