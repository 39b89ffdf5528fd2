"""How far each action is, on every database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from gridmask.domain.severity import Severity
from gridmask.domain.status import Status
from gridmask.service.selection import ElementName, RowName
from gridmask.store import deliveries, news, outbox
from gridmask.store.deliveries import DEAD, RECALLED, WAITING, Failure, Work
from tests.clocks import NOW, at
from tests.grid import ADMIN, sync

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation
    from gridmask.domain.news import News
    from gridmask.store.database import Database
    from tests.grid import Grid

LONG = f"{'x' * 60}@example.org"


async def work(database: Database, name: str, now: float = 0) -> Work:
    async with database.reading() as connection:
        found = await deliveries.work(connection, name, at(hours=now))
    assert found is not None
    return found


async def register(database: Database, *names: str) -> None:
    await database.change(lambda c, _: deliveries.register(c, dict.fromkeys(names, "test"), NOW))


async def fail(database: Database, name: str, entry: int, state: str, again: float | None = None) -> None:
    moment = None if again is None else at(hours=again)
    failure = Failure(entry, state, 1, NOW, moment, "fault", "It is broken.\0")
    await database.change(lambda c, _: deliveries.note_failure(c, name, failure, NOW))


async def put(database: Database, *keys: str) -> None:
    async with database.writing() as (connection, _):
        for key in keys:
            await outbox.add(connection, NOW, key, "other", {"key": key})


async def test_actions_come_at_the_present_go_and_come_back_there(database: Database) -> None:
    await put(database, "1", "2")
    await register(database, "a", "b")
    await put(database, "3")
    await fail(database, "b", 3, WAITING, 1)
    await register(database, "a")
    with pytest.raises(AssertionError):
        await work(database, "b")
    await put(database, "4")
    await register(database, "a", "b")
    one, two = await work(database, "a"), await work(database, "b")
    assert (one.position, one.last) == (2, 4)
    assert (two.position, two.waits) == (4, None)


async def test_what_waits_is_due_in_its_time_and_what_is_recalled_at_once(database: Database) -> None:
    await register(database, "a")
    await put(database, "1", "2", "3")
    await fail(database, "a", 1, DEAD)
    await fail(database, "a", 2, WAITING, 1)
    for now, due in ((0.5, False), (1, True)):
        found = await work(database, "a", now)
        assert found.is_due(at(hours=now)) is due
    keys = await database.change(lambda c, _: deliveries.recall(c, "a", None, at(hours=0.5)))
    found = await work(database, "a", 0.5)
    assert (keys, [one.entry for one in found.recalled]) == (["1", "2"], [1])
    assert found.waits is not None
    assert found.waits.next_at == at(hours=0.5)


async def test_what_is_told_or_dropped_is_noted_no_more(database: Database) -> None:
    await register(database, "a")
    await put(database, "1", "2", "3")
    for entry, state in ((1, RECALLED), (2, WAITING)):
        await fail(database, "a", entry, state, 0)
    await database.change(lambda c, _: deliveries.note_told(c, "a", [1], 1))
    async with database.reading() as connection:
        assert [row.key for row in await deliveries.failed(connection, "a")] == ["2"]
    assert await database.change(lambda c, _: deliveries.drop(c, "a", ["2"])) == ["2"]
    found = await work(database, "a")
    assert (found.position, found.waits) == (2, None)


async def test_one_at_a_time_works_on_an_action(database: Database) -> None:
    await register(database, "a")
    term = timedelta(hours=1)
    attempts = (("x", 0, True), ("y", 0.5, False), ("x", 0.5, True), ("x", 0.5, True), ("y", 1.5, True), ("x", 1.5, False))
    for holder, now, may in attempts:
        async with database.writing() as (connection, _):
            assert await deliveries.claim(connection, "a", holder, at(hours=now), term) is may
    await database.change(lambda c, _: deliveries.leave(c, "a", "y"))
    assert await database.change(lambda c, _: deliveries.claim(c, "a", "x", at(), term))


@pytest.mark.parametrize("name", ["shift@example.org", LONG])
async def test_what_is_addressed_to_one_is_for_nobody_else(database: Database, name: str) -> None:
    await register(database, name)
    await put(database, "1")
    await database.change(lambda c, _: outbox.address(c, NOW, [(name, "message-1", {"subject": "x"})]))
    async with database.reading() as connection:
        assert [row.key for row in await outbox.after(connection, 0, 9)] == ["1"]
        assert [row.key for row in await outbox.after(connection, 0, 9, name)] == ["message-1"]
        assert await deliveries.busy(connection, {name, "nobody"}) == {name}


async def test_what_an_action_remembers_is_kept(database: Database) -> None:
    for body in (b"one", bytes(range(256)) * 10_000):
        async with database.writing() as (connection, _):
            await deliveries.keep(connection, "a", body)
        async with database.reading() as connection:
            assert await deliveries.recollect(connection, "a") == body
            assert await deliveries.recollect(connection, "b") is None


async def test_what_it_remembers_can_have_parts_that_come_and_go(database: Database) -> None:
    parts = {number: bytes([number % 256]) * 50_000 for number in range(1, 251)}
    async with database.writing() as (connection, _):
        await deliveries.keep(connection, "a", b"whole")
        await deliveries.keep_parts(connection, "a", parts)
        await deliveries.keep_parts(connection, "b", {1: b"of another"})
        await deliveries.keep_parts(connection, "a", {1: b"new", 300: b"more"}, gone=range(2, 250))
    async with database.reading() as connection:
        found = await deliveries.recollect_parts(connection, "a", range(1000))
        assert found == {1: b"new", 250: parts[250], 300: b"more"}
        assert await deliveries.recollect(connection, "a") == b"whole"
        assert await deliveries.recollect_parts(connection, "b", [1]) == {1: b"of another"}


async def test_an_action_that_comes_back_has_forgotten_its_parts_and_no_others(database: Database) -> None:
    for name in ("a", "a_", "ab"):
        async with database.writing() as (connection, _):
            await deliveries.keep_parts(connection, name, {1: b"x"})
    await register(database, "a_")
    async with database.reading() as connection:
        left = {name: len(await deliveries.recollect_parts(connection, name, [1])) for name in ("a", "a_", "ab")}
    assert left == {"a": 1, "a_": 0, "ab": 1}


async def test_an_action_that_comes_back_has_forgotten_what_it_remembered(database: Database) -> None:
    await register(database, "a")
    await database.change(lambda c, _: deliveries.keep(c, "a", b"old"))
    for names, body in ((["a"], b"old"), ([], b"old"), (["a"], None)):
        await register(database, *names)
        async with database.reading() as connection:
            assert await deliveries.recollect(connection, "a") == body


async def test_what_was_not_told_before_there_were_positions_is_told(database: Database) -> None:
    await register(database, "a")
    await put(database, "1", "2", "3")
    await database.downgrade("0008")
    async with database.writing() as (connection, _):
        assert await connection.scalar(text("SELECT count(*) FROM outbox WHERE delivered_at IS NULL")) == 3
        await connection.execute(text("UPDATE outbox SET delivered_at = created_at WHERE id = 1"))
    await database.upgrade()
    await register(database, "a", "b")
    assert [(await work(database, name)).position for name in ("a", "b")] == [1, 1]
    await register(database, "a", "b", "c")
    assert (await work(database, "c")).position == 3


async def test_news_tell_what_the_books_have(grid: Grid) -> None:
    async with grid.open() as made:
        await sync(made)
        found = await everything(made)
        assert [one.key for one in found] == ["revision-1", "revision-2"]
        change = next(one for one in found[1].changes if one.row.element.name == "CE1")
        assert (change.element.site, change.before is not change.after, change.at) == ("SITE", True, NOW)
        assert (len(change.verdicts), change.combined) == (1, change.after)


async def test_a_row_of_a_vo_takes_the_place_of_that_of_all_and_gives_it_back(grid: Grid) -> None:
    ce1, ce2 = (RowName(ElementName(name), vo="cms") for name in ("CE1", "CE2"))
    async with grid.open() as made:
        await sync(made)
        await made.statuses.set(ADMIN, [ce2], Status.BANNED, "security")
        await made.statuses.set(ADMIN, [ce1], Status.ACTIVE, "it works for us")
        await made.tokens.release(ADMIN, [ce1])
        told = [change for one in await everything(made) for change in one.changes if change.row.vo == "cms"]
        seen = [(one.kind, one.seen_before, one.seen_after, one.severity) for one in told]
    assert seen == [
        ("opened", Status.ACTIVE, Status.BANNED, Severity.LOST),
        ("opened", Status.BANNED, Status.ACTIVE, Severity.REGAINED),
        ("ended", Status.ACTIVE, Status.BANNED, Severity.LOST),
    ]


async def everything(made: Installation) -> list[News]:
    async with made.database.reading() as connection:
        return await news.load(connection, await outbox.after(connection, 0, 100))
