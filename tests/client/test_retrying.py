"""Answers that are lost on the way, servers that are gone or say too much: over a real connection, with either client."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gridmask_client import AsyncClient, Client, Named, access, audit, masks, statuses
from gridmask_client.errors import AnswerLost, TooLarge, Unreachable, Unreadable, Unusable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.client.conftest import Ask

ROW = [Named("CE2", "atlas")]


class Losing(httpx2.BaseTransport):
    """Has the first answers done, and loses them."""

    def __init__(self, lost: int) -> None:
        self.lost = lost
        self._through = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._through.handle_request(request)
        if self.lost > 0:
            self.lost -= 1
            answer.read()
            raise httpx2.ReadError("the connection broke")
        return answer

    def close(self) -> None:
        self._through.close()


class LosingAsync(httpx2.AsyncBaseTransport):
    """The same for the other client."""

    def __init__(self, lost: int) -> None:
        self.lost = lost
        self._through = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._through.handle_async_request(request)
        if self.lost > 0:
            self.lost -= 1
            await answer.aread()
            raise httpx2.ReadError("the connection broke")
        return answer

    async def aclose(self) -> None:
        await self._through.aclose()


def losing(kind: str, lost: int) -> Any:  # noqa: ANN401 - either
    return Losing(lost) if kind == "sync" else LosingAsync(lost)


def answering(body: bytes, **headers: str) -> httpx2.MockTransport:
    """Answers whoever asks with this, as it is."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.MockTransport(lambda _: httpx2.Response(200, headers=given, stream=httpx2.ByteStream(body)))


def changes(ask: Ask) -> int:
    return sum(entry.action == "set Banned" for entry in ask.each(audit.list(vo="atlas", limit=100)))


def test_a_change_whose_answer_is_lost_is_made_once(asker: Callable[..., Ask], ask: Ask, address: str) -> None:
    before = changes(ask)
    done = asker(address, transport=losing(ask.kind, 2)).do(statuses.set(ROW, "Banned", "a try"))
    assert (done.statuses[0].status, changes(ask) - before) == ("Banned", 1)


def test_who_gave_up_can_ask_later_what_became_of_it(asker: Callable[..., Ask], ask: Ask, address: str) -> None:
    before, call = changes(ask), statuses.set(ROW, "Banned", "another")
    with pytest.raises(Unreachable) as gone:
        asker(address, transport=losing(ask.kind, 99)).do(call)
    done = ask.do(call.once(gone.value.key))
    assert (done.statuses[0].reasons[0].text, changes(ask) - before) == ("another", 1)


def test_a_call_is_carried_out_anew_each_time(ask: Ask) -> None:
    before, call = changes(ask), statuses.set(ROW, "Banned", "each time")
    for _ in range(2):
        ask.do(call)
    assert changes(ask) - before == 2


def test_many_ask_at_once(address: str) -> None:
    with Client(address) as asking, ThreadPoolExecutor(8) as threads:
        assert {*threads.map(lambda _: asking.do(access.whoami()).name, range(32))} == {"local"}


async def test_many_tasks_ask_at_once(address: str) -> None:
    async with AsyncClient(address) as asking:
        assert len(await asyncio.gather(*(asking.do(access.whoami()) for _ in range(32)))) == 32


def test_where_nobody_listens_nobody_answers(asker: Callable[..., Ask]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match="GET /api/v1/access: no answer came"):
        asker(f"http://127.0.0.1:{port}").do(access.whoami())


def test_who_keeps_silent_is_given_up(asker: Callable[..., Ask]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(Unreachable):
            asker(f"http://127.0.0.1:{port}", timeout=0.05).do(access.whoami())


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 1_000_000])
def test_whatever_is_packed_is_unpacked_whole(asker: Callable[..., Ask], size: int) -> None:
    asking = asker("http://127.0.0.1:9", transport=answering(gzip.compress(b" " * size), content_encoding="gzip"))
    assert asking.do(masks.document("cms", "text")).value == b" " * size


@pytest.mark.parametrize("packed", [False, True])
def test_more_than_is_allowed_is_not_read(asker: Callable[..., Ask], packed: bool) -> None:  # noqa: FBT001 - a case
    body = b" " * 10_000_000
    answer = answering(gzip.compress(body), content_encoding="gzip") if packed else answering(body)
    asking = asker("http://127.0.0.1:9", transport=answer, most_bytes=9_999_999)
    with pytest.raises(TooLarge, match="9,999,999"):
        asking.do(masks.document("cms", "text"))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", b"no"), ("br", b"x"), ("gzip", zlib.compress(b"x")), ("gzip", gzip.compress(b"a") + gzip.compress(b"b"))],
)
def test_what_is_not_packed_as_it_should_be_is_not_read(asker: Callable[..., Ask], encoding: str, body: bytes) -> None:
    asking = asker("http://127.0.0.1:9", transport=answering(body, content_encoding=encoding))
    with pytest.raises(Unreadable):
        asking.do(masks.document("cms", "text"))


@pytest.mark.parametrize("part", [0, 5, -4])
def test_what_ends_too_early_is_no_answer(asker: Callable[..., Ask], part: int) -> None:
    body = gzip.compress(b"# vo=cms revision=1\n" * 50)[:part]
    asking = asker("http://127.0.0.1:9", transport=answering(body, content_encoding="gzip"))
    with pytest.raises(Unreachable, match="too early"):
        asking.do(masks.document("cms", "text"))


def test_a_lost_secret_is_not_told_twice(asker: Callable[..., Ask], ask: Ask, address: str) -> None:
    from gridmask_client import service_tokens  # noqa: PLC0415

    asking = asker(address, transport=losing(ask.kind, 1))
    with pytest.raises(AnswerLost):
        asking.do(service_tokens.issue("probes", [("reader", "cms")], 1, "a try"))


@pytest.mark.parametrize(
    "url", ["", "rss.example.org", "ftp://x", "http://", "https://u:p@x/", "https://x/?q", "https://x:a", "https://[x"]
)
def test_what_is_no_address_is_told_without_its_secrets(kind: str, url: str) -> None:
    with pytest.raises(Unusable) as refused:
        (Client if kind == "sync" else AsyncClient)(url)
    assert "u:p" not in str(refused.value)
