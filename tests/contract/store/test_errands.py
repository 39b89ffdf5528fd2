"""Errands on every database: written down with what is done for them, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.errors import InProgress, KeyReused
from gridmask.store import errands
from gridmask.store.database import advance
from gridmask.store.errands import Answer, Done, Errand
from tests.clocks import NOW
from tests.contract import books

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.store.database import Database

DAY = timedelta(days=1)
ANSWER = Answer(201, {"location": "/there"}, b"\x00\xff" * 100_000)


def errand(key: str = "a", request: str = "r", *, later: timedelta = timedelta()) -> Errand:
    return Errand("somebody", key, "f" * 64, request, NOW + later, NOW + later - DAY)


async def count(connection: AsyncConnection, before: int) -> None:
    await advance(connection, before + 1)


async def do(database: Database, one: Errand) -> None:
    with errands.running(one):
        await database.change(count)


async def test_an_errand_is_known_once_it_is_done_and_its_answer_once_that_is_kept(database: Database) -> None:
    one = errand()
    await do(database, one)
    async with database.reading() as connection:
        assert await errands.find(connection, one) == Done(one.fingerprint, "r", NOW, None)
    await database.change(lambda connection, _: errands.keep(connection, one, ANSWER))
    async with database.reading() as connection:
        assert await errands.find(connection, errand(later=DAY)) == Done(one.fingerprint, "r", NOW, ANSWER)
        assert await errands.find(connection, errand("A")) is None


async def test_what_another_process_has_done_is_not_done_again(database: Database) -> None:
    await do(database, errand())
    with pytest.raises(InProgress):
        await do(database, errand(request="s"))
    with pytest.raises(KeyReused):
        await do(database, replace(errand(), fingerprint="e" * 64))
    assert set((await books.read(database))["counter"]) == {(1, 1)}


async def test_what_fails_leaves_nothing_behind(database: Database) -> None:
    async def fail(*_: object) -> None:
        raise ValueError("no")

    one = errand()
    with errands.running(one), pytest.raises(ValueError, match="no"):
        await database.change(fail)
    assert (one.is_done, await books.counts(database, "idempotency_keys")) == (False, {"idempotency_keys": 0})


async def test_a_key_that_is_forgotten_counts_anew(database: Database) -> None:
    await do(database, errand())
    await do(database, errand(later=DAY + timedelta(seconds=1), request="s"))
    async with database.reading() as connection:
        found = await errands.find(connection, errand(later=DAY))
    assert found is not None
    assert found.request == "s"


async def test_several_transactions_of_one_errand_are_written_down_once(database: Database) -> None:
    one = errand()
    with errands.running(one):
        for _ in range(2):
            await database.change(count)
    await database.change(count)
    assert await books.counts(database, "idempotency_keys") == {"idempotency_keys": 1}
