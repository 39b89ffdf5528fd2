"""Receivers of webhooks that are not as they should be: they talk rubbish, send elsewhere, ask to wait, are somebody else."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from gridmask.domain.errors import InvalidConfiguration
from tests.clocks import at
from tests.grid import ADMIN, Grid, sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.pki import Pki


@asynccontextmanager
async def answering(head: str, piece: bytes = b"", times: int = 0) -> AsyncIterator[str]:
    """Where each request is answered with ``head``, and then with ``piece`` so many times."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
            for _ in range(times):
                writer.write(piece)
                await writer.drain()
            writer.close()
            await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"


async def outcome(grid: Grid, url: str) -> list[tuple[str, str, str]]:
    """What becomes of what is told there."""
    async with grid.open(webhook=({"name": "ours", "url": url},)) as made:
        await sync(made, "osg")
        await made.dispatcher.deliver()
        found = await made.deliveries.failed(ADMIN)
        return [(one.trouble, one.state, one.failure) for one in found]


@pytest.mark.parametrize("times", [1, 10_000])
async def test_what_a_receiver_says_beside_yes_is_not_read(grid: Grid, times: int) -> None:
    async with answering("HTTP/1.1 200 OK\nContent-Type: text/html", b"\x00<rubbish>" * 8192, times) as url:
        assert await outcome(grid, url) == []


async def test_a_receiver_that_does_not_speak_http_was_not_told(grid: Grid) -> None:
    async with answering("220 mail.example.org ESMTP", b"\xff" * 100_000, 1) as url:
        assert [(trouble, state) for trouble, state, _ in await outcome(grid, url)] == [("unreachable", "waiting")]


async def test_redirects_are_not_followed_and_the_error_says_what_to_do(grid: Grid) -> None:
    async with answering("HTTP/1.1 308 Moved\nLocation: http://127.0.0.1:1/secret") as url:
        [(trouble, state, failure)] = await outcome(grid, url)
    assert (trouble, state) == ("refused", "dead")
    why = "answered with HTTP status 308: name the address that it leads to; redirects are not followed"
    assert failure == f"{url}: {why}"


@pytest.mark.parametrize("asked", ["7200", "Fri, 21 Aug 2026 19:00:00 GMT"])
async def test_who_says_when_to_come_again_is_told_then(grid: Grid, asked: str) -> None:
    async with (
        answering(f"HTTP/1.1 429 Too Many\nRetry-After: {asked}") as url,
        grid.open(webhook=({"name": "ours", "url": url},)) as made,
    ):
        await sync(made, "osg")
        await made.dispatcher.deliver()
        [failure] = await made.deliveries.failed(ADMIN)
    assert failure.next_at == at(hours=2)


@pytest.mark.parametrize(
    ("url", "problem"),
    [("hook.example.org/told", "http"), ("https:///told", "all its parts"), ("ftp://hook.example.org/", "http")],
)
async def test_an_address_that_is_none_is_told_at_the_start(grid: Grid, url: str, problem: str) -> None:
    with pytest.raises(InvalidConfiguration, match=f"webhook ours.*{problem}"):
        async with grid.open(webhook=({"name": "ours", "url": url},)):
            pass


async def test_a_password_in_an_address_is_shown_nowhere(grid: Grid) -> None:
    async with answering("HTTP/1.1 403 No") as url:
        with capture_logs() as logs:
            [(_, _, failure)] = await outcome(grid, url.replace("//", "//user:pass-word@") + "?token=secret-word")
    assert [word for word in ("pass-word", "secret-word") if word in failure + str(logs)] == []


async def test_a_secret_that_everybody_can_read_is_remarked_on(grid: Grid) -> None:
    files = {name: grid.folder / name for name in ("open", "closed")}
    for (name, path), mode in zip(files.items(), (0o644, 0o600), strict=True):
        path.write_text(f"{name}, and of enough bytes")
        path.chmod(mode)
    hooks = [{"name": name, "url": "http://127.0.0.1:1/", "secret_file": path} for name, path in files.items()]
    with capture_logs() as logs:
        async with grid.open(webhook=hooks):
            pass
    [remark] = [one for one in logs if one["event"] == "a secret can be read by everybody on this machine"]
    assert (remark["action"], remark["option"]) == ("open", "secret_file")


async def test_a_receiver_is_believed_by_the_cas_that_are_named_for_it(grid: Grid, pki: Pki) -> None:
    told: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 X\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=pki.server()) as server:
        url = f"https://localhost:{server.sockets[0].getsockname()[1]}/"
        trusting: list[tuple[dict[str, Any], dict[str, Any]]]
        trusting = [({"ca_file": pki.ca}, {}), ({}, {"http": {"ca_bundle": pki.ca}}), ({}, {})]
        for own, shared in trusting:
            async with grid.open(webhook=({"name": "ours", "url": url, **own},), **shared) as made:
                await sync(made, "osg")
                assert await made.dispatcher.deliver() is bool(own or shared)
    assert len(told) == 2
