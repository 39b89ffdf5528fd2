"""A stream is told to who may read, and no longer: what let them in ends, or is revoked, while it goes on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from gridmask.api import wheel
from tests.api.test_access import TOKENS, issued, showing
from tests.api.test_limits import guarded as limited
from tests.api.test_rights import SIGNER, Asking, guarded
from tests.logins import SAME, browsing
from tests.provider import Provider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx2

    from tests.grid import Grid

STREAM = "/api/v1/masks/cms/stream"


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel, "TURN", 0.05)


@asynccontextmanager
async def following(client: httpx2.AsyncClient, headers: dict[str, str]) -> AsyncIterator[asyncio.Task[httpx2.Response]]:
    """Somebody who follows a mask, for long enough to be asked several times whether they may; they are let."""
    task = asyncio.create_task(client.get(STREAM, headers=headers))
    done, _ = await asyncio.wait((task,), timeout=0.1)
    assert not done, task.result().text
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def ends(task: asyncio.Task[httpx2.Response]) -> bool:
    answer = await asyncio.wait_for(asyncio.shield(task), 5)
    return answer.status_code == 200 and "event: mask" in answer.text


@pytest.fixture
async def asking(grid: Grid) -> AsyncIterator[Asking]:
    async with guarded(grid, "vo") as asking:
        yield asking


async def test_a_stream_ends_with_the_token_that_opened_it(asking: Asking, grid: Grid) -> None:
    async with following(asking.client, asking.bearer("/cms")) as stream:
        grid.clock.advance(hours=2)
        assert await ends(stream)


async def test_a_stream_ends_once_the_service_token_is_revoked(asking: Asking, grid: Grid) -> None:
    token = await issued(asking)
    async with following(asking.client, showing(token)) as stream:
        revoke = f"{TOKENS}/{token['id']}/revoke"
        await asking.client.post(revoke, json={"reason": "leaked"}, headers=asking.bearer("/experts"))
        grid.clock.advance(seconds=6)
        assert await ends(stream)


async def test_a_stream_ends_when_its_reader_logs_out(grid: Grid) -> None:
    async with browsing(grid, Provider()) as browser:
        await browser.log_in(groups=["/cms"])
        kept = {"Cookie": f"__Host-gridmask={browser.session}"}
        async with following(browser.client, kept) as stream:
            assert (await browser.client.post("/logout", headers=SAME)).status_code == 303
            assert await ends(stream)


async def test_a_stream_ends_when_the_session_is_over(grid: Grid) -> None:
    async with browsing(grid, Provider()) as browser:
        await browser.log_in(groups=["/cms"])
        async with following(browser.client, {}) as stream:
            grid.clock.advance(hours=9)
            assert await ends(stream)


async def test_where_everybody_reads_a_stream_goes_on_though_its_reader_is_nobody(grid: Grid) -> None:
    async with guarded(grid, "public") as asking, following(asking.client, {}) as stream:
        grid.clock.advance(hours=9)
        assert not stream.done()


async def test_of_streams_nobody_has_more_than_their_part(grid: Grid) -> None:
    async with limited(grid, limits={"streams_each": 1}) as asking:
        cms, experts = asking.bearer("/cms"), {"Authorization": f"Bearer {SIGNER.token(grid.clock(), sub='5678')}"}
        async with following(asking.client, cms):
            answer = await asking.client.get(STREAM, headers=cms)
            assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
            async with following(asking.client, experts):
                pass
        async with following(asking.client, cms):
            pass
