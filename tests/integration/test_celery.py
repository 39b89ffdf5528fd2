"""Hints by Celery, on a real Redis: who is there hears them, and nobody minds where they cannot be told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from gridmask.inspection.engines import counting
from gridmask.inspection.engines.celery import CeleryBell
from gridmask.inspection.work import EVALUATE, READ, Job
from tests.conftest import where_installed
from tests.services import PASSWORD, redis

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    with where_installed(), redis() as service:
        yield f"redis://:{quote(PASSWORD)}@127.0.0.1:{service.port}/0"


def rung(outcome: str) -> float:
    return float(counting.RUNG.labels(outcome)._value.get())


async def test_who_is_there_hears_what_is_due_of_its_kinds(broker: str) -> None:
    heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    async def hear(kind: str, key: str) -> None:
        heard.put_nowait((kind, key))

    bell, ringer = CeleryBell(broker, "test", [READ, EVALUATE]), CeleryBell(broker, "test", [])
    [(_, listen)] = bell.works(hear)
    listening = asyncio.ensure_future(listen())
    await ringer.ring([Job(READ, "osg"), Job("sweep"), Job(EVALUATE)])
    async with asyncio.timeout(60):
        assert {await heard.get(), await heard.get()} == {(READ, "osg"), (EVALUATE, "")}
    assert bell.is_heard
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    assert heard.empty()


async def test_a_broker_that_is_away_keeps_nobody_waiting() -> None:
    ringer, before = CeleryBell("redis://127.0.0.1:9/0", "test", []), rung("failed")
    async with asyncio.timeout(1):
        await ringer.ring([Job(READ, "osg")])
    async with asyncio.timeout(30):
        while rung("failed") == before:  # noqa: ASYNC110 - it is another thread
            await asyncio.sleep(0.02)
    assert list(ringer.works(nobody)) == []


async def nobody(*_: str) -> None: ...
