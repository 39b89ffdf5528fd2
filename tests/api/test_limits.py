"""How much somebody may ask for, and how slowly."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.api.patience import Patient
from gridmask.bootstrap import installation
from tests.api.conftest import BASE
from tests.api.test_rights import ISSUER, SIGNER, Asking
from tests.served import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.grid import Grid

WHO = "/api/v1/access"
LIMITS = {"rate": 0.01, "burst": 3, "strangers_rate": 0.01, "strangers_burst": 2}


@contextlib.asynccontextmanager
async def guarded(grid: Grid, reading: str = "authenticated", **more: Any) -> AsyncIterator[Asking]:  # noqa: ANN401
    settings = grid.settings(**{"access": {"reading": reading}, "issuer": [ISSUER], "limits": LIMITS, **more})
    async with SIGNER.client(grid.clock) as client, installation(settings, clock=grid.clock, client=client) as made:
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as asking:
            yield Asking(asking, grid)


async def statuses(asking: Asking, path: str, times: int, **headers: str) -> list[int]:
    return [(await asking.client.get(path, headers=headers)).status_code for _ in range(times)]


async def test_who_asks_too_often_is_told_when_to_come_back(grid: Grid) -> None:
    async with guarded(grid) as asking:
        token = asking.bearer("/cms/ops")
        answers = [await asking.client.get(WHO, headers=token) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["RateLimit"][:11] for answer in answers] == ['"known";r=2', '"known";r=1'] + ['"known";r=0'] * 2
        assert answers[0].headers["RateLimit-Policy"] == '"known";q=3;w=300'
        assert (answers[3].headers["Retry-After"], answers[3].json()["type"]) == ("100", "urn:gridmask:problem:too-much")
        assert await statuses(asking, WHO, 1) == [200]  # somebody else


async def test_masks_and_health_may_be_asked_for_as_often_as_one_likes(grid: Grid) -> None:
    async with guarded(grid) as asking:
        for path in ("/api/v1/masks/cms", "/healthz"):
            assert await statuses(asking, path, 9, **asking.bearer("/cms")) == [200] * 9


async def test_who_shows_what_proves_nothing_shares_a_bucket_with_all_strangers_there(grid: Grid) -> None:
    async with guarded(grid) as asking:
        forged = {"Authorization": "Bearer gm_forged"}
        assert await statuses(asking, "/api/v1/masks/cms", 3, **forged) == [401, 401, 429]
        assert await statuses(asking, WHO, 1) == [429]
        assert await statuses(asking, WHO, 1, **asking.bearer("/cms")) == [200]


async def test_whence_somebody_says_to_come_is_of_no_use_to_who_asks_too_often(grid: Grid) -> None:
    async with guarded(grid) as asking:
        whence = [{"X-Forwarded-For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"} for number in range(3)]
        assert [(await asking.client.get(WHO, headers=one)).status_code for one in whence] == [200, 200, 429]


async def test_by_a_proxy_each_counts_for_themselves_and_nobody_can_pass_for_another(grid: Grid) -> None:
    async with guarded(grid, access={"reading": "public", "proxies": ["127.0.0.1"]}) as asking:
        # the last is what the proxy saw itself
        mallory = [{"X-Forwarded-For": f"198.51.100.{number}, 192.0.2.66"} for number in range(3)]
        assert [(await asking.client.get(WHO, headers=one)).status_code for one in mallory] == [200, 200, 429]
        assert await statuses(asking, WHO, 1, **{"X-Forwarded-For": "192.0.2.66, 192.0.2.1"}) == [200]


async def test_addresses_of_ipv4_are_apart_also_by_a_socket_for_both(grid: Grid) -> None:
    settings = grid.settings(access={"reading": "public"}, limits=LIMITS)
    async with installation(settings, clock=grid.clock) as made:
        app = create_app(made)
        for address, status in (("::ffff:192.0.2.1", [200, 200, 429]), ("::ffff:192.0.2.2", [200])):
            transport = httpx2.ASGITransport(app, client=(address, 1))
            async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
                assert await statuses(Asking(client, grid), WHO, len(status)) == status


async def test_a_client_of_diracx_is_told_so_in_its_words(grid: Grid) -> None:
    async with guarded(grid, diracx_rest={"enabled": True, "vo": "cms"}) as asking:
        forged = {"Authorization": "Bearer gm_forged"}
        last = [await asking.client.get("/api/rss/storage", headers=forged) for _ in range(3)][-1]
        assert (last.status_code, [*last.json()], last.headers["Retry-After"]) == (429, ["detail"], "100")
        assert set(await statuses(asking, "/api/rss/storage", 9, **asking.bearer("/cms"))) == {200}


async def test_without_authentication_nobody_is_counted(client: httpx2.AsyncClient) -> None:
    assert "RateLimit" not in (await client.get(WHO)).headers


# --- Slowly


@contextlib.asynccontextmanager
async def connected(address: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
    async with asyncio.timeout(5):
        yield reader, writer
    writer.close()


HEAD = b"POST /api/v1/tokens/release HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 28\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 28\r\nIdempotency-Key: a\r\n"]
)
async def test_a_body_that_takes_too_long_is_given_up(grid: Grid, framing: bytes) -> None:
    with served(grid, limits={"body": timedelta(milliseconds=50)}) as address:
        async with connected(address) as (reader, writer):
            writer.write(HEAD + framing + b"\r\n")
            answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"application/problem+json" in answer


async def test_a_connection_that_never_comes_to_the_point_is_closed(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patient, "within", 0.05)
    with served(grid) as address:
        for said in (b"", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "):
            async with connected(address) as (reader, writer):
                writer.write(said)
                assert await reader.read() == b""


async def test_a_connection_that_is_used_again_is_watched_again(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patient, "within", 0.2)
    with served(grid) as address:
        async with connected(address) as (reader, writer):
            for _ in range(2):
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
            writer.write(b"GET /heal")
            assert await reader.read() == b""


# --- Many at once


async def test_one_connection_too_many_is_closed_at_once(grid: Grid) -> None:
    with served(grid, limits={"connections": 1}) as address:
        async with connected(address) as (reader, writer):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
            async with connected(address) as (other, _):
                with contextlib.suppress(ConnectionResetError):
                    assert await other.read() == b""
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 200")
        async with connected(address) as (reader, writer):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")


# --- What is no request, or two


SMUGGLED = [
    b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    b"Content-Length: 2\r\nContent-Length: 3\r\n",
    b"Content-Length: +2\r\n",
    b"Content-Length: 2, 3\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding: chunked, identity\r\n",
    b"Transfer-Encoding : chunked\r\n",
    b"Host: evil.example.org\r\n",
    b"X: a\x00b\r\n",
]


@pytest.mark.parametrize("lines", SMUGGLED)
async def test_what_could_be_read_as_two_requests_is_read_as_none(address: str, lines: bytes) -> None:
    async with connected(address) as (reader, writer):
        writer.write(HEAD + lines + b"\r\n{}GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        writer.write_eof()
        answer = await reader.read()
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501"))
