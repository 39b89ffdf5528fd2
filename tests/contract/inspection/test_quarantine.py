"""Quarantine: an answer that would change too much waits for a person, and what its source said before stands (promise D3)."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from gridmask.domain.errors import Conflict, InvalidRequest, MalformedAnswer, NotKnown
from gridmask.inspection.fetching import Fetched, fetch
from gridmask.inspection.intake import Intake
from gridmask.inspection.wellbeing import Word
from gridmask.source import Source
from gridmask.store import quarantine
from gridmask.store.audit import Wanted
from gridmask.store.tables import outbox, quarantine_parts, sources
from tests import osg
from tests.clocks import at
from tests.contract import books
from tests.grid import ADMIN, Grid, files_only, outage, said, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from gridmask.bootstrap import Installation
    from gridmask.service.sources import Health
    from gridmask.store.quarantine import HeldAnswer

CES = [f"CE{number:02}" for number in range(20)]


def later(minutes: int) -> datetime:
    """So many minutes after all began."""
    return at(hours=minutes / 60)


def ces(count: int, **fields: str) -> str:
    """So many of twenty computing elements; ``fields`` are what else is said of each."""
    return osg.group("SITE", *(osg.resource(name, "CE", **fields) for name in CES[:count]))


@dataclass
class Play:
    """An installation that follows twenty computing elements, and what happens to it."""

    grid: Grid
    made: Installation

    async def answers(self, count: int, *, force: bool = False, **fields: str) -> str | None:
        """Ten minutes later its inventory lists so many. Returns why that is not taken in."""
        self.grid.clock.advance(minutes=10)
        self.grid.publish(ces(count, **fields))
        return (await sync(self.made, "osg", force=force))["osg"].failure

    async def health(self, name: str = "osg") -> Health:
        return next(one for one in await self.made.sources.health() if one.noted.name == name)

    async def held(self) -> HeldAnswer:
        held = (await self.health()).held
        assert held is not None
        return held

    async def there(self) -> int:
        """How many computing elements the mask has."""
        return len(said(await self.made.masks.mask("cms")))

    async def told(self) -> list[str]:
        """What operators were told of sources."""
        async with self.made.database.reading() as connection:
            found = await connection.scalars(select(outbox.c.payload).where(outbox.c.topic == "source").order_by(outbox.c.id))
            return [payload["state"] for payload in found]

    async def audited(self) -> list[tuple[str, str, str]]:
        """What the books say of answers."""
        entries = await self.made.audit.list(ADMIN, Wanted())
        told = [(entry.actor, entry.action, entry.comment) for entry in entries]
        return [entry for entry in reversed(told) if "answer" in entry[1] or "quarantine" in entry[1]]

    async def parts(self) -> int:
        return (await books.counts(self.made.database, "quarantine_parts"))["quarantine_parts"]


@asynccontextmanager
async def playing(grid: Grid) -> AsyncIterator[Play]:
    grid.publish(ces(20))
    grid.announce()
    async with grid.open() as made:
        await sync(made)
        yield Play(grid, made)


@pytest.fixture
async def play(grid: Grid) -> AsyncIterator[Play]:
    """On a database of each kind: for what depends on that."""
    async with playing(grid) as play:
        yield play


@pytest.fixture
async def quick(tmp_path: Path) -> AsyncIterator[Play]:
    """In memory: for what does not."""
    async with playing(Grid(tmp_path)) as play:
        yield play


# --- Into it


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


# --- Out of it


async def test_a_newer_answer_that_is_good_clears_it(play: Play) -> None:
    await play.answers(10)
    assert await play.answers(19) is None
    health = await play.health()
    assert (health.state, health.held, health.noted.failing_since, await play.there()) == ("good", None, None, 19)
    assert await play.audited() == [("gridmask", "quarantine cleared", "osg: a newer answer is as it should be")]
    assert (await play.told(), await play.parts()) == (["quarantined", "cleared"], 0)


async def test_that_nothing_was_modified_clears_it(quick: Play) -> None:
    assert await quick.answers(20) is None
    quick.grid.inventory.write_bytes(quick.grid.inventory.read_bytes())
    good = quick.grid.inventory.read_bytes()
    await quick.answers(10)
    quick.grid.clock.advance(minutes=10)
    quick.grid.inventory.write_bytes(good)
    assert (await sync(quick.made, "osg"))["osg"].unchanged
    assert ((await quick.health()).state, await quick.told()) == ("good", ["quarantined", "cleared"])


async def test_what_is_accepted_is_what_was_seen_and_not_what_the_source_says_now(quick: Play) -> None:
    await quick.answers(10)
    digest = (await quick.held()).sha256
    quick.grid.clock.advance(minutes=1)
    quick.grid.publish(ces(2))
    report = await quick.made.sources.accept(ADMIN, "osg", digest[:12], "The site was closed.")
    assert (report.removed, report.failure, await quick.there()) == (10, None, 10)
    health = await quick.health()
    assert (health.state, health.held, health.noted.sha256, health.noted.answered_at) == ("good", None, digest, later(10))
    assert (await quick.audited(), await quick.told()) == (
        [("admin", "answer accepted", "osg: The site was closed.")],
        ["quarantined", "accepted"],
    )


async def test_what_is_dropped_is_not_put_before_anybody_again(play: Play) -> None:
    await play.answers(10)
    dropped = await play.made.sources.drop(ADMIN, "osg", (await play.held()).sha256, "Their database is broken.")
    assert (dropped.decided_by, dropped.decided_at, dropped.reason) == ("admin", later(10), "Their database is broken.")
    assert "admin dropped what would change the same" in (await play.answers(10) or "")
    assert ((await play.health()).state, await play.told(), await play.parts()) == ("failing", ["quarantined", "dropped"], 0)
    assert await play.audited() == [("admin", "answer dropped", "osg: Their database is broken.")]


async def test_after_a_drop_what_is_bad_in_another_way_begins_anew(quick: Play) -> None:
    await quick.answers(10)
    await quick.made.sources.drop(ADMIN, "osg", (await quick.held()).sha256, "no")
    await quick.answers(5)
    held = await quick.held()
    assert (held.waits, held.since, held.decided_by, held.reason) == (True, later(20), "", "")
    assert await quick.told() == ["quarantined", "dropped", "quarantined"]


async def test_a_person_can_still_force_what_the_source_says_now(quick: Play) -> None:
    await quick.answers(10)
    assert await quick.answers(5, force=True) is None
    assert ((await quick.health()).held, await quick.there()) == (None, 5)
    assert await quick.audited() == [("admin", "answer forced", "osg")]
    assert await quick.told() == ["quarantined", "accepted"]


# --- What cannot be decided


async def test_what_is_not_there_any_more_cannot_be_accepted(quick: Play) -> None:
    await quick.answers(10)
    digest = (await quick.held()).sha256
    await quick.answers(20)
    with pytest.raises(
        Conflict, match=r"Nothing of osg is in quarantine any more. Its last answer, of 2026-08-21 17:20:00 UTC"
    ):
        await quick.made.sources.accept(ADMIN, "osg", digest, "late")


async def test_what_another_answer_took_the_place_of_cannot_be_accepted(quick: Play) -> None:
    await quick.answers(10)
    digest = (await quick.held()).sha256
    await quick.answers(5)
    for decide in (quick.made.sources.accept, quick.made.sources.drop):
        with pytest.raises(Conflict, match=r"and not .* Look at it before you decide"):
            await decide(ADMIN, "osg", digest, "late")
    assert await quick.there() == 20


async def test_what_is_older_than_the_last_good_answer_cannot_be_accepted(quick: Play) -> None:
    await quick.answers(10)
    async with quick.made.database.writing() as (connection, _):
        # as if another process had taken it in meanwhile
        await connection.execute(update(sources).where(sources.c.name == "osg").values(fetched_at=later(15)))
    with pytest.raises(Conflict, match=r"is older than the last good one, which came 2026-08-21 17:15:00 UTC"):
        await quick.made.sources.accept(ADMIN, "osg", (await quick.held()).sha256, "late")


async def test_what_was_dropped_cannot_be_accepted(quick: Play) -> None:
    await quick.answers(10)
    digest = (await quick.held()).sha256
    await quick.made.sources.drop(ADMIN, "osg", digest, "no")
    with pytest.raises(Conflict, match="admin dropped this answer of osg at 2026-08-21 17:10:00 UTC: no"):
        await quick.made.sources.accept(ADMIN, "osg", digest, "yes")


async def test_what_is_kept_and_is_not_what_came_cannot_be_accepted(quick: Play) -> None:
    await quick.answers(10)
    for body in (b"", b"rubbish", quarantine.packed([osg.summary(ces(2))])):
        async with quick.made.database.writing() as (connection, _):
            await connection.execute(update(quarantine_parts).values(body=body))
        with pytest.raises(Conflict, match="is not what came"):
            await quick.made.sources.accept(ADMIN, "osg", (await quick.held()).sha256, "x")
    assert await quick.there() == 20


async def test_what_cannot_be_read_with_todays_settings_is_told_and_stays(quick: Play) -> None:
    await quick.answers(10)
    digest = (await quick.held()).sha256
    other = quick.grid.settings().source[0].model_copy(update={"kind": "gocdb"})
    with pytest.raises(MalformedAnswer):
        await quick.made.intake.accept(other, digest, Word(ADMIN, "answer accepted", "x"))
    assert (await quick.held()).waits


async def test_decisions_need_a_reason_and_a_source(quick: Play) -> None:
    await quick.answers(10)
    digest = (await quick.held()).sha256
    for decide in (quick.made.sources.accept, quick.made.sources.drop):
        with pytest.raises(InvalidRequest, match="A reason is needed"):
            await decide(ADMIN, "osg", digest, "  ")
        with pytest.raises(NotKnown, match="Did you mean 'osg'"):
            await decide(ADMIN, "osgg", digest, "x")


# --- Evidence


async def test_a_feed_that_withdraws_too_much_waits_and_counts_until_its_last_answer_does(quick: Play) -> None:
    quick.grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=9)) for n, name in enumerate(CES[:8])))
    await sync(quick.made, "feed")
    valid_until = (await quick.health("feed")).noted.valid_until
    quick.grid.announce()
    quick.grid.clock.advance(hours=1)
    assert "would take out 8 of 8" in ((await sync(quick.made, "feed"))["feed"].failure or "")
    health = await quick.health("feed")
    assert (health.state, health.noted.valid_until, health.in_force) == ("quarantined", valid_until, 8)
    assert said(await quick.made.masks.mask("cms"))["CE00"] == "Banned"
    quick.grid.clock.advance(hours=5)
    assert (await quick.health("feed")).state == "stale"


async def test_an_accepted_answer_counts_from_when_it_was_said(quick: Play) -> None:
    quick.grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=9)) for n, name in enumerate(CES[:8])))
    await sync(quick.made, "feed")
    quick.grid.announce()
    quick.grid.clock.advance(hours=1)
    await sync(quick.made, "feed")
    quick.grid.clock.advance(hours=2)
    held = (await quick.health("feed")).held
    assert held is not None
    assert (await quick.made.sources.accept(ADMIN, "feed", held.sha256, "So it is.")).removed == 8
    noted = (await quick.health("feed")).noted
    assert (noted.answered_at, noted.valid_until) == (at(hours=1), at(hours=7))
    assert said(await quick.made.masks.mask("cms"))["CE00"] != "Banned"


async def test_what_was_said_too_long_ago_to_count_cannot_be_accepted(quick: Play) -> None:
    quick.grid.announce(*(outage(str(n), name, at(hours=-1), at(hours=19)) for n, name in enumerate(CES[:8])))
    await sync(quick.made, "feed")
    quick.grid.announce()
    quick.grid.clock.advance(hours=1)
    await sync(quick.made, "feed")
    quick.grid.clock.advance(hours=6)
    held = (await quick.health("feed")).held
    assert held is not None
    with pytest.raises(Conflict, match="does not count any more"):
        await quick.made.sources.accept(ADMIN, "feed", held.sha256, "So it was.")


async def test_measurements_that_vanish_wait_and_those_that_come_do_not(tmp_path: Path) -> None:
    grid = Grid(tmp_path)
    path = grid.folder / "measured.json"

    def measured(count: int) -> None:
        value = {"metric": "submit", "result": "OK"}
        items = [
            {
                "kind": "probe",
                "about": {"type": "ComputingElement", "name": name},
                "value": value,
                "observed_at": at().isoformat(),
            }
            for name in CES[:count]
        ]
        path.write_text(json.dumps({"measurements": items}))

    own = Source(name="own", kind="measurements", url=path.as_uri())
    grid.publish(ces(20))
    grid.announce()
    async with grid.open(source=(*grid.settings().source, own)) as made:
        outcomes = []
        for count in (10, 20, 9, 20):
            measured(count)
            outcomes.append((await sync(made, "own"))["own"].failure)
            grid.clock.advance(minutes=1)
    assert [bool(outcome) for outcome in outcomes] == [False, False, True, False]


# --- Little by little


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


# --- How a source fares


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
