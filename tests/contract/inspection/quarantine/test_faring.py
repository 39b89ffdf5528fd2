"""How a source fares whose answers are refused, and who is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gridmask.inspection.intake import Intake
from gridmask.inspection.wellbeing import Word
from tests.clocks import at
from tests.contract import books
from tests.grid import ADMIN, files_only, outage, sync
from tests.quarantined import CES, Play, later


async def test_operators_are_told_once_of_a_source_that_fails_again_and_again_and_when_it_is_well(play: Play) -> None:
    good = play.grid.inventory.read_bytes()
    play.grid.inventory.write_text("<html>")
    for _ in range(5):
        play.grid.clock.advance(minutes=10)
        await sync(play.made, "osg")
    noted = (await play.health()).noted
    assert (noted.failures, noted.failing_since, noted.failed_at) == (5, later(10), later(50))
    assert (noted.unwell_since, await play.told()) == (later(30), ["failing"])
    play.grid.inventory.write_bytes(good)
    play.grid.clock.advance(minutes=10)
    await sync(play.made, "osg")
    noted = (await play.health()).noted
    assert (noted.failures, noted.failing_since, noted.unwell_since, await play.told()) == (0, None, None, ["failing", "good"])
    assert (noted.failed_at, noted.last_failure.startswith("osg: ")) == (later(50), True)


async def test_operators_are_told_at_once_where_the_last_answer_does_not_count_any_more(quick: Play) -> None:
    quick.grid.feed.write_text("<html>")
    quick.grid.clock.advance(hours=7)
    await sync(quick.made, "feed")
    assert (await quick.told(), (await quick.health("feed")).state) == (["failing"], "stale")


async def test_operators_are_told_where_what_came_before_an_answer_in_quarantine_counts_no_more(quick: Play) -> None:
    quick.grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=19)) for n, name in enumerate(CES[:8])))
    await sync(quick.made, "feed")
    quick.grid.announce()
    for hours in (1, 4, 2):
        quick.grid.clock.advance(hours=hours)
        await sync(quick.made, "feed")
    assert (await quick.told(), (await quick.health("feed")).state) == (["quarantined", "failing"], "stale")


async def test_what_another_process_took_in_is_not_taken_for_what_was_not_modified(quick: Play) -> None:
    good = quick.grid.inventory.read_bytes()
    assert await quick.answers(20) is None
    elsewhere = Intake(quick.made.inspector, files_only(quick.grid.clock))
    [source] = quick.made.sources.chosen(["osg"])
    await quick.answers(10)
    await elsewhere.accept(source, (await quick.held()).sha256, Word(ADMIN, "answer accepted", "right"))
    quick.grid.clock.advance(minutes=10)
    quick.grid.inventory.write_bytes(good)
    report = (await sync(quick.made, "osg"))["osg"]
    assert (report.unchanged, await quick.there()) == (False, 20)


async def test_how_long_lies_between_answers_is_known(quick: Play) -> None:
    assert await quick.answers(20) is None
    quick.grid.clock.advance(minutes=5)
    assert (await sync(quick.made, "osg"))["osg"].unchanged
    health = await quick.health()
    assert (health.between, health.next_at) == (timedelta(minutes=5), later(25))


async def test_of_two_who_accept_at_once_one_does(play: Play) -> None:
    await play.answers(10)
    digest = (await play.held()).sha256
    both = (play.made.sources.accept(ADMIN, "osg", digest, reason) for reason in ("mine", "mine, too"))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Report"]
    assert (len(await play.audited()), await play.told(), await play.there()) == (1, ["quarantined", "accepted"], 10)


async def test_whatever_goes_wrong_while_it_is_taken_in_nothing_of_it_is_done(quick: Play) -> None:
    await quick.answers(10)
    before, digest = await books.read(quick.made.database), (await quick.held()).sha256
    for number in range(1, 12):
        with books.sabotaged(quick.made.database, number), pytest.raises(books.Sabotage):
            await quick.made.sources.accept(ADMIN, "osg", digest, "right")
        assert await books.read(quick.made.database) == before
    await quick.made.sources.accept(ADMIN, "osg", digest, "right")
    assert await quick.there() == 10
