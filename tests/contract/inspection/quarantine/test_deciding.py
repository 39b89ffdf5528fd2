"""What becomes of an answer in quarantine, by people and by what the source says next."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from gridmask.domain.errors import Conflict, InvalidRequest, MalformedAnswer, NotKnown
from gridmask.inspection.wellbeing import Word
from gridmask.store import quarantine
from gridmask.store.tables import quarantine_parts, sources
from tests import osg
from tests.grid import ADMIN, sync
from tests.quarantined import Play, ces, later


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
